#include <algorithm>
#include <atomic>
#include <barrier>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include "actors/actor.hpp"
#include "actors/owner.hpp"
#include "actors/runtime.hpp"
#include "actors/sleep.hpp"
#include "catch.hpp"
#include "support/tally.hpp"
#include "support/task_bodies.hpp"

using namespace std::chrono_literals;

// The scheduler, seen from outside: everybody has their turn, nobody is forgotten.

namespace actors::test {

namespace {

runtime_options two_workers() {
  runtime_options options;
  options.workers = 2;
  return options;
}

coroutine<void> count_mail(actor_context<int> self, tally* seen) {
  while (const auto message = co_await self.receive()) seen->add();
}

coroutine<void> count_itself(actor_context<int>, tally* seen) {
  seen->add();
  co_return;
}

void keep_busy(duration time) {
  const auto end = clock_type::now() + time;
  while (clock_type::now() < end) {
  }
}

/// Always has mail: it sends itself another message for each one that it takes.
coroutine<void> talk_to_itself(actor_context<int> self, std::atomic<std::uint64_t>* turns) {
  self.ref().send(0);
  while (const auto message = co_await self.receive()) {
    turns->fetch_add(1, std::memory_order_relaxed);
    self.ref().send(*message);
  }
}

coroutine<void> yield_for_ever(actor_context<int>, std::atomic<std::uint64_t>* turns) {
  for (;;) {
    turns->fetch_add(1, std::memory_order_relaxed);
    co_await yield();
  }
}

struct ball {
  actor_ref<ball> back;
};

/// Two that wake each other all the time: each is the newest job of its worker.
coroutine<void> return_balls(actor_context<ball> self, std::atomic<std::uint64_t>* turns) {
  while (const auto got = co_await self.receive()) {
    turns->fetch_add(1, std::memory_order_relaxed);
    got->back.send({self.ref()});
  }
}

coroutine<void> spawn_many(actor_context<int> self, int count, tally* seen) {
  for (int i = 0; i < count; ++i) self.spawn<int>(count_itself, seen);
  co_return;
}

coroutine<void> spawn_next(actor_context<int> self, int left, tally* seen) {
  seen->add();
  if (left > 1) self.spawn<int>(spawn_next, left - 1, seen);
  co_return;
}

/// Wakes two others and waits for the first of them, for ever: the worker always has one that was
/// made ready before the newest, and runs that next.
coroutine<void> wake_two(actor_context<ball> self, actor_ref<ball> answers, actor_ref<int> counts) {
  for (;;) {
    answers.send({self.ref()});
    counts.send(0);
    co_await self.receive();
  }
}

coroutine<void> hold_thread(actor_context<int>, tally* held, tally* released) {
  held->add();
  released->reaches(1);
  co_return;
}

/// Wakes another one, and says when it began.
coroutine<void> begin_in_turn(actor_context<int> self, int number, std::vector<int>* order,
                              tally* seen) {
  order->push_back(number);
  self.spawn<int>(count_itself, seen);
  co_return;
}

/// Sends to one that this worker runs next, until something else takes its place and another worker
/// takes it.
coroutine<void> send_before_and_after(actor_context<int>, actor_ref<int> to, owner* home,
                                      tally* seen) {
  to.send(1);
  const auto in_its_place = home->spawn({}, nothing);
  CHECK(in_its_place);
  CHECK(seen->reaches(1));
  to.send(2);
  co_return;
}

/// Holds its thread until somebody else is on another one.
coroutine<void> meet(actor_context<int>, std::barrier<>* place, tally* met) {
  place->arrive_and_wait();
  met->add();
  co_return;
}

}  // namespace

TEST_CASE("an actor that always has mail does not keep others from theirs", "[coordinator]") {
  std::atomic<std::uint64_t> turns{0};
  tally seen;
  runtime home(two_workers());
  std::vector<actor_ref<int>> busy;
  for (int i = 0; i < 4; ++i) busy.push_back(home.spawn<int>(talk_to_itself, &turns));
  std::vector<actor_ref<int>> others;
  for (int i = 0; i < 10'000; ++i) others.push_back(home.spawn<int>(count_mail, &seen));
  for (const auto& one : others) one.send(1);
  CHECK(seen.reaches(others.size()));
  CHECK(turns.load() > 0);
}

TEST_CASE("two actors that wake each other all the time do not keep others from their turn",
          "[coordinator]") {
  std::atomic<std::uint64_t> turns{0};
  tally seen;
  runtime home(two_workers());
  std::vector<actor_ref<ball>> players;
  for (int i = 0; i < 4; ++i) {
    const auto one = home.spawn<ball>(return_balls, &turns);
    const auto other = home.spawn<ball>(return_balls, &turns);
    one.send({other});
    players.push_back(one);
    players.push_back(other);
  }
  std::vector<actor_ref<int>> others;
  for (int i = 0; i < 1'000; ++i) others.push_back(home.spawn<int>(count_mail, &seen));
  for (const auto& one : others) one.send(1);
  CHECK(seen.reaches(others.size()));
  for (const auto& one : players) one.stop();
}

TEST_CASE("what comes from outside begins in its order on one worker", "[coordinator]") {
  constexpr int count = 1'000;
  tally held;
  tally released;
  tally seen;
  std::vector<int> order;
  runtime_options options;
  options.workers = 1;
  runtime home(options);
  home.spawn<int>(hold_thread, &held, &released);
  REQUIRE(held.reaches(1));
  // Many jobs wait in the shared queue, and what they wake is in the worker's own.
  for (int i = 0; i < count; ++i) home.spawn<int>(begin_in_turn, i, &order, &seen);
  released.add();
  REQUIRE(seen.reaches(count));
  CHECK(order.size() == count);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("all that came from outside at once begin, although others are always ready",
          "[coordinator]") {
  tally held;
  tally released;
  tally counted;
  tally seen;
  std::atomic<std::uint64_t> turns{0};
  runtime_options options;
  options.workers = 1;
  runtime home(options);
  const auto answers = home.spawn<ball>(return_balls, &turns);
  const auto counts = home.spawn<int>(count_mail, &counted);
  home.spawn<int>(hold_thread, &held, &released);
  REQUIRE(held.reaches(1));
  home.spawn<ball>(wake_two, answers, counts);
  for (int i = 0; i < 6; ++i) home.spawn<int>(count_itself, &seen);
  home.spawn<int>(yield_for_ever, &turns);
  released.add();
  CHECK(seen.reaches(6));
}

TEST_CASE("mail from outside is read although hundreds of actors are always ready",
          "[coordinator]") {
  std::atomic<std::uint64_t> turns{0};
  tally seen;
  runtime home(two_workers());
  const auto listener = home.spawn<int>(count_mail, &seen);
  std::vector<actor_ref<int>> busy;
  for (int i = 0; i < 300; ++i) busy.push_back(home.spawn<int>(yield_for_ever, &turns));
  while (turns.load() < busy.size()) std::this_thread::yield();
  for (std::size_t i = 1; i <= 20; ++i) {
    // From a thread of its own each time: none has a queue that others would fill.
    std::thread([&listener] { listener.send(1); }).join();
    REQUIRE(seen.reaches(i));
  }
  for (const auto& one : busy) one.stop();
}

TEST_CASE("a runtime that is about to sleep wakes for every message from outside",
          "[coordinator]") {
  tally seen;
  runtime home(two_workers());
  const auto listener = home.spawn<int>(count_mail, &seen);
  std::minstd_rand random;
  for (std::size_t round = 1; round <= 10'000; ++round) {
    // At any moment after the last message, while the workers search, give up, and go to sleep.
    keep_busy(std::chrono::microseconds(random() % 40));
    listener.send(1);
    REQUIRE(seen.reaches(round));
  }
}

TEST_CASE("no wake-up is lost when several threads send at the same moment", "[coordinator]") {
  constexpr int senders = 3;
  constexpr int rounds = 700;
  tally seen;
  runtime home(two_workers());
  std::atomic<bool> fine{true};
  std::barrier together(senders);
  std::vector<std::thread> threads;
  for (int id = 0; id < senders; ++id) {
    threads.emplace_back([&] {
      const auto listener = home.spawn<int>(count_mail, &seen);
      for (int round = 1; round <= rounds; ++round) {
        together.arrive_and_wait();
        listener.send(1);
        // Only when all was read, and the workers go to sleep, comes the next round.
        if (!seen.reaches(static_cast<std::size_t>(senders * round))) fine = false;
      }
    });
  }
  for (auto& each : threads) each.join();
  CHECK(fine);
  CHECK(seen.count() == senders * rounds);
}

TEST_CASE("an actor that a worker would have run next, and another one runs, loses no message",
          "[coordinator]") {
  std::vector<tally> seen(20);
  runtime home(two_workers());
  auto owner = home.open_owner("o");
  for (auto& mine : seen) {
    const auto reader = home.spawn<int>(count_mail, &mine);
    home.spawn<int>(send_before_and_after, reader, &owner, &mine);
    REQUIRE(mine.reaches(2));
  }
}

TEST_CASE("actors run on all workers at the same time", "[coordinator]") {
  constexpr int parties = 3;
  std::barrier place(parties);
  tally met;
  runtime_options options;
  options.workers = parties;
  runtime home(options);
  for (int i = 0; i < parties; ++i) home.spawn<int>(meet, &place, &met);
  CHECK(met.reaches(parties));
}

TEST_CASE("an actor spawns very many others", "[coordinator]") {
  constexpr int count = 100'000;
  tally seen;
  runtime home(two_workers());
  home.spawn<int>(spawn_many, count, &seen);
  CHECK(seen.reaches(count));
}

TEST_CASE("a chain of actors, each of which spawns the next, is as long as one likes",
          "[coordinator]") {
  constexpr int count = 100'000;
  tally seen;
  runtime home(two_workers());
  home.spawn<int>(spawn_next, count, &seen);
  CHECK(seen.reaches(count));
}

TEST_CASE("a runtime with one worker does all of this too", "[coordinator]") {
  std::atomic<std::uint64_t> turns{0};
  tally seen;
  runtime_options options;
  options.workers = 1;
  options.budget = 1;
  runtime home(options);
  const auto busy = home.spawn<int>(talk_to_itself, &turns);
  const auto listener = home.spawn<int>(count_mail, &seen);
  for (std::size_t round = 1; round <= 500; ++round) {
    listener.send(1);
    REQUIRE(seen.reaches(round));
  }
  CHECK(turns.load() > 0);
  home.spawn<int>(spawn_many, 1'000, &seen);
  CHECK(seen.reaches(1'500));
}

}  // namespace actors::test
