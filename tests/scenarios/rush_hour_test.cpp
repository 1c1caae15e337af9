#include <algorithm>
#include <random>
#include <set>
#include <thread>

#include "actors/admission.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/task_bodies.hpp"

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using enum task_state;
using testing::simulated_runtime;

namespace {

/// Spawns, cancels and lets time pass as its seed says, at owners with different limits, and checks
/// after each step that the limits hold and that nobody waits without need.
class rush_hour {
 public:
  explicit rush_hour(std::uint64_t seed)
      : choice_(seed),
        sim_(seed, {.manager = {.limits = {.max_running = manager_places,
                                           .max_queued = 12,
                                           .when_full = on_full::queue,
                                           .max_wait = 7s}}}) {
    using enum on_full;
    owners_.push_back(
        {sim_.open_owner("queues", {.limits = {.max_running = 2, .when_full = queue}}), 2});
    owners_.push_back({sim_.open_owner("refuses", {.limits = {.max_running = 1}}), 1});
    owners_.push_back({sim_.open_owner("free"), manager_places});
  }

  void step() {
    const auto& [owner, places] = owners_[pick(owners_.size())];
    switch (pick(4)) {
      case 0:
        if (!tasks_.empty()) tasks_[pick(tasks_.size())].cancel();
        break;
      case 1: sim_.advance(pick(3) * 1s); break;
      default: {
        constexpr const char* slots[] = {"", "", "left", "right"};
        auto task = owner.spawn({.slot = slots[pick(4)]}, work_for, pick(6) * 1s, 1);
        if (task) tasks_.push_back(*task);
      }
    }
    sim_.run();
    check();
  }

  void finish() {
    sim_.run_until_quiet();
    check();
    CHECK(sim_.default_manager().metrics().running == 0);
    for (const auto& task : tasks_) CHECK(task.has_ended());
  }

 private:
  static constexpr std::size_t manager_places = 3;
  struct tenant {
    owner who;
    std::size_t places;
  };

  std::size_t pick(std::size_t below) { return choice_() % below; }

  void check() const {
    std::size_t taken = 0;
    std::size_t running_tasks = 0;
    std::size_t queued_tasks = 0;
    std::vector<bool> could_run;
    for (const auto& [who, places] : owners_) {
      std::set<std::string> held;
      bool has_queued = false;
      for (const auto& task : who.list()) {
        if (task.state == queued) has_queued = true;
        queued_tasks += task.state == queued ? 1 : 0;
        running_tasks += task.state == running ? 1 : 0;
        if (task.state != running) continue;
        held.insert(task.what.slot.empty() ? to_string(task.id) : task.what.slot);
      }
      CHECK(held.size() <= places);
      taken += held.size();
      could_run.push_back(has_queued && held.size() < places);
    }
    CHECK(taken <= manager_places);
    CHECK((taken == manager_places || std::ranges::count(could_run, true) == 0));
    CHECK(sim_.default_manager().metrics().running == running_tasks);
    CHECK(sim_.default_manager().metrics().queued == queued_tasks);
  }

  std::mt19937_64 choice_;
  mutable simulated_runtime sim_;
  std::vector<tenant> owners_;
  std::vector<task_handle> tasks_;
};

}  // namespace

TEST_CASE("limits hold at all times, and nobody waits beside a free place",
          "[admission][A6][A29][D39][guarantee-5]") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    rush_hour rush(seed);
    for (int i = 0; i < 80; ++i) rush.step();
    rush.finish();
  }
}

TEST_CASE("on threads, too, everybody has an end and every place is free in the end",
          "[admission][A6][A16][D39][guarantee-2]") {
  runtime real(
      {.workers = 2,
       .manager = {
           .limits = {
               .max_running = 3, .max_queued = 50, .when_full = on_full::queue, .max_wait = 1ms}}});
  auto tight =
      real.open_owner("tight", {.limits = {.max_running = 2, .when_full = on_full::queue}});
  auto loose = real.open_owner("loose");
  const auto spawn_many = [](const owner& by) {
    constexpr const char* slots[] = {"", "left", "right"};
    for (std::size_t i = 0; i < 2'000; ++i) {
      const auto task = by.spawn({.slot = slots[i % 3]}, count_up, 2);
      if (task && i % 5 == 0) task->cancel();
    }
  };
  {
    const std::jthread first([&] { spawn_many(tight); });
    const std::jthread second([&] { spawn_many(loose); });
    const std::jthread third([&] { spawn_many(tight); });
  }
  CHECK(real.default_manager().drain(60s).is_clean());
  const auto now = real.default_manager().metrics();
  CHECK(now.running == 0);
  CHECK(now.queued == 0);
  CHECK(now.ended == now.accepted);
  CHECK(now.accepted + now.rejected == 6'000);
  std::size_t ends = 0;
  for (const auto& owner : {tight, loose}) {
    for (const auto& event : owner.events_until_idle()) ends += event.is_terminal() ? 1 : 0;
  }
  CHECK(ends == now.accepted);
  CHECK(tight.spawn({}, nothing));
}

}  // namespace actors
