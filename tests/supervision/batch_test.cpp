#include "actors/batch.hpp"

#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using enum task_state;
using testing::recorder;
using testing::simulated_runtime;
using words = std::vector<std::string>;

namespace {

words states_in(const json& result) {
  words all;
  for (const auto& entry : result.at("results")) all.push_back(entry.at("state"));
  return all;
}

coroutine<int> add(task_context self, int left, std::unique_ptr<int> right) {
  self.emit("about to add");
  co_return left + *right;
}

coroutine<json> lead(task_context self) {
  batch two;
  two.add({.name = "a"}, work_for, 1s, 1);
  two.add({.name = "b"}, work_for, 2s, 2);
  const auto unit = std::move(two).spawn(self);
  const auto end = co_await unit->ended();
  co_return end.result;
}

}  // namespace

TEST_CASE("a batch is one task with one event that has all the results in order", "[batch][A28]") {
  simulated_runtime sim;
  recorder owner(sim);
  batch three({.name = "readers"});
  three.add({.name = "slow", .goal = "take a while"}, work_for, 3s, "late");
  three.add({}, add, 2, std::make_unique<int>(3));
  three.add({.name = "sorry"}, raise, std::string("no luck"));
  CHECK(three.size() == 3);
  const auto unit = *std::move(three).spawn(owner.get());
  sim.advance(3s - 1ms);
  CHECK(unit.state() == running);
  CHECK(owner.events().empty());
  sim.advance(1ms);
  CHECK(end_of(unit) ==
        outcome{completed,
                {{"results",
                  {{{"name", "slow"}, {"state", "completed"}, {"result", "late"}},
                   {{"name", "bg_2"}, {"state", "completed"}, {"result", 5}},
                   {{"name", "sorry"}, {"state", "failed"}, {"error", "no luck"}}}}},
                ""});
  REQUIRE(owner.events().size() == 1);
  CHECK(owner.events()[0].task == unit.id());
  CHECK(owner.events()[0].payload == end_of(unit).result);
  CHECK(owner.events()[0].what.goal() == "3 parallel subagents: take a while; sorry");
  CHECK(owner->list().size() == 4);  // the children have records like all tasks
}

TEST_CASE("a batch takes one place, until its last child has ended", "[batch][A28]") {
  simulated_runtime sim(1, {.manager = {.limits = {.max_running = 2}}});
  recorder owner(sim);
  batch many;
  for (int i = 1; i <= 5; ++i) many.add({}, work_for, i * 1s, i);
  const auto unit = *std::move(many).spawn(owner.get());
  sim.run();
  CHECK(sim.default_manager().metrics().running == 6);
  REQUIRE(owner->spawn({}, work_for, 1s, 0));
  CHECK_FALSE(owner->spawn({}, nothing));
  sim.advance(4s);
  REQUIRE(owner->spawn({}, wait_for_cancel));
  CHECK_FALSE(owner->spawn({}, nothing));
  sim.advance(1s);
  CHECK(unit.state() == completed);
  CHECK(owner->spawn({}, nothing));
}

TEST_CASE("a refused batch leaves nothing behind", "[batch][A5][A28]") {
  simulated_runtime sim(1, {.manager = {.limits = {.max_running = 0}}});
  recorder owner(sim);
  batch two;
  two.add({}, nothing);
  two.add({}, nothing);
  CHECK(std::move(two).spawn(owner.get()).error().code == error_code::capacity_reached);
  CHECK(std::move(batch()).spawn(owner.get()).error() ==
        error{error_code::invalid_argument, "the batch has no tasks"});
  sim.run();
  CHECK(owner->list().empty());
  CHECK(owner.events().empty());
}

TEST_CASE("a batch fails only when none of its children completed", "[batch][A28][E35]") {
  simulated_runtime sim;
  recorder owner(sim);
  batch bad;
  bad.add({.name = "a"}, raise, std::string("no luck"));
  bad.add({.name = "b", .timeout = 1s}, wait_for_cancel);
  const auto unit = *std::move(bad).spawn(owner.get());
  sim.run_until_quiet();
  const auto end = end_of(unit);
  CHECK(end.state == failed);
  CHECK(end.error == "none of 2 completed; the first: no luck");
  CHECK(states_in(end.result) == words{"failed", "timed_out"});
  REQUIRE(owner.events().size() == 1);
  CHECK(owner.events()[0].result() == end);
  CHECK(to_json(owner.events()[0])["result"] == end.result);
}

TEST_CASE("a child that is refused counts as failed", "[batch][A28][B8]") {
  simulated_runtime sim;
  recorder owner(sim);
  REQUIRE(owner->spawn({.name = "taken"}, wait_for_cancel));
  batch two;
  two.add({.name = "taken"}, nothing);
  two.add({.name = "free"}, answer, 1);
  const auto unit = *std::move(two).spawn(owner.get());
  sim.run();
  CHECK(end_of(unit).result["results"][0] ==
        json{{"name", "taken"},
             {"state", "failed"},
             {"error", "a running task named 'taken' already exists"}});
  CHECK(end_of(unit).state == completed);
}

TEST_CASE("to cancel a batch is to cancel all its children", "[batch][A28][A47]") {
  simulated_runtime sim;
  recorder owner(sim);
  batch three;
  for (int i = 0; i < 3; ++i) three.add({}, wait_for_cancel);
  const auto unit = *std::move(three).spawn(owner.get());
  sim.run();
  CHECK(unit.cancel() == 4);
  sim.run_until_quiet();
  CHECK(end_of(unit) == outcome{cancelled, nullptr, "stop: requested"});
  for (const auto& task : owner->list()) CHECK(task.state == cancelled);
  CHECK(owner.events().size() == 1);
}

TEST_CASE("a batch that is cancelled keeps what its children completed", "[batch][A26][A28][B3]") {
  simulated_runtime sim;
  recorder owner(sim);
  batch three;
  three.add({}, answer, 1);
  three.add({}, succeed_when_cancelled, 2);
  three.add({}, wait_for_cancel);
  const auto unit = *std::move(three).spawn(owner.get());
  sim.run();
  unit.cancel();
  sim.run_until_quiet();
  CHECK(end_of(unit).state == completed);
  CHECK(states_in(end_of(unit).result) == words{"completed", "completed", "cancelled"});
}

TEST_CASE("the time-out of a batch is that of all its children", "[batch][A28][D11]") {
  simulated_runtime sim;
  recorder owner(sim);
  batch two({.timeout = 2s});
  two.add({}, wait_for_cancel);
  two.add({}, wait_for_cancel);
  const auto unit = *std::move(two).spawn(owner.get());
  sim.run_until_quiet();
  CHECK(end_of(unit).state == timed_out);
  CHECK(end_of(unit).error == "Execution timed out after 2 seconds");
  for (const auto& task : owner->list()) CHECK(task.state == timed_out);
}

TEST_CASE("a batch that is cancelled in the queue never begins", "[batch][A28][D10]") {
  simulated_runtime sim(1,
                        {.manager = {.limits = {.max_running = 1, .when_full = on_full::queue}}});
  recorder owner(sim);
  REQUIRE(owner->spawn({}, work_for, 1s, 1));
  batch two;
  two.add({}, nothing);
  two.add({}, nothing);
  const auto unit = *std::move(two).spawn(owner.get());
  CHECK(unit.state() == queued);
  CHECK(unit.cancel() == 1);
  sim.run_until_quiet();
  CHECK(owner.story_of(unit.id()) == words{"cancelled"});
  CHECK(owner->list().size() == 2);
}

TEST_CASE("a task may start a batch of its own", "[batch][A28]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, lead);
  sim.run_until_quiet();
  CHECK(states_in(end_of(task).result) == words{"completed", "completed"});
  CHECK(owner.events().size() == 2);  // the unit's and the lead's
}

TEST_CASE("what a child shows may nest as deeply as its unit can tell", "[batch]") {
  simulated_runtime sim;
  recorder owner(sim);
  json deep = 1;
  for (std::size_t i = 0; i < max_written_depth; ++i) deep = json::array({std::move(deep)});
  batch one;
  one.add({}, answer, deep);
  const auto unit = *std::move(one).spawn(owner.get());
  sim.run();
  CHECK(end_of(unit).state == completed);
}

TEST_CASE(
    "the children of a batch are forgotten as others are, also where events are settled later",
    "[batch][A24]") {
  simulated_runtime sim(1, {.manager = {.max_finished = 2}});
  const auto owner = sim.open_owner("o", {.by_claim = true});
  batch many;
  for (int i = 0; i < 10; ++i) many.add({}, answer, i);
  REQUIRE(std::move(many).spawn(owner));
  sim.run();
  CHECK(owner.list().size() == 3);  // the unit, whose event nobody has claimed, and two children
  CHECK(owner.claim("reader")->what.payload["results"].size() == 10);
}

TEST_CASE("of a task whose events go nowhere nothing is mailed", "[batch][A28][guarantee-2]") {
  simulated_runtime sim;
  recorder owner(sim, "o", {.started_events = true});
  const auto task = *owner->spawn({.events = events_go::nowhere}, count_up, 3);
  sim.run();
  CHECK(end_of(task).result == 3);
  CHECK(owner.events().empty());
  CHECK(sim.default_manager().dead_letters().empty());
}

}  // namespace actors
