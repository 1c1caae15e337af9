#include <atomic>
#include <latch>
#include <thread>

#include "actors/manager.hpp"
#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

// Cancelling by what tasks work for: runs, and selections by lineage.

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::recorder;
using testing::simulated_runtime;
using words = std::vector<std::string>;

namespace {

coroutine<void> chain(task_context self, int length) {
  if (length > 1) self.spawn({}, chain, length - 1).value();
  co_await until_cancelled();
}

coroutine<void> with_child_in(task_context self, std::string run) {
  self.spawn({.name = "child", .run_id = run}, wait_for_cancel).value();
  co_await until_cancelled();
}

coroutine<void> leave_a_child(task_context self) {
  self.spawn({.name = "orphan", .life = lifetime::outlives}, wait_for_cancel).value();
  co_return;
}

/// Tries to start a child when it is asked to, and says what became of it.
coroutine<void> spawn_on_demand(task_context self, spec what) {
  while (auto message = co_await self.inbox().next()) {
    message->reply(to_string(self.spawn(what, nothing).error().code));
  }
}

coroutine<json> order_spawn(task_context, task_handle whom) {
  co_return (co_await whom.ask("spawn", 1s)).value();
}

error refused_by(const result<task_handle>& spawned) { return spawned.error(); }

}  // namespace

// r1: chain of 3, and one task; r2: one task; no run: one task
TEST_CASE("cancelling a run cancels the trees of its tasks and nothing else", "[cancel][B32]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto top = *owner->spawn({.run_id = "r1"}, chain, 3);
  const auto single = *owner->spawn({.run_id = "r1"}, wait_for_cancel);
  const auto other = *owner->spawn({.run_id = "r2"}, wait_for_cancel);
  const auto none = *owner->spawn({}, wait_for_cancel);
  REQUIRE(owner->spawn({.run_id = "r1"}, nothing));
  sim.run();

  CHECK(owner->cancel_run("r1") == 4);
  sim.run();
  CHECK(top.state() == task_state::cancelled);
  CHECK(single.state() == task_state::cancelled);
  CHECK_FALSE(other.has_ended());
  CHECK_FALSE(none.has_ended());
  CHECK(owner->cancel_run("r1") == 0);
  CHECK(owner->cancel_run("r3") == 0);
}

TEST_CASE("a child of another run goes with its tree, and not with its own run alone",
          "[cancel][B32]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto top = *owner->spawn({.run_id = "r1"}, with_child_in, "r2");
  sim.run();
  CHECK(owner->cancel_run("r2") == 0);
  sim.run();
  CHECK_FALSE(owner->find("child")->has_ended());
  CHECK(owner->cancel_run("r1") == 2);
  sim.run();
  CHECK(top.has_ended());
  CHECK_FALSE(owner->has_running());
}

TEST_CASE("cancelling a run reaches what outlived its parent", "[cancel][B32]") {
  simulated_runtime sim(1, {.manager = {.max_finished = 0}});
  recorder owner(sim);
  REQUIRE(owner->spawn({.run_id = "r1"}, leave_a_child));
  sim.run();
  REQUIRE(owner->list().size() == 1);
  CHECK(owner->cancel_run("r1") == 1);
  sim.run();
  CHECK_FALSE(owner->has_running());
}

TEST_CASE("the empty run id means no run", "[cancel][B32]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, wait_for_cancel);
  CHECK(owner->cancel_run("") == 0);
  CHECK(sim.default_manager().cancel_run("") == 0);
  sim.run();
  CHECK_FALSE(task.has_ended());
  CHECK(owner->spawn({}, nothing));
}

TEST_CASE("an owner cancels its part of a run, the manager all of it", "[cancel][B31][B32]") {
  simulated_runtime sim;
  recorder one(sim, "one");
  recorder two(sim, "two");
  REQUIRE(one->spawn({.run_id = "r"}, chain, 2));
  REQUIRE(two->spawn({.run_id = "r"}, chain, 2));
  sim.run();
  CHECK(one->cancel_run("r") == 2);
  sim.run();
  CHECK_FALSE(one->has_running());
  CHECK(two->has_running());
  // The other owner's run of that name is another run.
  CHECK_FALSE(one->spawn({.run_id = "r"}, nothing));
  CHECK(two->spawn({.run_id = "r"}, nothing));

  CHECK(sim.default_manager().cancel_run("r") == 2 + 1);
  sim.run();
  CHECK_FALSE(two->has_running());
  CHECK_FALSE(two->spawn({.run_id = "r"}, nothing));
}

TEST_CASE("a spawn under a cancelled run is refused and leaves nothing", "[cancel][B34]") {
  simulated_runtime sim(1, {.manager = {.limits = {.max_running = 1}}});
  recorder owner(sim);
  CHECK(owner->cancel_run("r1") == 0);
  const auto refused = owner->spawn({.name = "late", .run_id = "r1"}, nothing);
  CHECK(refused_by(refused) ==
        error{error_code::run_cancelled, "parent run 'r1' has already been cancelled"});
  CHECK(owner->list().empty());
  CHECK_FALSE(owner->has_running());
  CHECK(sim.default_manager().metrics().rejected == 1);
  const auto next = owner->spawn({.name = "late", .run_id = "r2"}, nothing);
  REQUIRE(next);
  CHECK(next->id() == task_id::sequential(0));
}

TEST_CASE("a nested spawn under a cancelled run is refused, whether it inherits the run or not",
          "[cancel][B34]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto inside = *owner->spawn({.run_id = "r1"}, spawn_on_demand, spec{});
  const auto outside = *owner->spawn({}, spawn_on_demand, spec{.run_id = "r1"});
  const auto leaves = *owner->spawn({}, spawn_on_demand, spec{.run_id = "r2"});
  const auto before = *owner->spawn({}, order_spawn, inside);
  sim.run();
  CHECK(end_of(before).result == "none");
  owner->cancel_run("r1");
  const auto after = *owner->spawn({}, order_spawn, outside);
  const auto beside = *owner->spawn({}, order_spawn, leaves);
  sim.run();
  CHECK(inside.state() == task_state::cancelled);
  CHECK(end_of(after).result == "run_cancelled");
  CHECK(end_of(beside).result == "none");
}

TEST_CASE("the oldest cancelled runs are forgotten first", "[cancel][B56]") {
  simulated_runtime sim(1, {.manager = {.max_cancelled_runs = 2}});
  recorder owner(sim);
  for (const auto* run : {"r1", "r2", "r2", "r3"}) owner->cancel_run(run);
  CHECK(owner->spawn({.run_id = "r1"}, nothing));
  CHECK_FALSE(owner->spawn({.run_id = "r2"}, nothing));
  CHECK_FALSE(owner->spawn({.run_id = "r3"}, nothing));
}

namespace {

/// Cancels a run at the moment at which a task of it is journalled.
class cancelling_journal final : public journal {
 public:
  result<void> accepted(const record& task) override {
    ++begun;
    if (cancel_now) at->cancel_run(task.what.run_id);
    return {};
  }
  result<void> ended(const record& task) override {
    ends.push_back(std::string(to_string(task.state)) + ": " + task.end->error);
    return {};
  }

  bool cancel_now = true;
  const owner* at = nullptr;
  int begun = 0;
  words ends;
};

}  // namespace

TEST_CASE("a run that is cancelled while a task of it is being accepted refuses the task",
          "[cancel][B34]") {
  const auto where = std::make_shared<cancelling_journal>();
  simulated_runtime sim(1, {.manager = {.limits = {.max_running = 1}, .journal = where}});
  recorder owner(sim);
  where->at = &owner.get();
  const auto refused = owner->spawn({.name = "n", .run_id = "r"}, nothing);
  CHECK(refused_by(refused).code == error_code::run_cancelled);
  sim.run();
  CHECK(owner->list().empty());
  CHECK(owner.events().empty());
  CHECK_FALSE(owner->has_running());
  CHECK(sim.default_manager().metrics().running == 0);
  CHECK(sim.default_manager().metrics().accepted == 0);
  // What the journal was told before is told to be over.
  CHECK(where->begun == 1);
  CHECK(where->ends ==
        words{"failed: was not accepted: parent run 'r' has already been cancelled"});
  where->cancel_now = false;
  CHECK(owner->spawn({.name = "n", .run_id = "other"}, nothing));
}

TEST_CASE("of spawns that race with the cancel of their run, each is told or refused",
          "[cancel][B34][stress]") {
  for (int round = 0; round < 50; ++round) {
    runtime real({.workers = 2});
    const auto owner = real.open_owner("o");
    std::latch ready(3);
    std::atomic<std::size_t> accepted{0};
    std::atomic<bool> stop{false};
    const auto spawn_many = [&] {
      ready.arrive_and_wait();
      while (!stop) {
        const auto task = owner.spawn({.run_id = "r"}, wait_for_cancel);
        if (!task) break;
        ++accepted;
      }
    };
    std::thread one(spawn_many);
    std::thread two(spawn_many);
    ready.arrive_and_wait();
    const auto told = owner.cancel_run("r");
    one.join();
    two.join();
    CHECK(told == accepted);
    CHECK(owner.cancel_all() <= told);  // should one have been missed, it does not stay
    std::size_t ends = 0;
    for (const auto& happened : owner.events_until_idle()) {
      ends += happened.kind == event_kind::cancelled ? 1U : 0U;
    }
    CHECK(ends == told);
  }
}

TEST_CASE("a manager cancels the tasks of all owners", "[cancel][E12]") {
  simulated_runtime sim;
  recorder one(sim, "one");
  recorder two(sim, "two");
  REQUIRE(one->spawn({}, chain, 3));
  REQUIRE(two->spawn({}, wait_for_cancel));
  REQUIRE(two->spawn({}, nothing));
  sim.run();
  CHECK(sim.default_manager().cancel_all() == 4);
  sim.run();
  CHECK_FALSE(one->has_running());
  CHECK_FALSE(two->has_running());
  CHECK(sim.default_manager().cancel_all() == 0);
}

TEST_CASE("a new run takes the place of an old one, which is given five seconds", "[cancel][B46]") {
  simulated_runtime sim(1, {.manager = {.grace = duration::max()}});
  recorder owner(sim);
  const auto old = *owner->spawn({.run_id = "1"}, work_for, 1h, 1);
  const auto other = *owner->spawn({.run_id = "x"}, wait_for_cancel);
  sim.run();
  auto start = sim.now();
  CHECK(owner->stop_run("1", 5s).is_clean());
  CHECK(sim.now() == start);
  CHECK(old.state() == task_state::cancelled);
  CHECK(other.state() == task_state::running);
  CHECK_FALSE(owner->spawn({.run_id = "1"}, nothing));

  REQUIRE(owner->spawn({.name = "deaf", .run_id = "2"}, work_undisturbed, 1h, 1));
  sim.run();
  start = sim.now();
  const auto report = owner->stop_run("2", 5s);
  CHECK(sim.now() - start == 5s);
  REQUIRE(report.left.size() == 1);
  CHECK(report.left[0].what.name == "deaf");
  CHECK(owner->spawn({.run_id = "3"}, nothing));
}

TEST_CASE("to stop the run without a name stops nobody and waits for nobody", "[cancel][B46]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, wait_for_cancel);
  sim.run();
  CHECK(owner->stop_run("", duration::max()).is_clean());
  CHECK(task.state() == task_state::running);
}

TEST_CASE("a selection cancels what matches any of its ids, with all below", "[cancel][A30]") {
  simulated_runtime sim;
  recorder one(sim, "one");
  recorder two(sim, "two");
  const auto by_run = *one->spawn({.run_id = "r"}, chain, 2);
  const auto by_call = *one->spawn({.call_id = "c"}, wait_for_cancel);
  const auto by_agent = *one->spawn({.agent_id = "a"}, wait_for_cancel);
  const auto by_owner = *two->spawn({}, wait_for_cancel);
  const auto plain = *one->spawn({}, wait_for_cancel);
  sim.run();
  auto all = sim.default_manager();
  CHECK(all.cancel_matching({.owner = "nobody", .run_id = "x"}) == 0);
  CHECK(all.cancel_matching({.run_id = "r", .call_id = "c"}) == 3);
  CHECK(one->cancel_matching({.owner = "two", .agent_id = "a"}) == 1);
  sim.run();
  CHECK(by_run.has_ended());
  CHECK(by_call.has_ended());
  CHECK(by_agent.has_ended());
  CHECK_FALSE(by_owner.has_ended());
  CHECK(all.cancel_matching({.owner = "two"}) == 1);
  sim.run();
  CHECK(by_owner.has_ended());
  CHECK_FALSE(plain.has_ended());
  // A selection is about what is there now.
  CHECK(one->spawn({.run_id = "r"}, nothing));
}

TEST_CASE("an empty selection cancels nobody", "[cancel][A30]") {
  simulated_runtime sim;
  recorder owner(sim, "");
  const auto task = *owner->spawn({}, wait_for_cancel);
  CHECK(owner->cancel_matching({}) == 0);
  CHECK(sim.default_manager().cancel_matching({}) == 0);
  sim.run();
  CHECK_FALSE(task.has_ended());
}

}  // namespace actors
