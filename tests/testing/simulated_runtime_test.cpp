#include "actors/testing/simulated_runtime.hpp"

#include <set>

#include "actors/testing/recorder.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

namespace actors::testing {

using namespace std::chrono_literals;
using namespace actors::test;

TEST_CASE("nothing happens by itself", "[simulated_runtime]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, answer, 1);
  CHECK(sim.steps() == 0);
  CHECK_FALSE(task.has_ended());
  sim.run();
  CHECK(task.has_ended());
}

TEST_CASE("run leaves the clock alone, advance moves it", "[simulated_runtime]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto start = sim.now();
  const auto task = *owner->spawn({}, work_for, 2s, 1);
  sim.run();
  CHECK(sim.now() == start);
  CHECK_FALSE(task.has_ended());
  sim.advance(2s - 1ns);
  CHECK_FALSE(task.has_ended());
  sim.advance(1ns);
  CHECK(task.has_ended());
  CHECK(sim.now() == start + 2s);
}

TEST_CASE("advance runs what becomes due on the way, in order", "[simulated_runtime]") {
  simulated_runtime sim;
  recorder owner(sim);
  for (const auto time : {3s, 1s, 2s}) REQUIRE(owner->spawn({}, work_for, time, time.count()));
  sim.advance(10s);
  std::vector<json> results;
  for (const auto& one : owner.events()) results.push_back(one.payload);
  CHECK(results == std::vector<json>{1, 2, 3});
  CHECK(owner.events()[1].at_ms - owner.events()[0].at_ms == 1000);
}

TEST_CASE("run_until_quiet moves the clock as far as something is armed", "[simulated_runtime]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto start = sim.now();
  REQUIRE(owner->spawn({}, work_for, 1000h, 1));
  REQUIRE(owner->spawn({}, wait_for_cancel));
  sim.run_until_quiet();
  CHECK(sim.now() == start + 1000h);
  CHECK(owner->has_running());
}

TEST_CASE("a step is one turn of one actor", "[simulated_runtime]") {
  simulated_runtime sim;
  CHECK_FALSE(sim.step());
  recorder owner(sim);
  REQUIRE(owner->spawn({}, nothing));
  CHECK(sim.step());
  CHECK(sim.steps() == 1);
  while (sim.step()) {
  }
  CHECK(owner.events().size() == 1);
}

TEST_CASE("a trace has a line per turn from when it was asked for", "[simulated_runtime]") {
  simulated_runtime sim;
  recorder owner(sim);
  REQUIRE(owner->spawn({}, nothing));
  sim.run();
  CHECK(sim.trace().empty());
  const auto before = sim.steps();
  sim.keep_trace();
  REQUIRE(owner->spawn({}, work_for, 1s, 1));
  sim.run_until_quiet();
  CHECK(sim.trace().size() == sim.steps() - before);
}

TEST_CASE("different seeds take different orders", "[simulated_runtime]") {
  std::set<std::vector<std::uint64_t>> orders;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    simulated_runtime sim(seed);
    recorder owner(sim);
    for (int i = 0; i < 4; ++i) REQUIRE(owner->spawn({}, nothing));
    sim.run();
    std::vector<std::uint64_t> order;
    for (const auto& one : owner.events()) order.push_back(one.task.number());
    orders.insert(order);
  }
  CHECK(orders.size() > 5);
}

TEST_CASE("two simulations in one process do not disturb each other", "[simulated_runtime]") {
  const auto fingerprint = [](bool with_other) {
    simulated_runtime sim(4);
    recorder owner(sim);
    simulated_runtime other(5);
    recorder his(other);
    for (int i = 0; i < 10; ++i) {
      REQUIRE(owner->spawn({}, count_up, 5));
      if (with_other) {
        REQUIRE(his->spawn({}, count_up, 3));
        other.step();
      }
      sim.step();
    }
    sim.run();
    return sim.fingerprint();
  };
  CHECK(fingerprint(true) == fingerprint(false));
}

}  // namespace actors::testing
