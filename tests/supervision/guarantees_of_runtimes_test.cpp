#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "supervision/task_core.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

// The guarantees about owners, bounds, the end of a program, and simulations.

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::recorder;
using testing::simulated_runtime;
using words = std::vector<std::string>;

TEST_CASE(
    "Owners see only their own tasks; a foreign id answers as an unknown one at every outer "
    "boundary.",
    "[guarantee-9][B35][B24]") {
  simulated_runtime sim(9);
  recorder mine(sim, "mine");
  recorder yours(sim, "yours");
  const auto task = *mine->spawn({.name = "secret"}, wait_for_cancel);
  const auto unknown = task_id::sequential(99);
  sim.run();

  CHECK(mine->list().size() == 1);
  CHECK(mine->has_running());
  CHECK(mine->get(task.id()));
  CHECK(yours->list().empty());
  CHECK_FALSE(yours->has_running());
  CHECK_FALSE(yours->find("secret"));
  for (const auto id : {task.id(), unknown}) {
    CHECK_FALSE(yours->get(id));
    CHECK_FALSE(yours->find(id));
    CHECK_FALSE(yours->cancel_one(id));
    CHECK(yours->cancel(id) == 0);
    const auto sent = yours->send(id, "hello");
    CHECK(sent.error() == error{error_code::not_found, "task not found"});
    CHECK(sent.returned() == "hello");
  }
  CHECK(yours->cancel_all() == 0);
  sim.run();
  CHECK(task.state() == task_state::running);

  mine->cancel_all();
  sim.run();
  CHECK(mine.events().size() == 1);
  CHECK(yours.events().empty());
}

namespace {

coroutine<void> watch_impatiently(task_context, task_handle other, int times) {
  for (int i = 0; i < times; ++i) co_await with_timeout(1ms, other.ended());
}

}  // namespace

TEST_CASE(
    "Nothing grows for ever: inboxes, histories, watches, timers, cancelled-run sets are bounded "
    "by named policies.",
    "[guarantee-10][A24][B57]") {
  simulated_runtime sim(
      10, {.manager = {.max_finished = 5, .max_dead_letters = 3, .inbox_capacity = 4}});
  recorder owner(sim);

  SECTION("an inbox, by the manager's option or by the task's own") {
    const auto by_default = *owner->spawn({}, wait_for_cancel);
    const auto by_spec = *owner->spawn({.inbox_capacity = 2}, wait_for_cancel);
    for (int i = 0; i < 4; ++i) CHECK(by_default.send(i));
    for (int i = 0; i < 2; ++i) CHECK(by_spec.send(i));
    const auto refused = by_default.send("fifth");
    CHECK(refused.error().code == error_code::inbox_full);
    CHECK(refused.returned() == "fifth");
    CHECK(by_spec.send("third").error().code == error_code::inbox_full);
  }

  SECTION("the history of ended tasks: the oldest go, the running stay") {
    const auto running = *owner->spawn({}, wait_for_cancel);
    for (int i = 0; i < 20; ++i) {
      REQUIRE(owner->spawn({}, nothing));
      sim.run();
    }
    const auto kept = owner->list();
    REQUIRE(kept.size() == 6);
    CHECK(kept[0].id == running.id());
    CHECK(kept[1].id == task_id::sequential(16));
    CHECK(kept[5].id == task_id::sequential(20));
  }

  SECTION("dead letters: the oldest go, all are counted") {
    {
      const auto gone = sim.open_owner("gone");
      for (int i = 0; i < 10; ++i) REQUIRE(gone.spawn({}, nothing));
    }
    sim.run();
    CHECK(sim.default_manager().dead_letters().size() == 3);
    CHECK(sim.default_manager().metrics().dead_letters == 10);
  }

  SECTION("a watcher who leaves lets the others stay") {
    const auto task = *owner->spawn({}, wait_for_cancel);
    words told;
    const auto tell = [&told](std::string who) {
      return [&told, who](const detail::kept_outcome&) { told.push_back(who); };
    };
    const int keys[3] = {};
    task.core()->watch(tell("first"), &keys[0]);
    task.core()->watch(tell("second"), &keys[1]);
    task.core()->watch(tell("third"), &keys[2]);
    task.core()->unwatch(&keys[1]);
    CHECK(task.core()->watchers() == 2);
    task.cancel();
    sim.run();
    CHECK(told == words{"first", "third"});
    CHECK(task.core()->watchers() == 0);
  }

  SECTION("a watch ends with the wait, a timer with what it was for") {
    const auto task = *owner->spawn({.timeout = 1h}, wait_for_cancel);
    REQUIRE(owner->spawn({.timeout = 2h}, watch_impatiently, task, 1000));
    sim.advance(2s);
    CHECK(task.core()->watchers() == 0);
    const auto before = sim.now();
    task.cancel();
    sim.run_until_quiet();
    CHECK(sim.now() == before);  // nothing was left that the clock had to move for
  }
}

TEST_CASE(
    "A program that stops drains first: `drain(timeout)` tells whether something was left, and "
    "what.",
    "[guarantee-11][E21]") {
  simulated_runtime sim(11);
  recorder owner(sim);
  auto& manager = sim.default_manager();
  CHECK(manager.drain(0s).is_clean());

  REQUIRE(owner->spawn({.name = "quick"}, work_for, 1s, 1));
  REQUIRE(owner->spawn({.name = "slow"}, work_for, 10s, 1));
  const auto report = manager.drain(5s);
  CHECK_FALSE(report.is_clean());
  REQUIRE(report.left.size() == 1);
  CHECK(report.left[0].what.name == "slow");
  CHECK(report.left[0].state == task_state::running);
  CHECK(report.left[0].awaiting == "sleep");

  CHECK(manager.drain(5s).is_clean());
  sim.run();
  CHECK(owner.events().size() == 2);
}

namespace {

coroutine<void> talk(task_context self, int depth) {
  if (depth > 0) {
    auto left = *self.spawn({}, talk, depth - 1);
    auto right = *self.spawn({}, talk, depth - 1);
    right.send(depth);
    co_await left.ended();
  }
  co_await self.inbox().next(1ms);
}

struct run {
  std::uint64_t fingerprint = 0;
  std::uint64_t steps = 0;
  std::vector<std::string> trace;
  std::vector<std::string> events;
};

run run_with(std::uint64_t seed) {
  simulated_runtime sim(seed);
  sim.keep_trace();
  recorder owner(sim);
  owner->spawn({.timeout = 1s}, talk, 4).value();
  sim.run_until_quiet();
  run seen{sim.fingerprint(), sim.steps(), sim.trace(), {}};
  for (const auto& one : owner.events()) seen.events.push_back(dump_json(to_json(one)));
  return seen;
}

}  // namespace

TEST_CASE(
    "The same seed gives the same run (simulated runtime: one thread, virtual clock, seeded "
    "choices).",
    "[guarantee-12]") {
  const auto once = run_with(12);
  const auto again = run_with(12);
  CHECK(once.fingerprint == again.fingerprint);
  CHECK(once.steps == again.steps);
  CHECK(once.trace == again.trace);
  CHECK(once.events == again.events);
  CHECK(once.events.size() == 31);

  const auto other = run_with(13);
  CHECK(other.fingerprint != once.fingerprint);
  CHECK(other.trace != once.trace);
}

}  // namespace actors
