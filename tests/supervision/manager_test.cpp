#include "actors/manager.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/journals.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::recorder;
using testing::simulated_runtime;
using words = std::vector<std::string>;

namespace {

runtime_options with_limits(admission_limits limits) {
  runtime_options options;
  options.manager.limits = limits;
  return options;
}

std::vector<task_state> states(const recorder& owner) {
  std::vector<task_state> all;
  for (const auto& task : owner->list()) all.push_back(task.state);
  return all;
}

}  // namespace

TEST_CASE("ids count up in the order of acceptance", "[manager][B6]") {
  simulated_runtime sim;
  recorder owner(sim);
  for (std::uint64_t i = 0; i < 5; ++i) {
    CHECK(owner->spawn({}, nothing)->id() == task_id::sequential(i));
  }
}

TEST_CASE("each manager counts for itself and knows its own tasks only", "[manager]") {
  simulated_runtime sim;
  auto other = sim.open_manager({.limits = {.max_running = 1}});
  recorder here(sim, "here");
  recorder there(sim, other, "there");
  CHECK(here->spawn({.name = "n"}, wait_for_cancel)->id() == task_id::sequential(0));
  CHECK(there->spawn({.name = "n"}, wait_for_cancel)->id() == task_id::sequential(0));
  CHECK_FALSE(there->spawn({}, nothing));
  CHECK(here->spawn({}, nothing));
  CHECK(sim.default_manager().list().size() == 2);
  CHECK(other.list().size() == 1);
  CHECK(other.list()[0].owner == "there");
}

TEST_CASE("a manager counts what it took on", "[manager][A22]") {
  simulated_runtime sim(1, with_limits({.max_running = 2}));
  recorder owner(sim);
  const auto& manager = sim.default_manager();
  REQUIRE(owner->spawn({}, wait_for_cancel));
  REQUIRE(owner->spawn({}, nothing));
  CHECK_FALSE(owner->spawn({}, nothing));
  auto now = manager.metrics();
  CHECK(now.accepted == 2);
  CHECK(now.rejected == 1);
  CHECK(now.running == 2);
  CHECK(now.ended == 0);
  sim.run();
  now = manager.metrics();
  CHECK(now.running == 1);
  CHECK(now.ended == 1);
}

TEST_CASE("every refused spawn counts as rejected, whatever the reason", "[manager]") {
  simulated_runtime sim(1, {.manager = {.limits = {.max_running = 1}}});
  recorder owner(sim);
  REQUIRE(owner->spawn({.name = "n"}, wait_for_cancel));
  CHECK_FALSE(owner->spawn({.name = "n"}, nothing));
  CHECK_FALSE(owner->spawn({.name = "self"}, nothing));
  CHECK_FALSE(owner->spawn({.timeout = -1s}, nothing));
  CHECK_FALSE(owner->spawn({}, nothing));
  CHECK(sim.default_manager().metrics().accepted == 1);
  CHECK(sim.default_manager().metrics().rejected == 4);
}

TEST_CASE("at its limit a manager refuses, and takes on again when a task has ended",
          "[manager][A4][E4]") {
  simulated_runtime sim(1, with_limits({.max_running = 2}));
  recorder owner(sim);
  const auto first = *owner->spawn({}, wait_for_cancel);
  REQUIRE(owner->spawn({}, wait_for_cancel));
  sim.run();
  CHECK(owner->spawn({}, nothing).error() ==
        error{error_code::capacity_reached,
              "running task limit reached (2): limits.max_running; wait for one to end, or cancel "
              "one"});
  CHECK(owner->list().size() == 2);
  first.cancel();
  CHECK_FALSE(owner->spawn({}, nothing));  // it has not ended yet
  sim.run();
  CHECK(owner->spawn({}, nothing));
}

TEST_CASE("a spawn over the limit leaves no record, runs nothing and tells nobody",
          "[manager][A4][A5]") {
  struct bodies {
    static coroutine<void> note(task_context, bool* ran) {
      *ran = true;
      co_return;
    }
  };
  simulated_runtime sim(1, with_limits({.max_running = 1}));
  recorder owner(sim, "o", {.started_events = true});
  const auto first = *owner->spawn({}, wait_for_cancel);
  bool ran = false;
  CHECK_FALSE(owner->spawn({.name = "x"}, bodies::note, &ran));
  sim.run();
  first.cancel();
  sim.run_until_quiet();
  CHECK_FALSE(ran);
  CHECK(owner->list().size() == 1);
  CHECK_FALSE(owner->find("x"));
  CHECK(owner.events_of(first.id()).size() == owner.events().size());
  CHECK(owner->spawn({.name = "x"}, nothing)->id() == task_id::sequential(1));
}

TEST_CASE("a task that is finalizing still counts", "[manager][A35]") {
  struct bodies {
    static coroutine<void> lead(task_context self) {
      self.spawn({}, work_for, 5s, 1).value();
      co_return;
    }
  };
  simulated_runtime sim(1, with_limits({.max_running = 2}));
  recorder owner(sim);
  const auto lead = *owner->spawn({}, bodies::lead);
  sim.run();
  CHECK(lead.record().phase == task_phase::finalizing);
  CHECK(sim.default_manager().metrics().running == 2);
  CHECK_FALSE(owner->spawn({}, nothing));
  sim.advance(5s);
  CHECK(owner->spawn({}, nothing));
}

TEST_CASE("a full manager may queue tasks, and starts them in order", "[manager][D5][E32]") {
  using enum task_state;
  simulated_runtime sim(
      1, with_limits({.max_running = 2, .max_queued = 2, .when_full = on_full::queue}));
  recorder owner(sim, "o", {.started_events = true});
  for (int i = 0; i < 4; ++i) REQUIRE(owner->spawn({}, work_for, (i + 1) * 1s, i));
  CHECK(states(owner) == std::vector{running, running, queued, queued});
  CHECK(owner->spawn({}, nothing).error() ==
        error{error_code::capacity_reached, "queued task limit reached (2): limits.max_queued"});
  CHECK(sim.default_manager().metrics().queued == 2);
  CHECK_FALSE(owner->list()[2].started_at_ms);

  sim.advance(1s);
  CHECK(states(owner) == std::vector{completed, running, running, queued});
  sim.advance(1s);
  CHECK(states(owner) == std::vector{completed, completed, running, running});
  sim.run_until_quiet();
  CHECK(states(owner) == std::vector{completed, completed, completed, completed});
  CHECK(owner.story_of(task_id::sequential(3)) == words{"started", "completed"});
}

TEST_CASE("a time-out counts from the start, not while a task is queued", "[manager][D11]") {
  simulated_runtime sim(1, with_limits({.max_running = 1, .when_full = on_full::queue}));
  recorder owner(sim);
  REQUIRE(owner->spawn({}, work_for, 10s, 1));
  const auto second = *owner->spawn({.timeout = 3s}, wait_for_cancel);
  sim.advance(10s);
  CHECK(second.state() == task_state::running);
  sim.advance(3s);
  CHECK(second.state() == task_state::timed_out);
}

TEST_CASE("a queued task that is cancelled ends at once, without a start", "[manager][D10][D39]") {
  simulated_runtime sim(1, with_limits({.max_running = 1, .when_full = on_full::queue}));
  recorder owner(sim, "o", {.started_events = true});
  REQUIRE(owner->spawn({.name = "first"}, wait_for_cancel));
  const auto second = *owner->spawn({.name = "second"}, answer, 1);
  const auto third = *owner->spawn({}, answer, 3);
  sim.run();
  CHECK(second.send("before"));
  CHECK(second.cancel() == 1);
  CHECK(second.state() == task_state::cancelled);
  CHECK(end_of(second).error == "stop: requested");
  CHECK(second.send("after").error().code == error_code::task_ended);
  CHECK_FALSE(owner->find("second"));
  CHECK(sim.default_manager().metrics().queued == 1);
  owner->find("first")->cancel();
  sim.run();
  CHECK(owner.story_of(second.id()) == words{"cancelled"});
  CHECK(third.state() == task_state::completed);
}

TEST_CASE("a message to a queued task is there when it starts", "[manager][B47]") {
  simulated_runtime sim(1, with_limits({.max_running = 1, .when_full = on_full::queue}));
  recorder owner(sim);
  REQUIRE(owner->spawn({}, work_for, 1s, 1));
  const auto second = *owner->spawn({}, test::collect);
  CHECK(second.send("early"));
  second.close_inbox();
  sim.run_until_quiet();
  CHECK(end_of(second).result == json{"early"});
}

TEST_CASE("the messages to a queued task count against its inbox", "[manager][B57]") {
  simulated_runtime sim(1, with_limits({.max_running = 1, .when_full = on_full::queue}));
  recorder owner(sim);
  REQUIRE(owner->spawn({}, work_for, 1s, 1));
  const auto second = *owner->spawn({.inbox_capacity = 2}, test::collect);
  CHECK(second.send(1));
  CHECK(second.send(2));
  CHECK(second.send(3).error().code == error_code::inbox_full);
  sim.run_until_quiet();
  CHECK(second.send(4));
  second.close_inbox();
  sim.run();
  CHECK(end_of(second).result == json{1, 2, 4});
}

TEST_CASE("depth and total are limits of their own", "[manager][A44][D34]") {
  struct bodies {
    static coroutine<json> nest(task_context self) {
      const auto child = self.spawn({}, nest);
      co_return child ? json(nullptr) : json(child.error().message);
    }
  };
  simulated_runtime sim(1, with_limits({.max_depth = 2, .max_total = 3}));
  recorder owner(sim);
  REQUIRE(owner->spawn({}, bodies::nest));
  sim.run();
  const auto list = owner->list();
  REQUIRE(list.size() == 2);
  CHECK(list[0].depth == 0);
  CHECK(list[1].depth == 1);
  CHECK(list[1].end->result == "depth limit reached (2): limits.max_depth");
  CHECK(owner->spawn({}, nothing));
  sim.run();
  CHECK(owner->spawn({}, nothing).error().message ==
        "total task limit reached (3): limits.max_total");
}

TEST_CASE("a limit of 0 takes on nothing", "[manager][E39]") {
  simulated_runtime sim(1, with_limits({.max_running = 0}));
  recorder owner(sim);
  CHECK(owner->spawn({}, nothing).error().code == error_code::capacity_reached);
}

TEST_CASE("ended tasks beyond the limit are forgotten, their handles are not",
          "[manager][A24][D7]") {
  simulated_runtime sim(1, {.manager = {.max_finished = 0}});
  recorder owner(sim);
  const auto task = *owner->spawn({.name = "n"}, answer, 1);
  CHECK(owner->get(task.id()));
  sim.run();
  CHECK_FALSE(owner->get(task.id()));
  CHECK(owner->list().empty());
  CHECK(end_of(task).result == 1);
  CHECK(owner.ends_of(task.id()).size() == 1);
}

TEST_CASE("a manager whose options make no sense is refused by name", "[manager][E39]") {
  simulated_runtime sim;
  try {
    sim.open_manager({.grace = -1s});
    FAIL("no exception");
  } catch (const failure& why) {
    CHECK(why.why().code == error_code::invalid_argument);
    CHECK(why.why().message == "manager_options.grace must not be negative, it is -1 s");
  }
}

TEST_CASE("each grace period runs from when its task was told", "[manager]") {
  simulated_runtime sim(1, {.manager = {.grace = 5s}});
  recorder owner(sim);
  const auto listens = *owner->spawn({}, wait_for_cancel);
  const auto first = *owner->spawn({}, work_undisturbed, 1h, 1);
  const auto second = *owner->spawn({}, work_undisturbed, 1h, 2);
  sim.run();
  listens.cancel();
  first.cancel();
  sim.advance(2s);
  second.cancel();

  sim.advance(3s - 1ms);
  CHECK(first.state() == task_state::running);
  sim.advance(1ms);
  CHECK(first.state() == task_state::cancelled);
  sim.advance(2s - 1ms);
  CHECK(second.state() == task_state::running);
  sim.advance(1ms);
  CHECK(second.state() == task_state::cancelled);
}

TEST_CASE("a grace period that nobody needs any more takes no time", "[manager]") {
  simulated_runtime sim(1, {.manager = {.grace = 5s}});
  recorder owner(sim);
  const auto listens = *owner->spawn({}, wait_for_cancel);
  sim.run();
  const auto start = sim.now();
  listens.cancel();
  sim.run_until_quiet();
  CHECK(listens.has_ended());
  CHECK(sim.now() == start);
}

TEST_CASE("a list never shows more ended tasks than are kept", "[manager]") {
  simulated_runtime sim(1, {.manager = {.max_finished = 200}});
  recorder owner(sim);
  for (int i = 0; i < 1'010; ++i) {
    REQUIRE(owner->spawn({}, answer, i));
    sim.run();
  }
  const auto kept = owner->list();
  REQUIRE(kept.size() == 200);
  CHECK(kept.front().id == task_id::sequential(810));
}

TEST_CASE("a list may be asked for on any thread, and every record in it is whole",
          "[manager][A23]") {
  runtime real({.workers = 2});
  const auto owner = real.open_owner("o");
  std::atomic<bool> done{false};
  std::atomic<int> mistakes{0};
  std::vector<std::jthread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const auto list = owner.list();
        if (!std::ranges::is_sorted(list, {}, &record::id)) ++mistakes;
        for (const auto& task : list) {
          const bool has_ended = is_terminal(task.state);
          if (has_ended != task.end.has_value() || has_ended != task.ended_at_ms.has_value()) {
            ++mistakes;
          }
        }
      }
    });
  }
  for (int i = 0; i < 500; ++i) REQUIRE(owner.spawn({}, answer, i));
  CHECK(real.default_manager().drain(60s).is_clean());
  done = true;
  readers.clear();
  CHECK(mistakes == 0);
  CHECK(owner.list().size() == 500);
}

TEST_CASE("the record of an ended task is kept for a time", "[manager][A38][E23]") {
  simulated_runtime sim(1, {.manager = {.ttl = 5min}});
  recorder owner(sim);
  const auto first = (*owner->spawn({}, answer, 1)).id();
  const auto runs = (*owner->spawn({}, work_for, 1h, 1)).id();
  sim.run();
  sim.advance(2min);
  const auto second = (*owner->spawn({}, answer, 2)).id();
  sim.advance(3min - 1ms);
  CHECK(owner->get(first));
  sim.advance(1ms);
  CHECK_FALSE(owner->get(first));
  CHECK(owner->get(second));
  CHECK(owner->list().size() == 2);
  sim.advance(2min);
  REQUIRE(owner->list().size() == 1);
  CHECK(owner->list()[0].id == runs);
}

TEST_CASE("without time to live a record goes at once", "[manager][E23]") {
  simulated_runtime sim(1, {.manager = {.ttl = 0s}});
  recorder owner(sim);
  const auto id = (*owner->spawn({}, answer, 1)).id();
  sim.run();
  CHECK_FALSE(owner->get(id));
  CHECK(owner.ends_of(id).size() == 1);
}

TEST_CASE("no figure of a manager is ever below zero", "[manager]") {
  words story;
  const auto written = std::make_shared<spoken_journal>(story);
  written->on_accepted = disk_full;
  runtime real({.workers = 1, .manager = {.journal = written}});
  const auto owner = real.open_owner("o");
  constexpr int tried = 20'000;
  std::atomic<bool> done{false};
  std::thread refused([&] {
    for (int i = 0; i < tried; ++i) static_cast<void>(owner.spawn({}, nothing));
    done = true;
  });
  bool plausible = true;
  while (!done) {
    const auto now = real.default_manager().metrics();
    plausible = plausible && now.accepted <= tried && now.ended <= tried && now.running <= tried;
  }
  refused.join();
  CHECK(plausible);
  CHECK(real.default_manager().metrics().rejected == tried);
}

TEST_CASE("a body that never ends is given up only when there is a grace period", "[manager]") {
  simulated_runtime sim(1, {.shutdown_patience = 0s, .manager = {.grace = duration::max()}});
  recorder owner(sim);
  const auto task = *owner->spawn({}, work_undisturbed, 1000h, 1);
  sim.run();
  task.cancel();
  sim.advance(999h);
  CHECK(task.record().phase == task_phase::cancelling);
}

TEST_CASE("drains from several threads all come to an end", "[manager]") {
  runtime real({.workers = 2});
  const auto owner = real.open_owner("o");
  const auto start = real.now();
  for (int round = 0; round < 50; ++round) {
    const auto task = *owner.spawn({}, wait_for_cancel);
    std::atomic<int> clean{0};
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 3; ++i) {
        threads.emplace_back(
            [&] { clean += real.default_manager().drain(30s).is_clean() ? 1 : 0; });
      }
      task.cancel();
    }
    REQUIRE(clean == 3);
  }
  CHECK(real.now() - start < 30s);  // nobody waited in vain
}

namespace {

coroutine<void> spawn_later(actor_context<int>, owner from) {
  co_await sleep_for(1s);
  static_cast<void>(from.spawn({.name = "refused"}, nothing));
}

}  // namespace

TEST_CASE("a drain ends when the last spawn is taken back", "[manager][guarantee-11]") {
  words story;
  const auto written = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(1, {.manager = {.journal = written}});
  const auto owner = sim.open_owner("o");
  const auto task = *owner.spawn({}, wait_for_cancel);
  // While the journal thinks about the second task the first one ends.
  written->on_accepted = [&](const record& refused) -> result<void> {
    task.cancel();
    CHECK(task.wait(1ms));
    return disk_full(refused);
  };
  sim.spawn<int>(spawn_later, owner);
  const auto start = sim.now();
  CHECK(sim.default_manager().drain(1h).is_clean());
  CHECK(sim.now() - start == 1s);
}

TEST_CASE("a manager's handle outlives the runtime", "[manager]") {
  std::optional<manager> left;
  std::optional<owner> owner;
  {
    simulated_runtime sim;
    left = sim.default_manager();
    owner = sim.open_owner("o");
    REQUIRE(owner->spawn({}, nothing));
    sim.run();
  }
  CHECK(left->drain(1s).is_clean());
  CHECK(left->list().empty());
  CHECK(left->metrics().ended == 1);
  CHECK(owner->spawn({}, nothing).error().code == error_code::closed);
  CHECK(owner->next_event()->kind == event_kind::completed);
  CHECK_FALSE(owner->next_event());
  CHECK(owner->cancel_all() == 0);
}

}  // namespace actors
