#include "actors/changes.hpp"

#include <map>
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
using words = std::vector<std::string>;

namespace {

runtime_options with_history(std::size_t size) {
  runtime_options options;
  options.manager.history = size;
  return options;
}

words lines(const std::vector<change>& changes) {
  words all;
  for (const auto& one : changes) {
    all.push_back(std::to_string(one.number) + " " + std::string(one.what.name()) + " " +
                  std::string(to_string(one.state)));
  }
  return all;
}

}  // namespace

TEST_CASE("a reader is given each change of state, numbered without a gap", "[changes]") {
  auto options = with_history(100);
  options.manager.limits = {.max_running = 1, .when_full = on_full::queue};
  simulated_runtime sim(1, options);
  recorder owner(sim);
  auto changes = sim.default_manager().subscribe(0);
  REQUIRE(owner->spawn({.name = "a"}, nothing));
  REQUIRE(owner->spawn({.name = "b"}, raise, "broken"));
  const auto third = *owner->spawn({.name = "c"}, nothing);
  third.cancel();
  CHECK(lines(*changes.next(0s)) ==
        words{"1 a running", "2 b queued", "3 c queued", "4 c cancelled"});
  sim.run();
  CHECK(lines(*changes.next(0s)) == words{"5 a completed", "6 b running", "7 b failed"});
  CHECK(changes.number() == 7);
  CHECK(changes.next(1h)->empty());
}

TEST_CASE("a change says whose task it is, what it is for, and when", "[changes]") {
  simulated_runtime sim(1, with_history(10));
  recorder owner(sim, "me");
  const auto task = *owner->spawn({.goal = "tea"}, nothing);
  const auto told = *sim.default_manager().subscribe(0).next(0s);
  REQUIRE(told.size() == 1);
  CHECK(told[0].task == task.id());
  CHECK(told[0].owner == "me");
  CHECK(told[0].what.goal() == "tea");
  CHECK(told[0].at_ms == task.record().started_at_ms);
}

TEST_CASE("readers go each at their own pace", "[changes]") {
  simulated_runtime sim(1, with_history(10));
  recorder owner(sim);
  const auto& manager = sim.default_manager();
  auto first = manager.subscribe(0);
  auto second = manager.subscribe(0);
  REQUIRE(owner->spawn({.name = "a"}, nothing));
  CHECK(first.next(0s)->size() == 1);
  sim.run();
  CHECK(lines(*first.next(0s)) == words{"2 a completed"});
  CHECK(lines(*second.next(0s)) == words{"1 a running", "2 a completed"});
  CHECK(lines(*manager.subscribe(1).next(0s)) == words{"2 a completed"});
}

TEST_CASE("a reader that asks for what is no longer kept is told so", "[changes]") {
  simulated_runtime sim(1, with_history(3));
  recorder owner(sim);
  const auto& manager = sim.default_manager();
  auto late = manager.subscribe(0);
  for (int i = 0; i < 3; ++i) REQUIRE(owner->spawn({}, nothing));
  sim.run();
  const error lost{error_code::not_found, "change 1 is no longer kept; the first one is 4"};
  CHECK(late.next(0s).error() == lost);
  CHECK(late.next().error() == lost);
  CHECK_FALSE(manager.subscribe(2).next(0s));
  CHECK(manager.subscribe(3).next(0s)->size() == 3);
}

TEST_CASE("a manager that keeps no changes says so, and so does one asked for what never was",
          "[changes]") {
  simulated_runtime sim;
  CHECK(sim.default_manager().subscribe(0).next().error() ==
        error{error_code::invalid_argument,
              "the manager keeps no changes: manager_options.history is 0"});
  const auto other = sim.open_manager({.history = 5});
  CHECK(other.subscribe(7).next().error() ==
        error{error_code::invalid_argument, "there is no change 7 yet; the last one is 0"});
}

TEST_CASE("a reader waits for the next change", "[changes]") {
  simulated_runtime sim(GENERATE(range(0, 5)), with_history(10));
  recorder owner(sim);
  REQUIRE(owner->spawn({.name = "a"}, work_for, duration(1min), json()));
  auto changes = sim.default_manager().subscribe(1);
  CHECK(changes.next(30s)->empty());
  CHECK(lines(*changes.next()) == words{"2 a completed"});
  CHECK(sim.now() - time_point{} == 1min);
  CHECK(changes.next()->empty());  // nothing can happen any more
}

TEST_CASE("a spawn that is refused is no change and in no picture", "[changes]") {
  std::vector<std::string> story;
  const auto journal = std::make_shared<spoken_journal>(story);
  auto options = with_history(10);
  options.manager.journal = journal;
  simulated_runtime sim(1, options);
  recorder owner(sim);
  journal->on_accepted = disk_full;
  CHECK_FALSE(owner->spawn({}, nothing));
  CHECK(sim.default_manager().subscribe(0).next(0s)->empty());
  CHECK(sim.default_manager().take_snapshot().records.empty());
}

TEST_CASE("a picture and the changes after it are all there is to know", "[changes][A23]") {
  simulated_runtime sim(GENERATE(range(0, 20)), with_history(1000));
  recorder owner(sim);
  const auto& manager = sim.default_manager();
  for (int i = 0; i < 20; ++i) REQUIRE(owner->spawn({}, count_up, i));
  for (int i = 0; i < 30; ++i) sim.step();
  const auto picture = manager.take_snapshot();
  CHECK(picture.records.size() == 20);
  std::map<task_id, task_state> states;
  for (const auto& task : picture.records) states[task.id] = task.state;
  for (int i = 0; i < 5; ++i) REQUIRE(owner->spawn({}, nothing));
  sim.run();
  auto expected = picture.number;
  const auto rest = manager.subscribe(picture.number).next(0s).value();
  for (const auto& one : rest) {
    CHECK(one.number == ++expected);
    states[one.task] = one.state;
  }
  for (const auto& task : owner->list()) CHECK(states.at(task.id) == task.state);
}

TEST_CASE("threads: readers beside running tasks miss nothing", "[changes]") {
  runtime home(with_history(100'000));
  const auto owner = home.open_owner("o");
  const auto& manager = home.default_manager();
  constexpr std::uint64_t count = 500;
  std::vector<std::uint64_t> seen(3);
  std::vector<std::thread> readers;
  for (auto& mine : seen) {
    readers.emplace_back([&manager, &mine] {
      auto changes = manager.subscribe(0);
      while (mine < 2 * count) {
        const auto more = changes.next(1min).value();
        for (const auto& one : more) {
          if (one.number != mine + 1) return;
          mine = one.number;
        }
      }
    });
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    REQUIRE(owner.spawn({.events = events_go::nowhere}, nothing));
  }
  for (auto& one : readers) one.join();
  CHECK(seen == std::vector<std::uint64_t>(3, 2 * count));
}

TEST_CASE("threads: no picture is behind its number", "[changes]") {
  runtime home(with_history(100'000));
  const auto owner = home.open_owner("o");
  const auto& manager = home.default_manager();
  std::thread spawner([&owner] {
    for (int i = 0; i < 500; ++i) {
      static_cast<void>(owner.spawn({.events = events_go::nowhere}, nothing));
    }
  });
  bool is_behind = false;
  for (int i = 0; i < 20; ++i) {
    const auto picture = manager.take_snapshot();
    std::map<task_id, task_state> states;
    for (const auto& task : picture.records) states[task.id] = task.state;
    const auto all = manager.subscribe(0).next(0s).value();
    for (const auto& one : all) {
      if (one.number > picture.number) break;
      is_behind = is_behind || !states.contains(one.task) || states[one.task] < one.state;
    }
  }
  spawner.join();
  CHECK_FALSE(is_behind);
}

}  // namespace actors
