#include <optional>
#include <string>
#include <vector>

#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

// Who hears of a task, and who does not.

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::recorder;
using testing::simulated_runtime;
using words = std::vector<std::string>;

namespace {

/// Emits, and does so again after a second, as does the child that it then has.
coroutine<void> speak_twice(task_context self) {
  self.emit("before");
  co_await sleep_for(1s);
  self.emit("after");
  self.spawn({}, count_up, 1).value();
}

coroutine<void> have_a_child(task_context self) {
  self.spawn({}, nothing).value();
  co_return;
}

coroutine<void> hear_nothing(actor_context<event>) { co_await until_cancelled(); }

coroutine<void> fail_at_an_event(actor_context<event> self) {
  static_cast<void>(co_await self.receive());
  throw std::runtime_error("cannot read this");
}

}  // namespace

TEST_CASE("a task and those below it tell the owner of the spawn, whoever is opened later",
          "[routing][A9][A31][B19][B51]") {
  simulated_runtime sim;
  recorder first(sim, "session");
  const auto task = *first->spawn({}, speak_twice);
  sim.run();
  recorder second(sim, "session");
  sim.run_until_quiet();
  CHECK(first.story_of(task.id()) == words{"custom", "custom", "completed"});
  CHECK(first.story_of(task_id::sequential(1)) == words{"custom", "completed"});
  CHECK(second.events().empty());

  const auto later = *second->spawn({}, nothing);
  sim.run();
  CHECK(second.story_of(later.id()) == words{"completed"});
  CHECK(first.events_of(later.id()).empty());
}

TEST_CASE("each owner hears of its own tasks, also the one that has no name", "[routing][A18]") {
  simulated_runtime sim;
  recorder nameless(sim, "");
  recorder named(sim, "session");
  for (int i = 0; i < 3; ++i) REQUIRE(nameless->spawn({}, have_a_child));
  REQUIRE(named->spawn({}, have_a_child));
  sim.run();
  CHECK(nameless.events().size() == 6);
  CHECK(named.events().size() == 2);
  for (const auto& happened : nameless.events()) CHECK(happened.owner.empty());
  for (const auto& happened : named.events()) CHECK(happened.owner == "session");
}

TEST_CASE("what an owner that is gone would have heard reaches no other owner", "[routing][E28]") {
  simulated_runtime sim;
  std::optional<owner> gone(sim.open_owner("session"));
  recorder other(sim, "session");
  const auto task = *gone->spawn({}, count_up, 2);
  gone.reset();
  sim.run();
  CHECK(task.has_ended());
  CHECK(other.events().empty());
  const auto letters = sim.default_manager().dead_letters();
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].what.task == task.id());
}

TEST_CASE("a receiver that does not read holds up nobody", "[routing][E29]") {
  simulated_runtime sim;
  const auto slow = sim.open_owner("slow", sim.spawn<event>(hear_nothing));
  recorder quick(sim, "quick");
  const auto unheard = *slow.spawn({}, count_up, 5);
  const auto heard = *quick->spawn({}, count_up, 5);
  const auto start = sim.now();
  sim.run();
  CHECK(sim.now() == start);
  CHECK(unheard.state() == task_state::completed);
  CHECK(quick.events_of(heard.id()).size() == 6);
}

TEST_CASE("a receiver that fails at an event does the task no harm", "[routing][E8]") {
  words failures;
  runtime_options options;
  options.on_unhandled = [&failures](const std::string& why) { failures.push_back(why); };
  simulated_runtime sim(1, options);
  const auto owner = sim.open_owner("o", sim.spawn<event>(fail_at_an_event));
  const auto task = *owner.spawn({}, count_up, 5);
  sim.run();
  CHECK(end_of(task) == outcome{task_state::completed, 5, ""});
  REQUIRE(failures.size() == 1);
  CHECK_THAT(failures[0], Catch::Contains("cannot read this"));
  CHECK(sim.default_manager().dead_letters().size() == 1);
}

}  // namespace actors
