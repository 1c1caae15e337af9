#include "actors/testing/recorder.hpp"

#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

namespace actors::testing {

using namespace std::chrono_literals;
using namespace actors::test;
using words = std::vector<std::string>;

TEST_CASE("a recorder keeps every event in order of arrival", "[recorder]") {
  simulated_runtime sim;
  recorder owner(sim, "r");
  CHECK(owner.get().name() == "r");
  REQUIRE(owner->spawn({}, work_for, 2s, "late"));
  REQUIRE(owner->spawn({}, work_for, 1s, "early"));
  CHECK(owner.events().empty());
  sim.advance(2s);
  REQUIRE(owner.events().size() == 2);
  CHECK(owner.events()[0].payload == "early");
  CHECK(owner.events()[1].payload == "late");
}

TEST_CASE("a recorder tells the story of one task", "[recorder]") {
  simulated_runtime sim;
  recorder owner(sim, "r", {.started_events = true});
  const auto one = owner->spawn({}, count_up, 2)->id();
  const auto other = owner->spawn({}, raise, "no")->id();
  sim.run();
  CHECK(owner.story_of(one) == words{"started", "custom", "custom", "completed"});
  CHECK(owner.story_of(other) == words{"started", "failed"});
  CHECK(owner.events_of(one).size() == 4);
  CHECK(owner.ends_of(one).size() == 1);
  CHECK(owner.ends_of(one)[0].payload == 2);
  CHECK(owner.story_of(task_id::sequential(9)).empty());
}

TEST_CASE("a recorder may belong to another manager", "[recorder]") {
  simulated_runtime sim;
  auto other = sim.open_manager();
  recorder owner(sim, other, "r");
  REQUIRE(owner->spawn({}, nothing));
  sim.run();
  CHECK(owner.events().size() == 1);
  CHECK(other.metrics().ended == 1);
  CHECK(sim.default_manager().metrics().accepted == 0);
}

}  // namespace actors::testing
