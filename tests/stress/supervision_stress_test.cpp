#include <atomic>
#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <thread>
#include <vector>

#include "actors/runtime.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

// The guarantees on real threads. The sizes are chosen so that a sanitizer still gets through.

namespace actors {

using namespace std::chrono_literals;
using namespace test;

namespace {

/// A tree: each task has `width` children, `levels` deep, emits, and waits for some of them.
/// `tickets`: how many more tasks there may be; null when that does not matter.
coroutine<void> branch(task_context self, int levels, int width,
                       std::atomic<std::int64_t>* tickets);

/// Takes a ticket for each task that is accepted, and none for others.
template <class Spawn>
std::optional<task_handle> with_ticket(std::atomic<std::int64_t>* tickets, Spawn spawn) {
  if (tickets != nullptr && tickets->fetch_sub(1) <= 0) {
    tickets->fetch_add(1);
    return std::nullopt;
  }
  auto task = spawn();
  if (task) return *task;
  if (tickets != nullptr) tickets->fetch_add(1);
  return std::nullopt;
}

coroutine<void> branch(task_context self, int levels, int width,
                       std::atomic<std::int64_t>* tickets) {
  std::optional<task_handle> last;
  for (int i = 0; levels > 0 && i < width; ++i) {
    const auto life = static_cast<lifetime>(i % 3);
    const auto child = with_ticket(
        tickets, [&] { return self.spawn({.life = life}, branch, levels - 1, width, tickets); });
    if (!child) break;
    child->send(i);
    last = *child;
  }
  self.emit("grown");
  if (last && last->id().number() % 2 == 0) co_await last->ended();
  if (self.id().number() % 16 == 0) co_await self.inbox().next(1ms);
}

/// What one owner heard of its tasks.
struct ledger_of_events {
  explicit ledger_of_events(std::size_t tasks) : seen(tasks) {}

  static constexpr std::uint32_t over = 1U << 31U;
  std::uint64_t ends = 0;
  std::uint64_t mistakes = 0;  // a gap, an event after the end, an event of somebody else
  std::vector<std::uint32_t> seen;

  void add(const event& one, const std::string& owner) {
    auto& seq = seen.at(one.task.number());
    if (one.seq != seq + 1 || one.owner != owner) ++mistakes;
    seq = static_cast<std::uint32_t>(one.seq);
    if (!one.is_terminal()) return;
    ++ends;
    seq += over;  // whatever comes now is a mistake
  }
};

struct forest_report {
  std::uint64_t ends = 0;
  std::uint64_t mistakes = 0;
  std::uint64_t left_alive = 0;
};

/// Grows that many tasks in trees, of three owners on threads of their own, which cancel some.
forest_report grow_forest(runtime& real, std::uint64_t tasks) {
  const auto& manager = real.default_manager();
  const auto already = manager.metrics().accepted;
  std::atomic<std::int64_t> tickets{static_cast<std::int64_t>(tasks)};
  std::atomic<std::uint64_t> ends{0};
  std::atomic<std::uint64_t> mistakes{0};
  std::atomic<std::uint64_t> left_alive{0};
  {
    std::vector<std::jthread> threads;
    for (unsigned n = 0; n < 3; ++n) {
      threads.emplace_back([&, n] {
        const auto name = "owner" + std::to_string(n);
        const auto owner = real.open_owner(name);
        ledger_of_events book(already + tasks);
        std::uint64_t luck = n + 1;
        // Some tickets come back from those that were refused.
        while (manager.metrics().accepted < already + tasks) {
          // 1 + 5 + 25 + 125 tasks, when nobody comes in between
          const auto root =
              with_ticket(&tickets, [&] { return owner.spawn({}, branch, 3, 5, &tickets); });
          luck = luck * 6364136223846793005U + 1442695040888963407U;
          for (auto reads = luck >> 56U; reads > 0; --reads) {
            const auto one = owner.next_event(1ms);
            if (!one) break;
            book.add(*one, name);
          }
          if (root && (luck >> 40U) % 2 == 0) root->cancel();
          if ((luck >> 41U) % 16 == 0) owner.cancel_all();
        }
        for (const auto& one : owner.events_until_idle()) book.add(one, name);
        left_alive += owner.has_running() ? 1U : 0U;
        ends += book.ends;
        mistakes += book.mistakes;
      });
    }
  }
  return {ends, mistakes, left_alive};
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif
#else
constexpr bool is_sanitized = false;
#endif

std::size_t resident_bytes() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * 4096;
}

}  // namespace

TEST_CASE("a million tasks in trees that are cancelled from several threads end once each",
          "[stress][guarantee-1][guarantee-2][guarantee-6]") {
  constexpr std::uint64_t many = is_sanitized ? 100'000 : 1'000'000;
  constexpr std::uint64_t before = many / 10;
  runtime real({.workers = 4, .manager = {.max_finished = 1000}});
  const auto& manager = real.default_manager();
  CHECK(grow_forest(real, before).ends == before);
  const auto memory = resident_bytes();

  const auto report = grow_forest(real, many);
  CHECK(report.ends == many);
  CHECK(report.mistakes == 0);
  CHECK(report.left_alive == 0);
  const auto now = manager.metrics();
  CHECK(now.accepted == before + many);
  CHECK(now.ended == now.accepted);
  CHECK(now.running == 0);
  CHECK(now.dead_letters == 0);
  CHECK(now.cancelled > many / 20);
  CHECK(now.completed > many / 20);
  CHECK(manager.list().size() <= 1000);
  // A record that is kept takes more than 300 bytes, and a task more than twice that.
  if (!is_sanitized) CHECK(resident_bytes() < memory + many * 64);
}

TEST_CASE("after cancel returns on one thread, no other thread can add to the tree",
          "[stress][guarantee-6]") {
  runtime real({.workers = 4, .manager = {.max_finished = 1'000'000}});
  const auto owner = real.open_owner("o");
  for (int round = 0; round < 200; ++round) {
    const auto root = *owner.spawn({}, branch, 4, 3, nullptr);
    for (int i = 0; i < round; ++i) static_cast<void>(owner.next_event(1ms));
    root.cancel();
    // What is live now was told. Nothing is active below the root, now or later.
    for (const auto& task : owner.list()) {
      if (task.state == task_state::running && task.phase == task_phase::active) {
        FAIL(to_string(task.id) << " is active below a cancelled root");
      }
    }
    REQUIRE(root.wait(30s));
    for (const auto& one : owner.events_until_idle()) static_cast<void>(one);
  }
}

TEST_CASE("a full manager that queues starts every task once", "[stress][guarantee-5]") {
  runtime_options options;
  options.workers = 4;
  options.manager.limits = {.max_running = 7, .when_full = on_full::queue};
  runtime real(options);
  const auto owner = real.open_owner("o", {.started_events = true});
  std::atomic<std::uint64_t> told{0};
  {
    std::vector<std::jthread> threads;
    for (unsigned n = 0; n < 3; ++n) {
      threads.emplace_back([&, n] {
        for (unsigned i = 0; i < 3000; ++i) {
          const auto task = owner.spawn({}, nothing);
          if (task && (i + n) % 5 == 0) told += task->cancel();
        }
      });
    }
  }
  std::map<task_id, std::vector<event_kind>> stories;
  for (const auto& one : owner.events_until_idle()) stories[one.task].push_back(one.kind);
  CHECK(stories.size() == 9000);
  for (const auto& [id, story] : stories) {
    const bool started = story.front() == event_kind::started;
    if (story.size() != (started ? 2U : 1U) || !is_terminal(story.back())) {
      FAIL_CHECK("the story of " << to_string(id) << " has " << story.size() << " events");
    }
    if (!started && story.back() != event_kind::cancelled) {
      FAIL_CHECK(to_string(id) << " ended without a start");
    }
  }
  CHECK(real.default_manager().metrics().running == 0);
  CHECK(real.default_manager().metrics().queued == 0);
}

}  // namespace actors
