#include "actors/runtime.hpp"

#include <semaphore>
#include <thread>

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

coroutine<int> double_it(task_context, int value) { co_return 2 * value; }

coroutine<json> sum_of_children(task_context self, int count) {
  std::vector<task_handle> children;
  for (int i = 1; i <= count; ++i) children.push_back(*self.spawn({}, double_it, i));
  int sum = 0;
  for (const auto& child : children) {
    const auto end = co_await child.ended();
    sum += end.result.get<int>();
  }
  co_return sum;
}

}  // namespace

TEST_CASE("tasks run on the threads of a runtime", "[runtime]") {
  runtime real({.workers = 2});
  const auto owner = real.open_owner("main");
  const auto task = *owner.spawn({}, sum_of_children, 100);
  CHECK(task.wait(30s) == outcome{task_state::completed, 10'100, ""});
  std::size_t events = 0;
  for (const auto& happened : owner.events_until_idle()) events += happened.is_terminal() ? 1U : 0U;
  CHECK(events == 101);
}

TEST_CASE("runtimes share nothing", "[runtime]") {
  runtime one({.workers = 1});
  runtime other({.workers = 1});
  const auto here = one.open_owner("o");
  const auto there = other.open_owner("o");
  const auto task = *here.spawn({.name = "n"}, wait_for_cancel);
  CHECK(there.spawn({.name = "n"}, nothing)->id() == task.id());
  CHECK_FALSE(there.cancel_all() > 1);
  CHECK(other.shutdown(30s).is_clean());
  CHECK(task.state() == task_state::running);
}

TEST_CASE("a shutdown tells every task to stop and refuses more", "[runtime][E3][E22]") {
  simulated_runtime sim;
  recorder owner(sim);
  struct bodies {
    static coroutine<void> lead(task_context self) {
      self.spawn({.name = "child"}, wait_for_cancel).value();
      co_await until_cancelled();
    }
  };
  const auto task = *owner->spawn({}, bodies::lead);
  sim.run();
  CHECK(sim.shutdown(1s).is_clean());
  CHECK(end_of(task) == outcome{task_state::cancelled, nullptr, "stop: shutdown"});
  CHECK(owner->spawn({}, nothing).error() ==
        error{error_code::closed, "the runtime is shutting down and takes no more tasks"});
  CHECK(owner->list().size() == 2);
}

TEST_CASE("after a shutdown that is the first reason to refuse a spawn", "[runtime][E3]") {
  simulated_runtime sim;
  recorder owner(sim);
  sim.shutdown(1s);
  CHECK(owner->spawn({.name = "self", .timeout = -1s}, nothing).error().code == error_code::closed);
}

TEST_CASE("an owner that is an actor hears how its tasks ended in a shutdown", "[runtime]") {
  simulated_runtime sim;
  recorder owner(sim);
  REQUIRE(owner->spawn({}, wait_for_cancel));
  REQUIRE(owner->spawn({}, succeed_when_cancelled, 1));
  sim.run();
  sim.shutdown(1s);
  CHECK(owner.story_of(task_id::sequential(0)) == words{"cancelled"});
  CHECK(owner.story_of(task_id::sequential(1)) == words{"completed"});
}

TEST_CASE("a shutdown ends when its time is up, and says what was left", "[runtime][E30]") {
  simulated_runtime sim(1, {.manager = {.grace = duration::max()}});
  recorder owner(sim);
  struct bodies {
    static coroutine<void> lead(task_context self) {
      self.spawn({.name = "deaf"}, work_undisturbed, 1h, 1).value();
      co_return;
    }
  };
  const auto lead = *owner->spawn({.name = "lead"}, bodies::lead);
  sim.run();
  const auto deaf = *owner->find("deaf");
  const auto start = sim.now();
  const auto report = sim.shutdown(2s);
  CHECK(sim.now() - start == 2s);

  REQUIRE(report.survivors.size() == 2);
  CHECK(report.survivors[0].name == "lead");
  CHECK(report.survivors[0].state == "running, finalizing");
  CHECK(report.survivors[0].awaiting == "children");
  CHECK(report.survivors[1].id == "bg_1");
  CHECK(report.survivors[1].name == "deaf");
  CHECK(report.survivors[1].parent == "bg_0");
  CHECK(report.survivors[1].state == "running, cancelling");
  CHECK(report.survivors[1].awaiting == "sleep");

  CHECK(end_of(deaf).error == "stop: shutdown; abandoned, its body did not end within 2 s");
  CHECK(lead.state() == task_state::completed);
  CHECK_FALSE(owner->has_running());
}

TEST_CASE("a second shutdown finds nothing", "[runtime][E22]") {
  simulated_runtime sim(1, {.manager = {.grace = duration::max()}});
  recorder owner(sim);
  REQUIRE(owner->spawn({}, work_undisturbed, 1h, 1));
  sim.run();
  CHECK_FALSE(sim.shutdown(1s).is_clean());
  sim.run();
  CHECK(sim.shutdown(1s).is_clean());
}

TEST_CASE("a shutdown names actors that are no tasks", "[runtime]") {
  struct bodies {
    static coroutine<void> deaf(actor_context<int>) { co_await shield(1h, nap_of(1h)); }
  };
  simulated_runtime sim;
  const auto actor = sim.spawn<int>(bodies::deaf);
  sim.run();
  const auto report = sim.shutdown(1s);
  REQUIRE(report.survivors.size() == 1);
  CHECK(report.survivors[0].id.starts_with("#"));
  CHECK(report.survivors[0].awaiting == "sleep");
}

namespace {

/// Spawns tasks that wait to be cancelled until that is refused.
class restless {
 public:
  explicit restless(const owner& at)
      : spawner_([this, at] {
          while (at.spawn({}, wait_for_cancel)) {
            if (++accepted_ == 10) begun_.release();
          }
        }) {
    begun_.acquire();
  }
  /// How many were accepted, once no more are.
  std::size_t accepted() {
    spawner_.join();
    return accepted_;
  }

 private:
  std::binary_semaphore begun_{0};
  std::size_t accepted_ = 0;
  std::jthread spawner_;
};

}  // namespace

TEST_CASE("a shutdown reaches tasks that are spawned at the same time", "[runtime]") {
  for (int round = 0; round < 10; ++round) {
    runtime real({.workers = 2});
    const auto owner = real.open_owner("o");
    restless user(owner);
    CHECK(real.shutdown(60s).is_clean());
    const auto accepted = user.accepted();
    CHECK(real.default_manager().drain(60s).is_clean());
    CHECK(real.default_manager().metrics().ended == accepted);
  }
}

TEST_CASE("a disposal reaches tasks that are spawned at the same time", "[runtime][E22]") {
  for (int round = 0; round < 10; ++round) {
    runtime real({.workers = 2});
    const auto owner = real.open_owner("o");
    restless user(owner);
    CHECK(owner.dispose(60s));
    CHECK(owner.list({.in = query::states::live}).empty());
    const auto accepted = user.accepted();
    CHECK_FALSE(owner.has_running());
    CHECK(real.default_manager().metrics().ended == accepted);
  }
}

TEST_CASE("a runtime whose options make no sense is refused by name", "[runtime][E39]") {
  struct row {
    const char* field;
    runtime_options options;
  };
  const row table[] = {
      {"runtime_options.budget must be at least 1, it is 0", {.budget = 0}},
      {"runtime_options.workers must be at most 1024, it is 1025", {.workers = 1025}},
      {"runtime_options.blocking_threads must be at least 1, it is 0", {.blocking_threads = 0}},
      {"runtime_options.shutdown_patience must not be negative, it is -1 s",
       {.shutdown_patience = -1s}},
      {"manager_options.grace must not be negative, it is -2 s", {.manager = {.grace = -2s}}},
  };
  for (const auto& [why, options] : table) {
    CHECK_THROWS_WITH(runtime(options), why);
    CHECK_THROWS_WITH(simulated_runtime(1, options), why);
  }
}

}  // namespace actors
