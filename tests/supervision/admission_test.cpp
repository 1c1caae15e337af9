#include "actors/admission.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/journals.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using enum task_state;
using testing::recorder;
using testing::simulated_runtime;
using words = std::vector<std::string>;
using states = std::vector<task_state>;

namespace {

runtime_options with_limits(admission_limits limits) { return {.manager = {.limits = limits}}; }

states states_of(const std::vector<task_handle>& tasks) {
  states all;
  for (const auto& task : tasks) all.push_back(task.state());
  return all;
}

/// Starts one child beside itself, in its own place, and gives the reason when it cannot.
coroutine<json> work_with_child(task_context self, duration time) {
  const auto child = self.spawn({.in_parents_slot = true}, work_for, time, 1);
  co_return child ? json(nullptr) : json(child.error().message);
}

}  // namespace

// --- Owners

TEST_CASE("an owner's limit counts its own tasks only", "[admission]") {
  simulated_runtime sim;
  recorder few(sim, "few", {.limits = {.max_running = 1}});
  recorder many(sim, "many");
  REQUIRE(few->spawn({}, wait_for_cancel));
  CHECK(few->spawn({}, nothing).error() ==
        error{error_code::capacity_reached,
              "running task limit reached (1): owner_options.limits.max_running; wait for one to "
              "end, or cancel one"});
  for (int i = 0; i < 5; ++i) CHECK(many->spawn({}, wait_for_cancel));
  few->cancel_all();
  sim.run();
  CHECK(few->spawn({}, nothing));
}

TEST_CASE("what an owner's tasks start counts against its limits", "[admission]") {
  simulated_runtime sim;
  recorder owner(sim, "o", {.limits = {.max_running = 2, .max_depth = 2, .max_total = 3}});
  REQUIRE(owner->spawn({}, work_with_child, 5s));
  sim.run();
  REQUIRE(owner->spawn({}, wait_for_cancel));  // the child shares its parent's place
  CHECK(owner->spawn({}, nothing).error().message ==
        "total task limit reached (3): owner_options.limits.max_total");
}

TEST_CASE("an owner and its manager must both have room", "[admission]") {
  simulated_runtime sim(1, with_limits({.max_running = 3}));
  recorder few(sim, "few", {.limits = {.max_running = 2}});
  recorder others(sim, "others");
  REQUIRE(few->spawn({}, wait_for_cancel));
  REQUIRE(others->spawn({}, wait_for_cancel));
  REQUIRE(others->spawn({}, wait_for_cancel));
  CHECK(few->spawn({}, nothing).error().message ==
        "running task limit reached (3): limits.max_running; wait for one to end, or cancel one");
  CHECK(sim.default_manager().metrics().running == 3);
  others->cancel_all();
  sim.run();
  CHECK(few->spawn({}, wait_for_cancel));
  CHECK_FALSE(few->spawn({}, nothing));
  CHECK(others->spawn({}, nothing));
}

TEST_CASE("a refusal by the manager leaves nothing behind at the owner", "[admission][A5][A7]") {
  simulated_runtime sim(1, with_limits({.max_running = 0}));
  auto other = sim.open_manager({.limits = {.max_total = 1}});
  recorder first(sim, other, "first", {.limits = {.max_running = 1, .max_total = 2}});
  REQUIRE(first->spawn({.name = "n"}, nothing));
  sim.run();
  for (int i = 0; i < 3; ++i) {
    CHECK(first->spawn({.name = "n"}, nothing).error().message ==
          "total task limit reached (1): limits.max_total");
  }
  CHECK(first->list().size() == 1);
  CHECK_FALSE(first->find("n"));
  CHECK(other.metrics().accepted == 1);
  CHECK(other.metrics().running == 0);
}

TEST_CASE("a task whose record is refused gives its places back", "[admission][A7][A52][B10]") {
  words story;
  const auto journal = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(1, {.manager = {.limits = {.max_running = 2}, .journal = journal}});
  recorder owner(sim, "o", {.limits = {.max_running = 2, .max_total = 2}});
  REQUIRE(owner->spawn({.slot = "s"}, wait_for_cancel));
  journal->on_accepted = disk_full;
  CHECK_FALSE(owner->spawn({.name = "n"}, nothing));
  CHECK_FALSE(owner->spawn({.slot = "s"}, nothing));
  CHECK_FALSE(owner->spawn({.slot = "t"}, nothing));
  CHECK(sim.default_manager().metrics().running == 1);
  journal->on_accepted = nullptr;
  CHECK(owner->spawn({.name = "n"}, nothing));
  sim.run();
  CHECK(owner->list().size() == 2);
}

TEST_CASE("an owner may queue what its limit does not let run", "[admission][D5][D39]") {
  simulated_runtime sim;
  recorder few(sim, "few",
               {.limits = {.max_running = 1, .max_queued = 2, .when_full = on_full::queue}});
  std::vector<task_handle> tasks;
  for (int i = 0; i < 3; ++i) tasks.push_back(*few->spawn({}, work_for, 1s, i));
  CHECK(few->spawn({}, nothing).error().message ==
        "queued task limit reached (2): owner_options.limits.max_queued");
  CHECK(states_of(tasks) == states{running, queued, queued});
  CHECK(sim.default_manager().metrics().running == 1);
  CHECK(sim.default_manager().metrics().queued == 2);
  sim.advance(1s);
  CHECK(states_of(tasks) == states{completed, running, queued});
  CHECK(tasks[2].cancel() == 1);
  CHECK(tasks[2].state() == cancelled);
  CHECK(sim.default_manager().metrics().queued == 0);
  sim.advance(1s);
  CHECK(states_of(tasks) == states{completed, completed, cancelled});
}

TEST_CASE("a spawn may bring its own limit of running tasks", "[admission][A3]") {
  simulated_runtime sim(1, with_limits({.max_running = 2}));
  recorder one(sim, "one");
  recorder other(sim, "other");
  REQUIRE(one->spawn({}, wait_for_cancel));
  CHECK(other->spawn({.max_running = 1}, nothing).error() ==
        error{error_code::capacity_reached,
              "running task limit reached (1): spec.max_running; wait for one to end, or cancel "
              "one"});
  CHECK(other->spawn({.max_running = 2}, wait_for_cancel));
  CHECK_FALSE(one->spawn({}, nothing));
  CHECK(one->spawn({.max_running = 3}, wait_for_cancel));
  CHECK_FALSE(one->spawn({.max_running = 3}, nothing));
  CHECK(sim.default_manager().metrics().running == 3);
}

TEST_CASE("a limit of the spawn without one of the manager is refused", "[admission][A3]") {
  simulated_runtime sim;
  recorder owner(sim);
  CHECK(owner->spawn({.max_running = 3}, nothing).error() ==
        error{error_code::invalid_argument,
              "spec.max_running (3) stands for manager_options.limits.max_running, which is not "
              "set"});
}

TEST_CASE("a task that may not start others starts none", "[admission][A44]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto leaf = *owner->spawn({.may_spawn = false}, work_with_child, duration(1s));
  sim.run();
  CHECK(end_of(leaf).result == "the task bg_0 may not start others: spec.may_spawn is false");
  CHECK(owner->list().size() == 1);
}

TEST_CASE("a parent has as many live children as its owner's limit says", "[admission][A44]") {
  runtime real({.workers = 2});
  const auto owner = real.open_owner("o", {.limits = {.max_children = 5}});
  struct bodies {
    static coroutine<json> lead(task_context self) {
      int accepted = 0;
      for (int i = 0; i < 20; ++i) accepted += self.spawn({}, wait_for_cancel) ? 1 : 0;
      self.emit("accepted", accepted);
      co_await until_cancelled();
      co_return nullptr;
    }
  };
  const auto lead = *owner.spawn({}, bodies::lead);
  CHECK(owner.next_event(30s)->payload == 5);
  CHECK(lead.cancel() == 6);
  CHECK(lead.wait(30s));
}

TEST_CASE("whoever learns of a child's end may start another in its place", "[admission][A44]") {
  struct bodies {
    static coroutine<void> listen(task_context, task_handle to) { co_await to.ended(); }
    static coroutine<json> lead(task_context self, owner crowd) {
      for (int round = 0; round < 30; ++round) {
        const auto child = self.spawn({}, nothing).value();
        for (int i = 0; i < 100; ++i) crowd.spawn({}, listen, child).value();
        co_await child.ended();
      }
      co_return "no child was refused";
    }
  };
  runtime real({.workers = 2});
  const auto owner = real.open_owner("o", {.limits = {.max_children = 1}});
  const auto crowd = real.open_owner("crowd");
  const auto lead = *owner.spawn({}, bodies::lead, crowd);
  CHECK(lead.wait(60s) == outcome{task_state::completed, "no child was refused", ""});
}

TEST_CASE("a limit of the spawn is refused where the manager's queues", "[admission][A3]") {
  simulated_runtime sim(1, with_limits({.max_running = 3, .when_full = on_full::queue}));
  recorder owner(sim);
  CHECK(owner->spawn({.max_running = 1}, nothing).error() ==
        error{error_code::invalid_argument,
              "spec.max_running (1) has no meaning where manager_options.limits.when_full is "
              "on_full::queue"});
}

// few:    a runs, b waits for its owner's place    manager: two places
// others: c runs, d waits for the manager's
TEST_CASE("an owner at its limit does not hold up the tasks of others", "[admission]") {
  simulated_runtime sim(1, with_limits({.max_running = 2, .when_full = on_full::queue}));
  recorder few(sim, "few", {.limits = {.max_running = 1, .when_full = on_full::queue}});
  recorder others(sim, "others");
  const auto a = *few->spawn({}, wait_for_cancel);
  const auto b = *few->spawn({}, wait_for_cancel);
  const auto c = *others->spawn({}, wait_for_cancel);
  const auto d = *others->spawn({}, wait_for_cancel);
  CHECK(states_of({a, b, c, d}) == states{running, queued, running, queued});
  c.cancel();
  sim.run();
  CHECK(states_of({a, b, c, d}) == states{running, queued, cancelled, running});
  a.cancel();
  sim.run();
  CHECK(states_of({a, b, c, d}) == states{cancelled, running, cancelled, running});
}

TEST_CASE(
    "a task that has its owner's place waits for the manager's, whatever happens when that is "
    "full",
    "[admission]") {
  simulated_runtime sim(1, with_limits({.max_running = 2}));
  recorder few(sim, "few", {.limits = {.max_running = 1, .when_full = on_full::queue}});
  recorder others(sim, "others");
  const auto a = *few->spawn({}, wait_for_cancel);
  const auto b = *few->spawn({}, wait_for_cancel);
  const auto c = *others->spawn({}, wait_for_cancel);
  CHECK_FALSE(others->spawn({}, nothing));
  a.cancel();
  sim.run();
  CHECK(states_of({a, b, c}) == states{cancelled, running, running});
  CHECK_FALSE(others->spawn({}, nothing));
}

TEST_CASE("of many that spawn at once, exactly as many get in as both limits let",
          "[admission][A6][guarantee-5]") {
  runtime real({.workers = 2, .manager = {.limits = {.max_running = 24}}});
  auto tight = real.open_owner("tight", {.limits = {.max_running = 10}});
  auto loose = real.open_owner("loose", {.limits = {.max_running = 100}});
  std::atomic<int> in_tight{0};
  std::atomic<int> in_loose{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) {
          in_tight += tight.spawn({}, wait_for_cancel) ? 1 : 0;
          in_loose += loose.spawn({}, wait_for_cancel) ? 1 : 0;
        }
      });
    }
  }
  CHECK(in_tight <= 10);
  CHECK(in_tight + in_loose == 24);
  CHECK(real.default_manager().metrics().running == 24);
  CHECK(real.default_manager().metrics().rejected == 400 - 24);
}

TEST_CASE("an owner whose options make no sense is refused by name", "[admission][E39]") {
  simulated_runtime sim;
  try {
    static_cast<void>(sim.open_owner("o", {.limits = {.max_queued = 3}}));
    FAIL("no exception");
  } catch (const failure& why) {
    CHECK(why.why().message ==
          "owner_options.limits.max_queued has no meaning unless when_full is on_full::queue");
  }
}

// --- Waiting in the queue

TEST_CASE("a task that was queued for too long ends as timed out, without a start",
          "[admission][D39]") {
  simulated_runtime sim(
      1, with_limits({.max_running = 1, .when_full = on_full::queue, .max_wait = 5s}));
  recorder owner(sim, "o", {.started_events = true});
  const auto first = *owner->spawn({}, wait_for_cancel);
  const auto a = *owner->spawn({.name = "a"}, nothing);
  sim.advance(2s);
  const auto b = *owner->spawn({}, nothing);
  sim.advance(3s - 1ms);
  CHECK(states_of({first, a, b}) == states{running, queued, queued});
  sim.advance(1ms);
  CHECK(states_of({first, a, b}) == states{running, timed_out, queued});
  CHECK(end_of(a).error == "timed out after 5 seconds in the queue, without a start");
  CHECK(owner.story_of(a.id()) == words{"timed_out"});
  CHECK_FALSE(owner->find("a"));
  CHECK(sim.default_manager().metrics().queued == 1);
  sim.advance(2s);
  CHECK(b.state() == timed_out);
  CHECK(sim.default_manager().metrics().queued == 0);
  first.cancel();
  sim.run();
  CHECK(owner->spawn({}, nothing)->state() == running);
}

TEST_CASE("a task that was started in time is not timed out by the queue", "[admission][D39]") {
  simulated_runtime sim(
      1, with_limits({.max_running = 1, .when_full = on_full::queue, .max_wait = 5s}));
  recorder owner(sim, "o");
  const auto first = *owner->spawn({}, work_for, 4s, 1);
  const auto second = *owner->spawn({}, work_for, 10s, 2);
  const auto third = *owner->spawn({}, nothing);
  sim.advance(4s);
  CHECK(states_of({first, second, third}) == states{completed, running, queued});
  third.cancel();
  const auto start = sim.now();
  sim.run_until_quiet();
  CHECK(sim.now() - start == 10s);  // the end of the wait that nobody needs takes no time
  CHECK(second.state() == completed);
}

TEST_CASE("the shorter patience counts, the owner's or the manager's", "[admission][D39]") {
  simulated_runtime sim(
      1, with_limits({.max_running = 1, .when_full = on_full::queue, .max_wait = 5s}));
  recorder patient(sim, "patient",
                   {.limits = {.max_running = 1, .when_full = on_full::queue, .max_wait = 9s}});
  recorder hasty(sim, "hasty", {.limits = {.when_full = on_full::queue, .max_wait = 2s}});
  REQUIRE(patient->spawn({}, wait_for_cancel));
  const auto a = *patient->spawn({}, nothing);
  const auto b = *hasty->spawn({}, nothing);
  sim.advance(2s);
  CHECK(states_of({a, b}) == states{queued, timed_out});
  CHECK(end_of(b).error == "timed out after 2 seconds in the queue, without a start");
  sim.advance(3s);
  CHECK(a.state() == timed_out);
}

TEST_CASE("tasks of one slot give up waiting one by one", "[admission][A29][D39]") {
  simulated_runtime sim(
      1, with_limits({.max_running = 1, .when_full = on_full::queue, .max_wait = 5s}));
  recorder owner(sim, "o");
  const auto first = *owner->spawn({}, work_for, 7s, 1);
  const auto a = *owner->spawn({.slot = "group"}, work_for, 1s, 1);
  sim.advance(3s);
  const auto b = *owner->spawn({.slot = "group"}, work_for, 1s, 1);
  sim.advance(2s);
  CHECK(states_of({first, a, b}) == states{running, timed_out, queued});
  sim.advance(2s);
  CHECK(states_of({first, b}) == states{completed, running});
  sim.advance(1s);
  CHECK(sim.default_manager().metrics().running == 0);
}

namespace {

/// Without a grace period a place is free as soon as its task was told.
runtime_options with_places(std::size_t count, std::shared_ptr<journal> written = nullptr) {
  return {.manager = {.limits = {.max_running = count, .when_full = on_full::queue},
                      .grace = 0s,
                      .journal = std::move(written)}};
}

bool has_begun(const task_handle& task) { return task.record().started_at_ms.has_value(); }

coroutine<void> start_two(task_context self) {
  for (int i = 0; i < 2; ++i) self.spawn({.life = lifetime::outlives}, wait_for_cancel).value();
  co_await until_cancelled();
}

coroutine<json> fail_with_child(task_context self) {
  const auto child = self.spawn({}, wait_for_cancel).value();
  const auto end = co_await child.ended();
  if (end.state != task_state::completed) throw std::runtime_error("the child: " + end.error);
  co_return nullptr;
}

}  // namespace

TEST_CASE("who waits for a place gets none of a task that is told to stop with it",
          "[admission][cancel][D39]") {
  simulated_runtime sim(1, with_places(1));
  const auto owner = sim.open_owner("o");
  std::vector<task_handle> tasks;
  for (int i = 0; i < 100; ++i) tasks.push_back(*owner.spawn({.run_id = "r"}, wait_for_cancel));
  sim.run();

  SECTION("all of an owner") { CHECK(owner.cancel_all() == 100); }
  SECTION("all of a manager") { CHECK(sim.default_manager().cancel_all() == 100); }
  SECTION("all of a run") { CHECK(owner.cancel_run("r") == 100); }
  SECTION("a selection") { CHECK(owner.cancel_matching({.run_id = "r"}) == 100); }
  SECTION("a shutdown") { CHECK(sim.shutdown(1s).is_clean()); }

  for (const auto& task : tasks) {
    CHECK(task.state() == cancelled);
    CHECK(has_begun(task) == (task == tasks.front()));
  }
}

TEST_CASE(
    "who waits for a place gets none of a task that joined a shared one later and is told to stop",
    "[admission][cancel][D39]") {
  simulated_runtime sim(1, with_places(1));
  const auto owner = sim.open_owner("o");
  const auto first = *owner.spawn({.slot = "s"}, nothing);
  const auto waits = *owner.spawn({}, wait_for_cancel);
  const auto joins = *owner.spawn({.slot = "s"}, wait_for_cancel);
  sim.run();
  REQUIRE(first.has_ended());
  REQUIRE(has_begun(joins));
  SECTION("cancel_all") { CHECK(owner.cancel_all() == 2); }
  SECTION("shutdown") { CHECK(sim.shutdown(1s).is_clean()); }
  CHECK(waits.state() == cancelled);
  CHECK_FALSE(has_begun(waits));
}

TEST_CASE("who waits for a place gets none of its tree when that is told to stop",
          "[admission][cancel][D39]") {
  simulated_runtime sim(1, with_places(2));
  const auto owner = sim.open_owner("o");
  const auto root = *owner.spawn({.run_id = "r"}, start_two);
  sim.run();
  const auto all = owner.list();
  REQUIRE(all.size() == 3);
  const auto waits = *owner.get(all[2].id);
  REQUIRE(waits.state == task_state::queued);
  SECTION("the task") { CHECK(root.cancel() == 3); }
  SECTION("the run") { CHECK(owner.cancel_run("r") == 3); }
  CHECK(owner.get(all[2].id)->state == cancelled);
  CHECK_FALSE(owner.get(all[2].id)->started_at_ms);
}

TEST_CASE("who waited while others were told to stop is given a place afterwards",
          "[admission][cancel]") {
  simulated_runtime sim(1, with_places(1));
  const auto owner = sim.open_owner("o");
  const auto told = *owner.spawn({.run_id = "r"}, wait_for_cancel);
  const auto waits = *owner.spawn({}, nothing);
  sim.run();
  CHECK(owner.cancel_run("r") == 1);
  CHECK(has_begun(waits));
  sim.run();
  CHECK(waits.state() == completed);
}

TEST_CASE("who comes while others are told to stop stands behind those who wait",
          "[admission][cancel]") {
  words story;
  const auto written = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(1, with_places(2, written));
  const auto owner = sim.open_owner("o");
  const auto first = *owner.spawn({.run_id = "r"}, wait_for_cancel);
  const auto second = *owner.spawn({.run_id = "r"}, wait_for_cancel);
  const auto waits = *owner.spawn({}, wait_for_cancel);
  sim.run();
  std::optional<task_handle> comes;
  std::optional<task_state> came_as;
  written->on_ended = [&](const record& task) -> result<void> {
    // The place of the first is free.
    if (task.id == second.id()) {
      comes = *owner.spawn({}, nothing);
      came_as = comes->state();
    }
    return {};
  };
  CHECK(owner.cancel_run("r") == 2);
  CHECK(came_as == queued);
  CHECK(has_begun(waits));
  sim.run();
  CHECK(comes->state() == completed);
}

TEST_CASE("a task that is being accepted when a shutdown begins is not started any more",
          "[admission][D39][E22]") {
  words story;
  const auto written = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(1, with_places(1, written));
  const auto owner = sim.open_owner("o");
  const auto first = *owner.spawn({}, wait_for_cancel);
  sim.run();
  written->on_accepted = [&](const record&) -> result<void> {
    static_cast<void>(sim.shutdown(1s));
    return {};
  };
  const auto late = owner.spawn({}, wait_for_cancel);
  REQUIRE(late);
  CHECK(late->state() == cancelled);
  CHECK_FALSE(has_begun(*late));
  CHECK(first.state() == cancelled);
  CHECK(sim.default_manager().metrics().running == 0);
}

TEST_CASE("a parent is told to stop before its children are", "[cancel][stress]") {
  for (int round = 0; round < 100; ++round) {
    runtime real({.workers = 2});
    const auto owner = real.open_owner("o");
    const auto lead = *owner.spawn({}, fail_with_child);
    while (owner.list().size() != 2) std::this_thread::yield();
    switch (round % 3) {
      case 0: owner.cancel_all(); break;
      case 1: owner.cancel_matching({.owner = "o"}); break;
      default: static_cast<void>(real.shutdown(30s));
    }
    CHECK(lead.wait(30s)->state == cancelled);
  }
}

TEST_CASE("a runtime may go while tasks wait for their turn", "[admission][D39]") {
  std::optional<task_handle> left;
  {
    runtime real(
        {.workers = 1,
         .manager = {.limits = {.max_running = 1, .when_full = on_full::queue, .max_wait = 1h}}});
    const auto owner = real.open_owner("o");
    REQUIRE(owner.spawn({}, wait_for_cancel));
    left = *owner.spawn({}, nothing);
  }
  CHECK(left->state() == cancelled);
}

// --- Pause

TEST_CASE("a paused manager refuses new tasks at once, and lets the others go on",
          "[admission][A46]") {
  simulated_runtime sim(1, with_limits({.max_running = 2, .when_full = on_full::queue}));
  recorder owner(sim, "o");
  auto& manager = sim.default_manager();
  const auto first = *owner->spawn({}, work_for, 1s, 1);
  const auto second = *owner->spawn({.name = "n"}, work_for, 2s, 2);
  const auto waits = *owner->spawn({}, work_for, 1s, 3);
  CHECK_FALSE(manager.is_paused());
  manager.pause();
  CHECK(manager.is_paused());
  CHECK(owner->spawn({}, nothing).error() ==
        error{error_code::paused, "the manager is paused and takes no new tasks"});
  CHECK(manager.metrics().rejected == 1);
  sim.advance(1s);
  CHECK(states_of({first, second, waits}) == states{completed, running, running});
  sim.advance(1s);
  CHECK(states_of({first, second, waits}) == states{completed, completed, completed});
  CHECK(owner->list().size() == 3);
  manager.resume();
  CHECK(owner->spawn({}, nothing)->id() == task_id::sequential(3));  // the refused one took no id
}

TEST_CASE("a pause holds back the children of running tasks, but for those in their place",
          "[admission][A46][A28]") {
  struct bodies {
    static coroutine<json> spawn_later(task_context self, bool in_my_slot) {
      co_await sleep_for(1s);
      const auto child = self.spawn({.in_parents_slot = in_my_slot}, nothing);
      co_return to_string(child.error().code);
    }
  };
  simulated_runtime sim;
  recorder owner(sim, "o");
  const auto apart = *owner->spawn({}, bodies::spawn_later, false);
  const auto together = *owner->spawn({}, bodies::spawn_later, true);
  sim.run();
  sim.default_manager().pause();
  sim.run_until_quiet();
  CHECK(end_of(apart).result == "paused");
  CHECK(end_of(together).result == "none");
}

TEST_CASE("one manager's pause is none of another's", "[admission][A46]") {
  simulated_runtime sim;
  auto other = sim.open_manager();
  recorder here(sim, "here");
  recorder there(sim, other, "there");
  sim.default_manager().pause();
  CHECK_FALSE(here->spawn({}, nothing));
  CHECK(there->spawn({}, nothing));
}

// --- Slots

TEST_CASE("tasks of one owner with the same slot take one place, each with its own end",
          "[admission][A29]") {
  simulated_runtime sim(1, with_limits({.max_running = 2}));
  recorder owner(sim, "o");
  recorder other(sim, "other");
  const auto a = *owner->spawn({.slot = "group"}, work_for, 1s, 1);
  const auto b = *owner->spawn({.slot = "group"}, work_for, 2s, 2);
  const auto c = *owner->spawn({.slot = "group"}, work_for, 3s, 3);
  CHECK(sim.default_manager().metrics().running == 3);
  REQUIRE(other->spawn({.slot = "group"}, wait_for_cancel));  // another owner, another place
  CHECK_FALSE(owner->spawn({}, nothing));
  sim.advance(2s);
  CHECK_FALSE(owner->spawn({}, nothing));  // the place is taken until the last has ended
  CHECK(owner->spawn({.slot = "group"}, nothing));
  sim.advance(1s);
  CHECK(owner->spawn({}, nothing));
  for (const auto& task : {a, b, c}) CHECK(owner.story_of(task.id()) == words{"completed"});
}

TEST_CASE("tasks of one slot wait and start together", "[admission][A29]") {
  simulated_runtime sim(
      1, with_limits({.max_running = 1, .max_queued = 3, .when_full = on_full::queue}));
  recorder owner(sim, "o");
  const auto first = *owner->spawn({}, work_for, 1s, 1);
  const auto a = *owner->spawn({.slot = "group"}, work_for, 1s, 1);
  const auto alone = *owner->spawn({}, work_for, 1s, 1);
  const auto b = *owner->spawn({.slot = "group"}, work_for, 1s, 1);
  CHECK_FALSE(owner->spawn({.slot = "group"}, nothing));  // the queue is full for it, too
  CHECK(a.cancel() == 1);
  CHECK(states_of({first, a, alone, b}) == states{running, cancelled, queued, queued});
  const auto c = *owner->spawn({.slot = "group"}, work_for, 1s, 1);
  sim.advance(1s);
  // The group keeps the turn of the one that asked first.
  CHECK(states_of({first, b, c, alone}) == states{completed, running, running, queued});
  CHECK(sim.default_manager().metrics().queued == 1);
  sim.advance(1s);
  CHECK(states_of({b, c, alone}) == states{completed, completed, running});
}

TEST_CASE("a slot whose tasks were all cancelled in the queue gives up its turn",
          "[admission][A29]") {
  simulated_runtime sim(1, with_limits({.max_running = 1, .when_full = on_full::queue}));
  recorder owner(sim, "o", {.limits = {.max_running = 1, .when_full = on_full::queue}});
  const auto first = *owner->spawn({}, work_for, 1s, 1);
  const auto a = *owner->spawn({.slot = "group"}, nothing);
  const auto b = *owner->spawn({.slot = "group"}, nothing);
  const auto last = *owner->spawn({}, work_for, 1s, 1);
  a.cancel();
  b.cancel();
  sim.advance(1s);
  CHECK(states_of({first, a, b, last}) == states{completed, cancelled, cancelled, running});
  CHECK(sim.default_manager().metrics().queued == 0);
}

TEST_CASE("a child in its parent's slot needs no place, and holds the parent's",
          "[admission][A28]") {
  simulated_runtime sim(1, with_limits({.max_running = 1}));
  recorder owner(sim, "o");
  const auto parent = *owner->spawn({}, work_with_child, 5s);
  sim.run();
  CHECK(sim.default_manager().metrics().running == 2);
  CHECK_FALSE(owner->spawn({}, nothing));
  sim.advance(5s);
  CHECK(end_of(parent).result == nullptr);
  CHECK(sim.default_manager().metrics().running == 0);
  CHECK(owner->spawn({}, nothing));
}

TEST_CASE("a place in the parent's slot needs a parent, and no slot of its own", "[admission]") {
  simulated_runtime sim;
  recorder owner(sim, "o");
  CHECK(owner->spawn({.in_parents_slot = true}, nothing).error() ==
        error{error_code::invalid_argument,
              "spec.in_parents_slot needs a parent, which a task that an owner starts has not"});
  CHECK(owner->spawn({.slot = "s", .in_parents_slot = true}, nothing).error().message ==
        "spec.slot must be empty with in_parents_slot, it is 's'");
}

}  // namespace actors
