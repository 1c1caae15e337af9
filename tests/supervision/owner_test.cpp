#include "actors/owner.hpp"

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

TEST_CASE("a spawn returns before any part of the body has run", "[owner][A1]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, answer, 1);
  CHECK(sim.steps() == 0);
  CHECK(task.state() == task_state::running);
}

TEST_CASE("an owner reads its events from its own queue", "[owner]") {
  simulated_runtime sim;
  const auto owner = sim.open_owner("main");
  CHECK(owner.name() == "main");
  REQUIRE(owner.spawn({}, count_up, 2));
  CHECK(owner.next_event()->payload == 1);
  CHECK(owner.next_event()->payload == 2);
  CHECK(owner.next_event()->kind == event_kind::completed);
  CHECK_FALSE(owner.next_event());
}

TEST_CASE("a wait for the next event ends when the time is up", "[owner]") {
  simulated_runtime sim;
  const auto owner = sim.open_owner("o");
  REQUIRE(owner.spawn({}, work_for, 5s, 1));
  const auto start = sim.now();
  CHECK_FALSE(owner.next_event(2s));
  CHECK(sim.now() - start == 2s);
  CHECK(owner.next_event(10s));
  CHECK(sim.now() - start == 5s);
}

TEST_CASE("the events until idle are all events of all tasks", "[owner]") {
  simulated_runtime sim(3);
  const auto owner = sim.open_owner("o");
  for (int i = 0; i < 10; ++i) REQUIRE(owner.spawn({}, count_up, 3));
  std::size_t events = 0;
  std::size_t ends = 0;
  for (const auto& happened : owner.events_until_idle()) {
    ++events;
    ends += happened.is_terminal() ? 1U : 0U;
  }
  CHECK(events == 40);
  CHECK(ends == 10);
  for (const auto& happened : owner.events_until_idle()) FAIL(to_string(happened));
}

TEST_CASE("events end when nothing can happen any more, although a task lives", "[owner]") {
  simulated_runtime sim;
  const auto owner = sim.open_owner("o");
  REQUIRE(owner.spawn({}, answer, 1));
  const auto stuck = *owner.spawn({}, wait_for_cancel);
  std::size_t events = 0;
  for (const auto& happened : owner.events_until_idle()) events += happened.is_terminal() ? 1U : 0U;
  CHECK(events == 1);
  CHECK_FALSE(owner.next_event());
  CHECK_FALSE(stuck.wait());
  CHECK(owner.has_running());
}

TEST_CASE("a reader of events starts more tasks on the way", "[owner]") {
  simulated_runtime sim;
  const auto owner = sim.open_owner("o");
  REQUIRE(owner.spawn({.name = "again"}, answer, 3));
  words seen;
  for (const auto& happened : owner.events_until_idle()) {
    seen.push_back(dump_json(happened.payload));
    const auto left = happened.payload.get<int>();
    // The name is free again, and so is the place, when the event is read.
    if (left > 0) REQUIRE(owner.spawn({.name = "again"}, answer, left - 1));
  }
  CHECK(seen == words{"3", "2", "1", "0"});
}

TEST_CASE("the events of an owner go to the actor that it names", "[owner][B28]") {
  simulated_runtime sim;
  recorder owner(sim, "o", {.started_events = true});
  REQUIRE(owner->spawn({}, count_up, 1));
  REQUIRE(owner->spawn({}, count_up, 1));
  sim.run();
  CHECK(owner.story_of(task_id::sequential(0)) == words{"started", "custom", "completed"});
  CHECK(owner.story_of(task_id::sequential(1)) == words{"started", "custom", "completed"});
  CHECK_FALSE(owner->next_event(0s));
}

TEST_CASE("an event carries what its owner needs to understand it", "[owner][A17][A19]") {
  simulated_runtime sim;
  recorder owner(sim, "main");
  const json context = {{"file", "a.cpp"}};
  const spec what{.name = "n", .goal = "g", .type = "t", .context = context};
  REQUIRE(owner->spawn(what, answer, 1));
  sim.run();
  const auto& happened = owner.events().at(0);
  CHECK(happened.owner == "main");
  CHECK(happened.what.goal() == "g");
  CHECK(happened.what.type() == "t");
  CHECK(happened.what.context() == context);
}

TEST_CASE("tasks are listed in the order of their ids", "[owner][A23][B54][E13]") {
  simulated_runtime sim(5);
  recorder owner(sim);
  for (int i = 0; i < 40; ++i) REQUIRE(owner->spawn({}, work_for, (i % 7) * 1s, i));
  sim.advance(3s);
  const auto list = owner->list();
  REQUIRE(list.size() == 40);
  for (std::uint64_t i = 0; i < 40; ++i) {
    CHECK(list[i].id == task_id::sequential(i));
    CHECK(is_terminal(list[i].state) == (i % 7 <= 3));
  }
}

TEST_CASE("a record is a copy that stays as it was", "[owner][A23]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, work_for, 1s, 1);
  const auto before = *owner->get(task.id());
  sim.run_until_quiet();
  CHECK(before.state == task_state::running);
  CHECK(owner->get(task.id())->state == task_state::completed);
}

TEST_CASE("a name is free again when its task has ended", "[owner][B8][B9]") {
  simulated_runtime sim;
  recorder owner(sim);
  recorder other(sim, "other");
  const auto first = *owner->spawn({.name = "critic"}, wait_for_cancel);
  const auto refused = owner->spawn({.name = "critic"}, nothing);
  CHECK(refused.error() ==
        error{error_code::name_taken, "a running task named 'critic' already exists"});
  CHECK(other->spawn({.name = "critic"}, nothing));
  CHECK(owner->spawn({}, nothing));
  CHECK(owner->spawn({}, nothing));

  first.cancel();
  sim.run();
  CHECK_FALSE(owner->find("critic"));
  const auto second = owner->spawn({.name = "critic"}, wait_for_cancel);
  REQUIRE(second);
  CHECK(owner->find("critic") == *second);
}

TEST_CASE("a task without a name is found by its id only", "[owner][B9]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, wait_for_cancel);
  CHECK(owner->find(task.id()) == task);
  CHECK_FALSE(owner->find(""));
  CHECK_FALSE(owner->find(to_string(task.id())));
}

TEST_CASE("a refused spawn leaves nothing and takes no id", "[owner][A5][B6][B7][B55]") {
  simulated_runtime sim;
  recorder owner(sim);
  bool ran = false;
  struct bodies {
    static coroutine<void> run(task_context, bool* did) {
      *did = true;
      co_return;
    }
  };
  CHECK(owner->spawn({.name = "all"}, bodies::run, &ran).error() ==
        error{error_code::name_reserved, "'all' is a reserved name"});
  CHECK(owner->spawn({.name = "bg_4"}, bodies::run, &ran).error().code ==
        error_code::invalid_argument);
  CHECK(owner->spawn({.timeout = -1s}, bodies::run, &ran).error().code ==
        error_code::invalid_argument);
  sim.run();
  CHECK_FALSE(ran);
  CHECK(owner->list().empty());
  CHECK(owner.events().empty());
  CHECK(owner->spawn({}, nothing)->id() == task_id::sequential(0));
}

TEST_CASE("an argument that cannot be copied refuses the spawn and leaves nothing",
          "[owner][A52]") {
  struct fragile {
    fragile() = default;
    fragile(const fragile&) { throw std::runtime_error("cannot be copied"); }
    fragile(fragile&&) { throw std::runtime_error("cannot be moved"); }
  };
  struct bodies {
    static coroutine<void> take(task_context, fragile) { co_return; }
  };
  simulated_runtime sim(1, {.manager = {.limits = {.max_running = 1}}});
  recorder owner(sim);
  CHECK_THROWS_AS(owner->spawn({.name = "x"}, bodies::take, fragile()), std::runtime_error);
  CHECK(owner->list().empty());
  CHECK_FALSE(owner->has_running());
  CHECK(owner->spawn({.name = "x"}, nothing));
}

TEST_CASE("a body finds itself in its first step, and its child is another", "[owner][E37]") {
  struct bodies {
    static coroutine<json> look_around(task_context self, owner by) {
      const auto own = by.get(self.id());
      const auto child = *self.spawn({}, nothing);
      const auto its = by.get(child.id());
      co_return json{own && own->what.name == "n", its && its->from.task_id == to_string(self.id()),
                     child.id() != self.id()};
    }
  };
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({.name = "n"}, bodies::look_around, owner.get());
  sim.run();
  CHECK(end_of(task).result == json{true, true, true});
}

TEST_CASE("an owner cancels one task by its id", "[owner][B29][D8][E11]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, wait_for_cancel);
  const auto other = *owner->spawn({}, wait_for_cancel);
  CHECK(owner->cancel_one(task.id()));
  CHECK_FALSE(owner->cancel_one(task_id::sequential(9)));
  CHECK_FALSE(owner->cancel_one(task_id()));
  sim.run();
  CHECK(task.has_ended());
  CHECK_FALSE(other.has_ended());
}

namespace {

// root ── middle ── leaf; each lives until it is told to stop.
coroutine<void> chain(task_context self, int length) {
  if (length > 1) self.spawn({}, chain, length - 1).value();
  co_await until_cancelled();
}

coroutine<void> leave_a_child(task_context self) {
  self.spawn({.name = "orphan", .life = lifetime::outlives}, wait_for_cancel).value();
  co_return;
}

coroutine<void> leave_a_grandchild(task_context self) {
  self.spawn({.life = lifetime::outlives}, leave_a_child).value();
  co_return;
}

}  // namespace

TEST_CASE("an owner cancels a tree by its root", "[owner][B30]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto root = *owner->spawn({}, chain, 5);
  const auto other = *owner->spawn({}, chain, 2);
  sim.run();
  CHECK(owner->cancel(root.id()) == 5);
  CHECK(owner->cancel(task_id::sequential(99)) == 0);
  sim.run();
  CHECK_FALSE(other.has_ended());
  CHECK(owner->cancel(root.id()) == 0);
}

TEST_CASE("cancelling a tree goes through tasks that have ended", "[owner][B30]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto root = *owner->spawn({}, leave_a_grandchild);
  sim.run();
  REQUIRE(root.has_ended());
  const auto orphan = *owner->find("orphan");
  CHECK(owner->cancel(root.id()) == 1);
  sim.run();
  CHECK(orphan.state() == task_state::cancelled);
}

TEST_CASE("an owner cancels all its tasks and nobody else's", "[owner][A25][B31][E12]") {
  simulated_runtime sim;
  recorder owner(sim);
  recorder other(sim, "other");
  REQUIRE(owner->spawn({}, chain, 3));
  REQUIRE(owner->spawn({}, wait_for_cancel));
  REQUIRE(owner->spawn({}, nothing));
  REQUIRE(other->spawn({}, wait_for_cancel));
  sim.run();
  CHECK(owner->cancel_all() == 4);
  sim.run();
  CHECK_FALSE(owner->has_running());
  CHECK(other->has_running());
  CHECK(owner->cancel_all() == 0);
}

TEST_CASE("all tasks are told to stop with the reason of the caller", "[owner][A25]") {
  simulated_runtime sim;
  recorder owner(sim);
  recorder other(sim, "other");
  const auto one = *owner->spawn({}, wait_for_cancel);
  const auto two = *other->spawn({}, wait_for_cancel);
  sim.run();
  CHECK(owner->cancel_all(cancel_reason::shutdown) == 1);
  sim.run();
  CHECK(end_of(one).error == "stop: shutdown");
  CHECK(sim.default_manager().cancel_all(cancel_reason::none) == 1);
  sim.run();
  CHECK(end_of(two).error == "stop: requested");
}

TEST_CASE("when its owner is gone a task goes on and ends as ever", "[owner][B22]") {
  simulated_runtime sim;
  std::optional<owner> gone(sim.open_owner("gone"));
  const auto task = *gone->spawn({}, count_up, 100);
  gone.reset();
  sim.run();
  CHECK(end_of(task) == outcome{task_state::completed, 100, ""});
  CHECK(sim.default_manager().dead_letters().size() == 1);
}

TEST_CASE("a full receiver costs progress events and not the order of those that came",
          "[owner][guarantee-2][A20]") {
  struct bodies {
    static coroutine<void> hear_late(actor_context<event> self, std::vector<event>* to) {
      co_await sleep_for(1s);
      while (auto happened = co_await self.receive()) to->push_back(std::move(*happened));
    }
  };
  simulated_runtime sim;
  std::vector<event> heard;
  const auto receiver = sim.spawn_bounded<event>(3, bodies::hear_late, &heard);
  const auto owner = sim.open_owner("o", receiver);
  REQUIRE(owner.spawn({}, count_up, 5));
  sim.run_until_quiet();
  REQUIRE(heard.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(heard[i].seq == i + 1);
  const auto letters = sim.default_manager().dead_letters();
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].what.seq == 4);
  CHECK(letters[0].what.result().result == 5);
}

}  // namespace actors
