#include <barrier>
#include <thread>

#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/journals.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

// The guarantees about single tasks. Each test case is called as the sentence that it checks; the
// sentences about trees, and about runtimes, are checked in guarantees_of_*_test.cpp.

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::recorder;
using testing::simulated_runtime;
using words = std::vector<std::string>;

TEST_CASE(
    "An accepted task ends in exactly one terminal state; the first transition wins; state and "
    "payload never change after.",
    "[guarantee-1][B2][B16][D21][E9]") {
  simulated_runtime sim(1);
  recorder owner(sim);

  SECTION("each way to end gives one state and one event") {
    const auto good = *owner->spawn({.name = "good"}, answer, 7);
    const auto bad = *owner->spawn({.name = "bad"}, raise, "no luck");
    const auto told = *owner->spawn({.name = "told"}, wait_for_cancel);
    const auto late = *owner->spawn({.name = "late", .timeout = 3s}, wait_for_cancel);
    sim.run();
    CHECK_FALSE(told.has_ended());
    told.cancel();
    sim.run_until_quiet();

    CHECK(owner.story_of(good.id()) == words{"completed"});
    CHECK(owner.story_of(bad.id()) == words{"failed"});
    CHECK(owner.story_of(told.id()) == words{"cancelled"});
    CHECK(owner.story_of(late.id()) == words{"timed_out"});
    CHECK(owner.ends_of(good.id()).at(0).result() == outcome{task_state::completed, 7, ""});
    CHECK(owner.ends_of(bad.id()).at(0).error == "no luck");
    for (const auto& task : {good, bad, told, late}) {
      CHECK(end_of(task) == owner.ends_of(task.id()).at(0).result());
      CHECK(end_of(task).state == task.state());
    }
  }

  SECTION("a completion that comes after the time-out changes nothing") {
    const auto task = *owner->spawn({.timeout = 1s}, work_undisturbed, 20s, "too late");
    sim.advance(1s + 5s);  // the time-out, and the grace period
    CHECK(task.state() == task_state::timed_out);
    const auto before = task.record();
    sim.run_until_quiet();

    CHECK(task.state() == task_state::timed_out);
    CHECK(task.record().end == before.end);
    CHECK(task.record().ended_at_ms == before.ended_at_ms);
    CHECK(owner.events_of(task.id()).size() == 1);
  }

  SECTION("a cancel that comes after the end changes nothing") {
    const auto task = *owner->spawn({}, answer, 1);
    sim.run();
    CHECK(task.cancel() == 0);
    sim.run_until_quiet();
    CHECK(end_of(task) == outcome{task_state::completed, 1, ""});
    CHECK(owner.story_of(task.id()) == words{"completed"});
  }
}

TEST_CASE(
    "Exactly one terminal event per task reaches its owner or one dead letter; per task, events "
    "arrive in emission order with a gap-free sequence number, the terminal one last. "
    "At-least-once on the wire, once after de-duplication by event id.",
    "[guarantee-2][A16][B16][B18][B42][B43]") {
  simulated_runtime sim(2);

  SECTION("to its owner, in order, without a gap") {
    recorder owner(sim, "o", {.started_events = true});
    for (int i = 0; i < 5; ++i) REQUIRE(owner->spawn({}, count_up, 10));
    sim.run();
    for (const auto& task : owner->list()) {
      const auto events = owner.events_of(task.id);
      REQUIRE(events.size() == 12);
      CHECK(events.front().kind == event_kind::started);
      for (std::size_t i = 0; i < events.size(); ++i) {
        CHECK(events[i].seq == i + 1);
        CHECK(events[i].id() == to_string(task.id) + ":" + std::to_string(i + 1));
        if (i > 0 && i < 11) CHECK(events[i].payload == i);
      }
      CHECK(events.back().kind == event_kind::completed);
      CHECK(owner.ends_of(task.id).size() == 1);
    }
    CHECK(sim.default_manager().dead_letters().empty());
  }

  SECTION("to a dead letter when the owner is gone") {
    task_id id;
    {
      const auto owner = sim.open_owner("o");
      id = owner.spawn({}, work_for, 1s, "done")->id();
      sim.run();
    }
    CHECK(sim.default_manager().dead_letters().empty());
    sim.run_until_quiet();
    const auto letters = sim.default_manager().dead_letters();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].what.task == id);
    CHECK(letters[0].what.result() == outcome{task_state::completed, "done", ""});
  }

  SECTION("to a dead letter when the owner went away before it read") {
    {
      const auto owner = sim.open_owner("o");
      REQUIRE(owner.spawn({}, count_up, 3));
      sim.run();
    }
    const auto letters = sim.default_manager().dead_letters();
    REQUIRE(letters.size() == 1);  // what was emitted on the way dies with its reader
    CHECK(letters[0].what.seq == 4);
    CHECK(letters[0].what.is_terminal());
  }
}

namespace {

coroutine<void> say(task_context, words* story) {
  story->push_back("body");
  co_return;
}

coroutine<void> hear(actor_context<event> self, words* story) {
  while (auto happened = co_await self.receive()) {
    story->push_back("event: " + std::string(to_string(happened->kind)));
  }
}

}  // namespace

TEST_CASE(
    "The record is journalled before the body starts; the outcome is journalled before the event "
    "is mailed.",
    "[guarantee-3][A7][A33][B10][B11][B14]") {
  words story;
  const auto written = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(3, {.manager = {.journal = written}});

  SECTION("on the way of a task") {
    const auto owner = sim.open_owner("o", sim.spawn<event>(hear, &story));
    REQUIRE(owner.spawn({}, say, &story));
    CHECK(story == words{"journal: accepted bg_0"});
    sim.run();
    CHECK(story == words{"journal: accepted bg_0", "body", "journal: ended bg_0 completed",
                         "event: completed"});
  }

  SECTION("what the journal refuses is never started and leaves nothing") {
    written->on_accepted = disk_full;
    recorder owner(sim);
    const auto refused = owner->spawn({.name = "x"}, say, &story);
    sim.run();
    CHECK(refused.error() ==
          error{error_code::journal_failed, "the journal refused the task: no space left"});
    CHECK(story == words{"journal: accepted bg_0"});
    CHECK(owner->list().empty());
    CHECK(owner.events().empty());
    CHECK_FALSE(owner->has_running());
    CHECK(sim.default_manager().metrics().running == 0);
  }
}

TEST_CASE(
    "Handle, inbox and record exist before any part of the body runs: a cancel or a message right "
    "after spawn is never lost.",
    "[guarantee-4][B47][E37][D4]") {
  simulated_runtime sim(4);
  recorder owner(sim);

  SECTION("a record") {
    const auto task = *owner->spawn({.name = "early", .goal = "be known"}, answer, 1);
    REQUIRE(owner->get(task.id()));
    CHECK(owner->get(task.id())->what.goal == "be known");
    CHECK(owner->get(task.id())->state == task_state::running);
    CHECK(owner->find("early") == task);
    CHECK(owner->has_running());
  }

  SECTION("a cancel") {
    words story;
    const auto task = *owner->spawn({}, say, &story);
    CHECK(task.cancel() == 1);
    sim.run();
    CHECK(story.empty());
    CHECK(task.state() == task_state::cancelled);
    CHECK(owner.story_of(task.id()) == words{"cancelled"});
  }

  SECTION("a message") {
    const auto task = *owner->spawn({}, collect);
    CHECK(task.send("first"));
    task.close_inbox();
    sim.run();
    CHECK(end_of(task).result == json{"first"});
  }
}

namespace {

/// Calls `what` in eight threads at the same moment, `each` times in each of them.
template <class Call>
void at_the_same_time(std::size_t each, Call what) {
  constexpr std::size_t count = 8;
  std::barrier start(count);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&start, &what, each] {
      start.arrive_and_wait();
      for (std::size_t n = 0; n < each; ++n) what();
    });
  }
}

}  // namespace

TEST_CASE("Capacity check, name check and insertion are one atomic step.",
          "[guarantee-5][A6][B50]") {
  runtime real({.workers = 2, .manager = {.limits = {.max_running = 25}}});
  const auto owner = real.open_owner("o");
  std::atomic<std::size_t> accepted{0};
  std::atomic<std::size_t> refused{0};

  SECTION("of many spawns at once a cap of 25 accepts exactly 25") {
    at_the_same_time(20, [&] {
      const auto why = owner.spawn({}, wait_for_cancel).error().code;
      if (why == error_code::none) ++accepted;
      if (why == error_code::capacity_reached) ++refused;
    });
    CHECK(accepted == 25);
    CHECK(refused == 8 * 20 - 25);
    CHECK(owner.list().size() == 25);
    CHECK(real.default_manager().metrics().running == 25);
    CHECK(real.default_manager().metrics().rejected == refused);
  }

  SECTION("of many spawns of one name exactly one is accepted") {
    at_the_same_time(1, [&] {
      const auto why = owner.spawn({.name = "x"}, wait_for_cancel).error().code;
      if (why == error_code::none) ++accepted;
      if (why == error_code::name_taken) ++refused;
    });
    CHECK(accepted == 1);
    CHECK(refused == 7);
    CHECK(owner.list().size() == 1);
  }

  owner.cancel_all();
  CHECK(real.default_manager().drain(30s).is_clean());
}

}  // namespace actors
