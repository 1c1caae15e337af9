#include "actors/query.hpp"

#include "actors/manager.hpp"
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

namespace {

words names(const std::vector<record>& tasks) {
  words all;
  for (const auto& task : tasks) all.push_back(task.what.name);
  return all;
}

runtime_options with_places(std::size_t count) {
  runtime_options options;
  options.manager.limits = {.max_running = count, .when_full = on_full::queue};
  return options;
}

}  // namespace

TEST_CASE("a list shows tasks of the states that are asked for", "[query][A23][E13]") {
  simulated_runtime sim(1, with_places(2));
  recorder owner(sim);
  REQUIRE(owner->spawn({.name = "done"}, nothing));
  sim.run();
  REQUIRE(owner->spawn({.name = "first"}, wait_for_cancel));
  REQUIRE(owner->spawn({.name = "second"}, wait_for_cancel));
  REQUIRE(owner->spawn({.name = "waiting"}, wait_for_cancel));
  sim.run();
  using in = query::states;
  CHECK(names(owner->list({.in = in::all})) == words{"done", "first", "second", "waiting"});
  CHECK(names(owner->list({.in = in::live})) == words{"first", "second", "waiting"});
  CHECK(names(owner->list({.in = in::running})) == words{"first", "second"});
  CHECK(names(owner->list({.in = in::queued})) == words{"waiting"});
  CHECK(names(owner->list({.in = in::ended})) == words{"done"});
  CHECK(names(owner->list({.in = in::live, .limit = 2})) == words{"first", "second"});
}

TEST_CASE("recent tasks are those that have ended, the latest start first, up to a limit",
          "[query][E13]") {
  simulated_runtime sim(GENERATE(range(0, 5)));
  recorder owner(sim);
  for (const auto* name : {"a", "b", "c", "d"}) {
    REQUIRE(owner->spawn({.name = name}, work_for, duration(1min), json()));
    sim.advance(1s);
  }
  REQUIRE(owner->spawn({.name = "short"}, nothing));
  sim.advance(56s);
  CHECK(names(owner->list({.in = query::states::ended, .sorted = query::order::newest_first})) ==
        words{"short", "a"});
  sim.run_until_quiet();
  REQUIRE(owner->spawn({.name = "live"}, wait_for_cancel));
  CHECK(names(owner->list(
            {.in = query::states::ended, .sorted = query::order::newest_first, .limit = 3})) ==
        words{"short", "d", "c"});
}

TEST_CASE("a list shows tasks of one owner or one run", "[query][E13]") {
  simulated_runtime sim;
  recorder here(sim, "here");
  recorder there(sim, "there");
  REQUIRE(here->spawn({.name = "a", .run_id = "r1"}, nothing));
  REQUIRE(here->spawn({.name = "b", .run_id = "r2"}, nothing));
  REQUIRE(there->spawn({.name = "c", .run_id = "r1"}, nothing));
  const auto& manager = sim.default_manager();
  CHECK(names(manager.list({.owner = "here"})) == words{"a", "b"});
  CHECK(names(manager.list({.run_id = "r1"})) == words{"a", "c"});
  CHECK(names(here->list({.run_id = "r1"})) == words{"a"});
  CHECK(here->list({.owner = "there"}).empty());
}

TEST_CASE("capacity is reached when every place is taken, and queued tasks take none",
          "[query][E32]") {
  simulated_runtime sim(1, with_places(2));
  recorder owner(sim);
  const auto& manager = sim.default_manager();
  const auto first = *owner->spawn({}, wait_for_cancel);
  CHECK_FALSE(manager.at_capacity());
  REQUIRE(owner->spawn({}, wait_for_cancel));
  CHECK(manager.at_capacity());
  CHECK(owner->at_capacity());
  REQUIRE(owner->spawn({}, nothing));
  first.cancel();
  CHECK(manager.at_capacity());  // it has not ended yet
  sim.run();
  CHECK_FALSE(manager.at_capacity());
}

TEST_CASE("an owner at its own limit leaves room for the others", "[query][E32]") {
  simulated_runtime sim;
  recorder small(sim, "small", {.limits = {.max_running = 1}});
  recorder other(sim, "other");
  REQUIRE(small->spawn({}, wait_for_cancel));
  CHECK(small->at_capacity());
  CHECK_FALSE(other->at_capacity());
  CHECK_FALSE(sim.default_manager().at_capacity());
}

TEST_CASE("an owner waits for its own tasks, and says what is left", "[query][E33]") {
  simulated_runtime sim(GENERATE(range(0, 10)));
  recorder here(sim, "here");
  recorder there(sim, "there");
  REQUIRE(there->spawn({}, wait_for_cancel));
  REQUIRE(here->spawn({.name = "short"}, work_for, duration(1s), json()));
  const auto slow = *here->spawn({.name = "slow"}, work_for, duration(1min), json());
  const auto report = here->drain(30s);
  CHECK_FALSE(report.is_clean());
  CHECK(names(report.left) == words{"slow"});
  CHECK(sim.now() - time_point{} == 30s);
  CHECK(here->drain(1h).is_clean());
  CHECK(sim.now() - time_point{} == 60s);
  CHECK(slow.has_ended());
  CHECK(there->has_running());
}

TEST_CASE("an owner that waits also waits for tasks that come meanwhile", "[query][E33]") {
  struct bodies {
    static coroutine<void> start_another(task_context self, int more) {
      co_await sleep_for(1s);
      if (more > 0) {
        REQUIRE(self.spawn({.life = lifetime::outlives}, start_another, more - 1));
      }
    }
  };
  simulated_runtime sim;
  recorder owner(sim);
  REQUIRE(owner->spawn({}, bodies::start_another, 5));
  CHECK(owner->drain(1min).is_clean());
  CHECK(owner->list().size() == 6);
  CHECK_FALSE(owner->has_running());
}

TEST_CASE("the tasks of one owner are told to stop and reaped in a time", "[query][E33]") {
  simulated_runtime sim;
  recorder here(sim, "here");
  recorder there(sim, "there");
  REQUIRE(there->spawn({}, wait_for_cancel));
  REQUIRE(here->spawn({}, wait_for_cancel));
  REQUIRE(here->spawn({}, wait_for_cancel));
  CHECK(here->cancel_all() == 2);
  CHECK(here->drain(10s).is_clean());
  CHECK(here->forget_ended() == 2);
  CHECK(here->list().empty());
  CHECK(there->list().size() == 1);
}

TEST_CASE("ended tasks are forgotten on demand, and live ones are not", "[query][E33]") {
  simulated_runtime sim;
  recorder here(sim, "here");
  recorder there(sim, "there");
  const auto ended = *here->spawn({}, nothing);
  const auto live = *here->spawn({}, wait_for_cancel);
  REQUIRE(there->spawn({}, nothing));
  sim.run();
  CHECK(here->forget_ended() == 1);
  CHECK_FALSE(here->get(ended.id()));
  CHECK(end_of(ended).is_success());  // handles keep theirs
  CHECK(here->get(live.id()));
  CHECK(there->list().size() == 1);
  CHECK(sim.default_manager().forget_ended() == 1);
  CHECK(sim.default_manager().forget_ended() == 0);
  CHECK(sim.default_manager().list().size() == 1);
}

TEST_CASE("an ended task whose event was not taken is not forgotten", "[query][E33]") {
  simulated_runtime sim;
  const auto owner = sim.open_owner("o", owner_options{.by_claim = true});
  const auto task = *owner.spawn({}, nothing);
  sim.run();
  CHECK(owner.forget_ended() == 0);
  CHECK(owner.get(task.id()));
  const auto taken = owner.claim("me");
  REQUIRE(taken);
  REQUIRE(owner.complete(*taken, "me"));
  CHECK(owner.forget_ended() == 1);
  CHECK_FALSE(owner.get(task.id()));
}

}  // namespace actors
