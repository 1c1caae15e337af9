#include <atomic>
#include <thread>

#include "actors/manager.hpp"
#include "actors/runtime.hpp"
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

TEST_CASE("ends are counted by state", "[metrics][B49]") {
  simulated_runtime sim(GENERATE(range(0, 10)));
  recorder owner(sim);
  REQUIRE(owner->spawn({}, nothing));
  REQUIRE(owner->spawn({}, nothing));
  REQUIRE(owner->spawn({}, raise, "broken"));
  REQUIRE(owner->spawn({}, wait_for_cancel)->cancel());
  REQUIRE(owner->spawn({.timeout = 1s}, wait_for_cancel));
  REQUIRE(owner->spawn({}, wait_for_cancel));
  sim.advance(2s);
  const auto now = sim.default_manager().metrics();
  CHECK(now.completed == 2);
  CHECK(now.failed == 1);
  CHECK(now.cancelled == 1);
  CHECK(now.timed_out == 1);
  CHECK(now.ended == 5);
  CHECK(now.accepted == 6);
  CHECK(now.running == 1);
}

TEST_CASE("a task that the journal refuses has neither begun nor ended", "[metrics][B15]") {
  std::vector<std::string> story;
  const auto journal = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(1, {.manager = {.journal = journal}});
  recorder owner(sim);
  journal->on_accepted = disk_full;
  CHECK_FALSE(owner->spawn({}, nothing));
  const auto now = sim.default_manager().metrics();
  CHECK(now.accepted == 0);
  CHECK(now.ended == 0);
  CHECK(now.failed == 0);
  CHECK(now.rejected == 1);
  CHECK(now.journal_failures_accepted == 1);
  CHECK(now.journal_failures_ended == 0);
}

TEST_CASE("failures of the journal are counted by operation", "[metrics][B15]") {
  std::vector<std::string> story;
  const auto journal = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(1, {.manager = {.journal = journal}});
  recorder owner(sim);
  journal->on_ended = disk_full;
  const auto first = *owner->spawn({}, nothing);
  const auto second = *owner->spawn({}, raise, "broken");
  sim.run();
  const auto now = sim.default_manager().metrics();
  CHECK(now.journal_failures_accepted == 0);
  CHECK(now.journal_failures_ended == 2);
  CHECK(now.journal_failures == 2);
  CHECK(owner.ends_of(first.id()).size() == 1);
  CHECK(owner.ends_of(second.id()).size() == 1);
}

TEST_CASE("deliveries are counted: those that wait, those in flight, and failed attempts",
          "[metrics]") {
  simulated_runtime sim;
  const auto owner = sim.open_owner(
      "o", owner_options{.by_claim = true, .retry = {.base = 1h, .max = 1h}, .lease = 10s});
  const auto& manager = sim.default_manager();
  for (int i = 0; i < 3; ++i) REQUIRE(owner.spawn({}, nothing));
  sim.run();
  CHECK(manager.metrics().deliveries_waiting == 3);
  const auto one = owner.claim("me");
  REQUIRE(one);
  CHECK(manager.metrics().deliveries_waiting == 2);
  CHECK(manager.metrics().deliveries_in_flight == 1);
  REQUIRE(owner.fail(*one, "me", "no"));
  CHECK(manager.metrics().deliveries_waiting == 3);
  CHECK(manager.metrics().delivery_failures == 1);
  REQUIRE(owner.claim("me"));
  sim.advance(11s);
  const auto third = owner.claim("me");
  REQUIRE(third);
  CHECK(manager.metrics().delivery_failures == 2);
  REQUIRE(owner.complete(*third, "me"));
  CHECK(manager.metrics().deliveries_waiting == 2);
  CHECK(manager.metrics().deliveries_in_flight == 0);
}

TEST_CASE("threads: figures that are read while tasks come and go add up", "[metrics][B49]") {
  runtime home;
  const auto owner = home.open_owner("o");
  const auto& manager = home.default_manager();
  std::atomic<bool> is_done{false};
  std::atomic<bool> adds_up{true};
  std::thread reader([&] {
    manager_metrics before;
    while (!is_done.load()) {
      const auto now = manager.metrics();
      const bool grows = now.completed >= before.completed && now.failed >= before.failed;
      if (!grows || now.ended > now.accepted || now.ended + now.running != now.accepted) {
        adds_up = false;
      }
      before = now;
    }
  });
  for (int i = 0; i < 2000; ++i) {
    if (i % 2 == 0) {
      REQUIRE(owner.spawn({.events = events_go::nowhere}, nothing));
    } else {
      REQUIRE(owner.spawn({.events = events_go::nowhere}, raise, "broken"));
    }
  }
  REQUIRE(manager.drain(1min).is_clean());
  is_done = true;
  reader.join();
  CHECK(adds_up);
  CHECK(manager.metrics().completed == 1000);
  CHECK(manager.metrics().failed == 1000);
}

}  // namespace actors
