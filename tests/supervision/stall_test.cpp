#include "actors/stall.hpp"

#include "actors/journal.hpp"
#include "actors/runtime.hpp"
#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::recorder;
using testing::simulated_runtime;
using words = std::vector<std::string>;

namespace {

runtime_options with_stall(stall_action action, duration grace = 5s) {
  runtime_options options;
  options.manager.grace = grace;
  options.manager.stall = stall_policy{.after = 40s, .action = action};
  return options;
}

struct bodies {
  /// Takes a turn every so often.
  static coroutine<void> plod(task_context, duration step, int steps) {
    for (int i = 0; i < steps; ++i) co_await sleep_for(step);
  }
  /// Waits for a child that plods.
  static coroutine<void> wait_for_child(task_context self, duration step, int steps) {
    const auto child = self.spawn({.name = "child"}, plod, step, steps).value();
    co_await child.ended();
  }
  /// Waits for a child that waits until it is told to stop.
  static coroutine<json> outlive_child(task_context self) {
    const auto child = self.spawn({.name = "child"}, wait_for_cancel).value();
    co_return to_string((co_await child.ended()).state);
  }
  static coroutine<void> emit_before_and_after(task_context self) {
    self.emit("before");
    try {
      co_await until_cancelled();
    } catch (const cancelled&) {
    }
    self.emit("after");
  }
  static coroutine<json> tell_reason(task_context self) {
    try {
      co_await self.inbox().next();
    } catch (const cancelled& why) {
      co_return to_string(why.reason());
    }
    co_return nullptr;
  }
  static coroutine<json> shut_itself_away(task_context) {
    co_await shield(10h, nap_of(9h));
    co_return "late";
  }
};

std::vector<event> stalls_of(const recorder& owner, task_id id) {
  std::vector<event> all;
  for (const auto& one : owner.events_of(id)) {
    if (one.kind == event_kind::stalled) all.push_back(one);
  }
  return all;
}

}  // namespace

TEST_CASE("a task that does nothing is reported, with what it waits for", "[stall][A48]") {
  simulated_runtime sim(GENERATE(range(0, 10)), with_stall(stall_action::notify));
  recorder owner(sim);
  const auto quiet = *owner->spawn({.name = "quiet"}, collect);
  sim.advance(39s);
  CHECK(stalls_of(owner, quiet.id()).empty());
  sim.advance(21s);
  const auto told = stalls_of(owner, quiet.id());
  REQUIRE(told.size() == 1);
  CHECK_FALSE(told[0].is_terminal());
  CHECK(told[0].payload == json{{"seconds", 40.0}, {"awaiting", "inbox"}});
  CHECK(to_string(told[0]) == R"(bg_0 quiet: stalled {"awaiting":"inbox","seconds":40.0})");
  CHECK(quiet.state() == task_state::running);
  CHECK(sim.default_manager().metrics().stalls == 1);
}

TEST_CASE("a task that works for longer than a stall is left alone", "[stall][A48]") {
  simulated_runtime sim(GENERATE(range(0, 10)), with_stall(stall_action::cancel));
  recorder owner(sim);
  const auto busy = *owner->spawn({}, bodies::plod, 30s, 100);
  sim.run_until_quiet();
  CHECK(end_of(busy).state == task_state::completed);
  CHECK(sim.default_manager().metrics().stalls == 0);
}

TEST_CASE("a stall is reported once, and the next one again", "[stall][A48]") {
  simulated_runtime sim(1, with_stall(stall_action::notify));
  recorder owner(sim);
  const auto quiet = *owner->spawn({}, collect);
  sim.advance(1h);
  CHECK(stalls_of(owner, quiet.id()).size() == 1);
  REQUIRE(quiet.send("wake up"));
  sim.advance(1h);
  CHECK(stalls_of(owner, quiet.id()).size() == 2);
  quiet.close_inbox();
  sim.run_until_quiet();
  CHECK(end_of(quiet).result == json::array({"wake up"}));
}

TEST_CASE("reports of stalls stand in the sequence of the task's events", "[stall][A48]") {
  simulated_runtime sim(1, with_stall(stall_action::notify));
  recorder owner(sim);
  const auto task = *owner->spawn({}, bodies::emit_before_and_after);
  sim.run_until_quiet();
  task.cancel();
  sim.run_until_quiet();
  CHECK(owner.story_of(task.id()) == words{"custom", "stalled", "custom", "completed"});
  std::uint64_t last = 0;
  for (const auto& one : owner.events_of(task.id())) CHECK(one.seq == ++last);
}

TEST_CASE("a simulation is quiet when every stall was reported", "[stall]") {
  simulated_runtime sim(1, with_stall(stall_action::notify));
  recorder owner(sim);
  const auto first = *owner->spawn({}, collect);
  const auto second = *owner->spawn({}, collect);
  sim.run_until_quiet();
  CHECK(sim.now() - time_point{} <= 60s);
  CHECK(stalls_of(owner, first.id()).size() == 1);
  REQUIRE(second.send("again"));
  sim.run_until_quiet();
  CHECK(stalls_of(owner, first.id()).size() == 1);
  CHECK(stalls_of(owner, second.id()).size() == 2);
  owner->cancel_all();
  sim.run_until_quiet();
  CHECK_FALSE(owner->has_running());
}

TEST_CASE("a parent that waits for a working child is not stalled", "[stall][A48]") {
  simulated_runtime sim(GENERATE(range(0, 10)), with_stall(stall_action::cancel));
  recorder owner(sim);
  const auto parent = *owner->spawn({}, bodies::wait_for_child, 30s, 20);
  sim.run_until_quiet();
  CHECK(end_of(parent).state == task_state::completed);
  CHECK(sim.default_manager().metrics().stalls == 0);
}

TEST_CASE("of those that wait for each other, the lowest is dealt with, and the others go on",
          "[stall][A48]") {
  simulated_runtime sim(GENERATE(range(0, 10)), with_stall(stall_action::cancel));
  recorder owner(sim);
  const auto parent = *owner->spawn({}, bodies::outlive_child);
  sim.run_until_quiet();
  CHECK(end_of(parent).state == task_state::completed);
  CHECK(end_of(parent).result == "cancelled");
  CHECK(sim.default_manager().metrics().stalls == 1);
}

TEST_CASE("where the report of the lowest changes nothing, those above it follow", "[stall][A48]") {
  simulated_runtime sim(1, with_stall(stall_action::notify));
  recorder owner(sim);
  const auto parent = *owner->spawn({}, bodies::outlive_child);
  sim.advance(60s);
  const auto child = owner->find("child").value();
  CHECK(stalls_of(owner, child.id()).size() == 1);
  CHECK(stalls_of(owner, parent.id()).empty());
  sim.run_until_quiet();
  CHECK(stalls_of(owner, child.id()).size() == 1);
  REQUIRE(stalls_of(owner, parent.id()).size() == 1);
  CHECK(stalls_of(owner, parent.id())[0].payload["seconds"] == 40.0);
}

TEST_CASE("a stalled task that is told to stop learns why", "[stall][A48]") {
  simulated_runtime sim(1, with_stall(stall_action::cancel));
  recorder owner(sim);
  const auto polite = *owner->spawn({}, bodies::tell_reason);
  const auto plain = *owner->spawn({}, wait_for_cancel);
  sim.run_until_quiet();
  CHECK(end_of(polite).result == "stalled");
  CHECK(end_of(plain) == outcome{task_state::cancelled, nullptr, "stop: stalled"});
  CHECK(owner.story_of(plain.id()) == words{"cancelled"});
}

TEST_CASE("a stalled task stops with everything below it", "[stall][E36]") {
  simulated_runtime sim(1, with_stall(stall_action::cancel));
  recorder owner(sim);
  struct more {
    static coroutine<void> leave_child(task_context self) {
      REQUIRE(self.spawn({.name = "child"}, wait_for_cancel));
      co_await sleep_for(1s);
    }
  };
  const auto parent = *owner->spawn({}, more::leave_child);
  sim.run_until_quiet();
  CHECK(parent.has_ended());
  CHECK_FALSE(owner->has_running());
  for (const auto& task : owner->list()) CHECK(owner.ends_of(task.id).size() == 1);
}

TEST_CASE("a stalled task that is given up has its outcome at once", "[stall][E36]") {
  simulated_runtime sim(GENERATE(range(0, 10)), with_stall(stall_action::abandon, 1h));
  recorder owner(sim);
  const auto stuck = *owner->spawn({}, bodies::shut_itself_away);
  sim.advance(60s);
  CHECK(end_of(stuck) ==
        outcome{task_state::cancelled, nullptr, "stalled: no progress for 40 s; abandoned"});
  CHECK(owner.ends_of(stuck.id()).size() == 1);
  CHECK_FALSE(owner->has_running());
}

TEST_CASE("a stalled task that does not stop when told is given up after its grace period",
          "[stall][E36]") {
  simulated_runtime sim(1, with_stall(stall_action::cancel, 5s));
  recorder owner(sim);
  const auto stuck = *owner->spawn({}, bodies::shut_itself_away);
  sim.advance(65s);
  CHECK(end_of(stuck) == outcome{task_state::cancelled, nullptr,
                                 "stop: stalled; abandoned, its body did not end within 5 "
                                 "s"});
}

TEST_CASE("queued tasks do not stall", "[stall]") {
  auto options = with_stall(stall_action::cancel);
  options.manager.limits = {.max_running = 1, .when_full = on_full::queue};
  simulated_runtime sim(1, options);
  recorder owner(sim);
  const auto first = *owner->spawn({}, bodies::plod, 30s, 10);
  const auto second = *owner->spawn({}, answer, json("mine"));
  sim.run_until_quiet();
  CHECK(end_of(first).state == task_state::completed);
  CHECK(end_of(second).result == "mine");
}

TEST_CASE("a parent that holds the place its child waits for stalls", "[stall]") {
  auto options = with_stall(stall_action::cancel);
  options.manager.limits = {.max_running = 1, .when_full = on_full::queue};
  simulated_runtime sim(1, options);
  recorder owner(sim);
  const auto parent = *owner->spawn({}, bodies::wait_for_child, 1s, 1);
  sim.run_until_quiet();
  CHECK(end_of(parent) == outcome{task_state::cancelled, nullptr, "stop: stalled"});
  CHECK_FALSE(owner->has_running());
}

TEST_CASE("each manager has its own policy, and none unless it says so", "[stall]") {
  simulated_runtime sim;
  auto watched = sim.open_manager({.stall = stall_policy{.after = 40s}});
  recorder here(sim, "here");
  recorder there(sim, watched, "there");
  const auto unwatched_task = *here->spawn({}, wait_for_cancel);
  const auto watched_task = *there->spawn({}, wait_for_cancel);
  sim.run_until_quiet();
  CHECK(here.events_of(unwatched_task.id()).empty());
  CHECK(there.story_of(watched_task.id()) == words{"stalled"});
}

TEST_CASE("tasks that come when nobody was left are watched again", "[stall]") {
  simulated_runtime sim(1, with_stall(stall_action::notify));
  recorder owner(sim);
  REQUIRE(owner->spawn({}, nothing));
  sim.run_until_quiet();
  CHECK(sim.now() == time_point{});  // nothing was left to look at
  sim.advance(1h);
  const auto later_one = *owner->spawn({}, wait_for_cancel);
  sim.run_until_quiet();
  CHECK(stalls_of(owner, later_one.id()).size() == 1);
}

TEST_CASE("a time without progress that is not positive is refused", "[stall]") {
  const auto after = GENERATE(0s, -1s);
  runtime_options options;
  options.manager.stall = stall_policy{.after = after};
  CHECK_THROWS_AS(simulated_runtime(1, options), failure);
}

TEST_CASE("threads: a stalled task is found", "[stall]") {
  runtime_options options;
  options.manager.stall = stall_policy{.after = 20ms, .action = stall_action::cancel};
  runtime home(options);
  const auto owner = home.open_owner("o");
  for (int i = 0; i < 3; ++i) {
    REQUIRE(owner.spawn({}, wait_for_cancel));
    const auto end = owner.next_event(1min);
    REQUIRE(end);
    CHECK(end->kind == event_kind::cancelled);
    CHECK(end->error == "stop: stalled");
  }
}

}  // namespace actors
