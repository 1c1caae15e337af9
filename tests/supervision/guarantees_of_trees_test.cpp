#include <semaphore>

#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

// The guarantees about parents and children.

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::recorder;
using testing::simulated_runtime;
using words = std::vector<std::string>;

namespace {

/// A tree of tasks that work until they are told to stop: `width` children on each of `levels`.
coroutine<void> grow(task_context self, int levels, int width) {
  for (int i = 0; levels > 0 && i < width; ++i) self.spawn({}, grow, levels - 1, width).value();
  co_await until_cancelled();
}

/// Tries to start a child once it was told to stop; notes what became of it.
coroutine<void> spawn_late(task_context self, words* story) {
  try {
    co_await until_cancelled();
  } catch (const cancelled&) {
    story->emplace_back(to_string(self.spawn({}, nothing).error().code));
    throw;
  }
}

coroutine<void> parent_of(task_context self, words* story) {
  self.spawn({}, spawn_late, story).value();
  co_await until_cancelled();
}

}  // namespace

TEST_CASE(
    "After `cancel` returns, every live task below has its token raised and none can appear "
    "later: a spawn under a cancelled ancestor is refused.",
    "[guarantee-6][A47][B30][E36]") {
  simulated_runtime sim(6);
  recorder owner(sim);

  // root ─┬─ 3 children, each with 3, each with 3: 40 tasks; and another tree beside it
  SECTION("all are told and no others") {
    const auto root = *owner->spawn({}, grow, 3, 3);
    const auto other = *owner->spawn({}, grow, 1, 3);
    sim.run();
    REQUIRE(owner->list().size() == 40 + 4);

    CHECK(owner->cancel(root.id()) == 40);
    std::size_t cancelling = 0;
    for (const auto& task : owner->list()) cancelling += task.phase == task_phase::cancelling;
    CHECK(cancelling == 40);
    sim.run();
    CHECK(root.has_ended());
    CHECK_FALSE(other.has_ended());
    CHECK(sim.default_manager().metrics().ended == 40);
  }

  // root ── middle ── leaf, which wants a child when it is told to stop
  SECTION("a late spawn is refused") {
    words story;
    const auto root = *owner->spawn({}, parent_of, &story);
    sim.run();
    CHECK(root.cancel() == 2);
    sim.run();
    CHECK(story == words{"parent_cancelled"});
    CHECK(owner->list().size() == 2);
  }

  SECTION("at any step of a tree that grows, the tree ends as a whole") {
    for (int steps = 0; steps < 60; ++steps) {
      simulated_runtime growing(static_cast<std::uint64_t>(steps));
      recorder its(growing);
      const auto root = *its->spawn({}, grow, 3, 3);
      for (int i = 0; i < steps && growing.step();) ++i;
      const auto live = its->list().size();
      CHECK(root.cancel() == live);
      CHECK(its->list().size() == live);
      growing.run();
      CHECK(its->list().size() == live);
      CHECK_FALSE(its->has_running());
    }
  }
}

namespace {

coroutine<json> insist(task_context self, int times) {
  words caught;
  for (int i = 0; i < times; ++i) {
    try {
      switch (i % 3) {
        case 0: co_await sleep_for(1s); break;
        case 1: co_await self.inbox().next(); break;
        default: co_await yield();
      }
    } catch (const cancelled& why) {
      caught.emplace_back(to_string(why.reason()));
    }
  }
  co_return caught;
}

/// What an abandoned body can still do, while it runs, and where it says how that went.
struct late_effects {
  std::binary_semaphore began{0};
  std::binary_semaphore abandoned{0};
  std::binary_semaphore done{0};
  bool emitted = true;
  error_code sent = error_code::none;
  error_code sent_by_handle = error_code::none;
  error_code asked = error_code::none;
  error_code spawned = error_code::none;
};

coroutine<void> act_late(task_context self, late_effects* what, task_handle listener) {
  what->began.release();
  what->abandoned.acquire();
  what->emitted = self.emit("late");
  what->sent = self.parent().send("late").error().code;
  what->sent_by_handle = listener.send("late").error().code;
  what->spawned = self.spawn({}, nothing).error().code;
  auto asked = self.parent().ask("late", 1s);
  const auto answer = co_await std::move(asked);
  what->asked = answer.error().code;
  what->done.release();
}

coroutine<json> receive_from_child(task_context self, late_effects* what, task_handle listener) {
  const auto child = *self.spawn({.name = "child"}, act_late, what, listener);
  co_await child.ended();
  co_return self.inbox().drain().size();
}

}  // namespace

TEST_CASE(
    "Cancel is cooperative and level-triggered: every suspension point of a cancelled task raises "
    "`cancelled` until the body ends; the body decides its outcome (success after cancel is "
    "`completed`). After the grace period the runtime abandons the body: the outcome is given, the "
    "slot is freed, late effects are discarded.",
    "[guarantee-7][B3][B33][D42][E36]") {
  simulated_runtime sim(7, {.manager = {.limits = {.max_running = 1}, .grace = 5s}});
  recorder owner(sim);

  SECTION("cancel is cooperative") {
    const auto task = *owner->spawn({}, work_undisturbed, 3s, "done");
    sim.run();
    CHECK(task.cancel() == 1);
    sim.run();
    CHECK(task.state() == task_state::running);
    CHECK(task.record().phase == task_phase::cancelling);
    sim.advance(3s);
    CHECK(end_of(task) == outcome{task_state::completed, "done", ""});
  }

  SECTION("every suspension point raises it") {
    const auto task = *owner->spawn({}, insist, 6);
    sim.run();
    task.cancel();
    sim.run_until_quiet();
    CHECK(end_of(task).result == json(words(6, "requested")));
  }

  SECTION("success after cancel is completed") {
    const auto task = *owner->spawn({}, succeed_when_cancelled, "ready");
    sim.run();
    task.cancel();
    sim.run();
    CHECK(end_of(task) == outcome{task_state::completed, "ready", ""});
  }

  SECTION("after the grace period the body is abandoned") {
    const auto task = *owner->spawn({}, work_undisturbed, 1h, "never");
    sim.run();
    task.cancel();
    sim.advance(5s - 1ms);
    CHECK(task.state() == task_state::running);
    CHECK_FALSE(owner->spawn({}, nothing));
    sim.advance(1ms);
    CHECK(task.state() == task_state::cancelled);
    CHECK(end_of(task).error == "stop: requested; abandoned, its body did not end within 5 s");
    CHECK(owner.story_of(task.id()) == words{"cancelled"});
    CHECK(owner->spawn({}, nothing));
    sim.run_until_quiet();
    CHECK(owner.events_of(task.id()).size() == 1);
  }

  SECTION("late effects are discarded") {
    late_effects what;
    runtime real({.workers = 2, .manager = {.grace = 0s}});
    const auto his = real.open_owner("o");
    const auto listener = *his.spawn({}, collect);
    const auto parent = *his.spawn({}, receive_from_child, &what, listener);
    what.began.acquire();
    const auto child = *his.find("child");
    CHECK(child.cancel() == 1);
    REQUIRE(child.wait(30s));
    CHECK(child.state() == task_state::cancelled);
    REQUIRE(parent.wait(30s));
    what.abandoned.release();
    what.done.acquire();
    CHECK_FALSE(what.emitted);
    CHECK(what.sent == error_code::task_ended);
    CHECK(what.sent_by_handle == error_code::task_ended);
    CHECK(what.asked == error_code::task_ended);
    CHECK(what.spawned == error_code::parent_ended);
    listener.close_inbox();
    CHECK(listener.wait(30s)->result == json::array());
    CHECK(parent.wait()->result == 0);
    std::size_t events = 0;
    for (const auto& happened : his.events_until_idle()) events += happened.is_terminal() ? 1 : 100;
    CHECK(events == 3);
  }
}

namespace {

coroutine<void> start_and_end(task_context self, lifetime life) {
  self.spawn({.name = "child", .life = life}, work_for, 10s, "done").value();
  co_return;
}

coroutine<void> start_and_fail(task_context self, lifetime life) {
  self.spawn({.name = "child", .life = life}, work_for, 10s, "done").value();
  throw std::runtime_error("no");
  co_return;
}

words ends(const recorder& owner) {
  words lines;
  for (const auto& one : owner.events()) {
    lines.push_back(one.name() + " " + std::string(to_string(one.kind)));
  }
  return lines;
}

}  // namespace

TEST_CASE("A parent ends after its children, unless a child's lifetime policy says otherwise.",
          "[guarantee-8][A45]") {
  simulated_runtime sim(8);
  recorder owner(sim);

  SECTION("a parent that completed waits for a bound child") {
    const auto parent = *owner->spawn({.name = "top"}, start_and_end, lifetime::bound);
    sim.advance(9s);
    CHECK(parent.record().phase == task_phase::finalizing);
    CHECK(parent.record().awaiting == "children");
    sim.advance(1s);
    CHECK(ends(owner) == words{"child completed", "top completed"});
  }

  SECTION("a parent that did not complete cancels a bound child, and waits for it") {
    REQUIRE(owner->spawn({.name = "top"}, start_and_fail, lifetime::bound));
    sim.run();
    CHECK(ends(owner) == words{"child cancelled", "top failed"});
  }

  SECTION("a child with the lifetime `cancel` is cancelled by any end of its parent") {
    REQUIRE(owner->spawn({.name = "top"}, start_and_end, lifetime::cancel));
    sim.run();
    CHECK(ends(owner) == words{"child cancelled", "top completed"});
  }

  SECTION("a child that outlives goes on") {
    REQUIRE(owner->spawn({.name = "top"}, start_and_fail, lifetime::outlives));
    sim.run();
    CHECK(ends(owner) == words{"top failed"});
    sim.advance(10s);
    CHECK(ends(owner) == words{"top failed", "child completed"});
  }

  SECTION("a child that outlives is still below the tree above it") {
    const auto parent = *owner->spawn({.name = "top"}, start_and_end, lifetime::outlives);
    sim.run();
    REQUIRE(parent.has_ended());
    CHECK(owner->cancel(parent.id()) == 1);
    sim.run();
    CHECK(ends(owner) == words{"top completed", "child cancelled"});
  }
}

}  // namespace actors
