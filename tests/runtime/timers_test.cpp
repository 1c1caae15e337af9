#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "actors/actor.hpp"
#include "actors/runtime.hpp"
#include "actors/sleep.hpp"
#include "actors/timeout.hpp"
#include "catch.hpp"
#include "support/tally.hpp"

using namespace std::chrono_literals;

// Time on the real clock. Each test waits for the event itself.

namespace actors::test {

namespace {

struct sleepers {
  tally woken;
  std::atomic<int> early{0};
};

coroutine<void> nap(actor_context<int> self, duration time, sleepers* all) {
  const auto due = later(self.now(), time);
  co_await sleep_for(time);
  if (self.now() < due) ++all->early;
  all->woken.add();
}

coroutine<void> nap_often(actor_context<int> self, int times, sleepers* all) {
  for (int i = 0; i < times; ++i) {
    const auto time = std::chrono::microseconds(300 * (i % 7));
    const auto due = self.now() + time;
    co_await sleep_for(time);
    if (self.now() < due) ++all->early;
  }
  all->woken.add();
}

coroutine<void> wait_in_vain(actor_context<int> self, duration time, sleepers* all) {
  const auto due = self.now() + time;
  const auto message = co_await self.inbox().next(time);
  if (message || self.now() < due) ++all->early;
  all->woken.add();
}

coroutine<void> sleep_long() { co_await sleep_for(1h); }
coroutine<void> sleep_within(duration time) { co_await with_timeout(time, sleep_long()); }

coroutine<void> nested_deadlines(actor_context<int>, sleepers* all) {
  const bool inner_first = co_await with_timeout(1h, sleep_within(5ms));
  const bool outer_first = co_await with_timeout(5ms, sleep_within(1h));
  if (!inner_first || outer_first) ++all->early;
  all->woken.add();
}

coroutine<void> yield_for_ever(actor_context<int>) {
  for (;;) co_await yield();
}

/// Each message comes long before the deadline of its wait.
coroutine<void> wait_without_need(actor_context<int> self, std::shared_ptr<int>, tally* seen) {
  while (const auto message = co_await self.inbox().next(1h)) seen->add();
}

coroutine<void> ask_the_silent(actor_context<int>, actor_ref<completer<int>> whom, sleepers* all) {
  const auto make = [](completer<int> answer) { return answer; };
  const auto reply = co_await ask<int>(whom, make, 10ms);
  if (reply || reply.error().code != error_code::timed_out) ++all->early;
  all->woken.add();
}

coroutine<void> keep_questions(actor_context<completer<int>> self) {
  std::vector<completer<int>> kept;
  while (auto question = co_await self.receive()) kept.push_back(std::move(*question));
}

}  // namespace

TEST_CASE("a sleep ends, and not too early", "[timers]") {
  sleepers all;
  runtime home;
  for (const duration time : {duration(-1s), duration(0s), duration(1ns), duration(999us),
                              duration(1ms), duration(7ms), duration(70ms)}) {
    home.spawn<int>(nap, time, &all);
  }
  CHECK(all.woken.reaches(7));
  CHECK(all.early == 0);
}

TEST_CASE("a wait for a message ends with its patience", "[timers]") {
  sleepers all;
  runtime home;
  std::vector<actor_ref<int>> kept;
  for (int i = 0; i < 50; ++i) {
    kept.push_back(home.spawn<int>(wait_in_vain, duration(i * 1ms), &all));
  }
  CHECK(all.woken.reaches(50));
  CHECK(all.early == 0);
}

TEST_CASE("the nearer of two nested deadlines wins", "[timers]") {
  sleepers all;
  runtime home;
  home.spawn<int>(nested_deadlines, &all);
  CHECK(all.woken.reaches(1));
  CHECK(all.early == 0);
}

TEST_CASE("a question ends by time-out", "[timers]") {
  sleepers all;
  runtime home;
  const auto silent = home.spawn<completer<int>>(keep_questions);
  for (int i = 0; i < 20; ++i) home.spawn<int>(ask_the_silent, silent, &all);
  CHECK(all.woken.reaches(20));
  CHECK(all.early == 0);
}

TEST_CASE("many actors sleep at the same time, each as long as it wants", "[timers]") {
  sleepers all;
  runtime home;
  for (int i = 0; i < 3'000; ++i) {
    home.spawn<int>(nap, duration(std::chrono::microseconds(i * 7919 % 60'000)), &all);
  }
  CHECK(all.woken.reaches(3'000));
  CHECK(all.early == 0);
}

TEST_CASE("an actor sleeps again and again", "[timers]") {
  sleepers all;
  runtime home;
  for (int i = 0; i < 50; ++i) home.spawn<int>(nap_often, 40, &all);
  CHECK(all.woken.reaches(50));
  CHECK(all.early == 0);
}

TEST_CASE("sleeps end although every worker is busy", "[timers]") {
  sleepers all;
  runtime home;
  std::vector<actor_ref<int>> busy;
  for (int i = 0; i < 100; ++i) busy.push_back(home.spawn<int>(yield_for_ever));
  for (int i = 0; i < 200; ++i) home.spawn<int>(nap, duration(i % 20 * 1ms), &all);
  CHECK(all.woken.reaches(200));
  CHECK(all.early == 0);
}

TEST_CASE("a sleep of many years does not keep the clock from others", "[timers]") {
  sleepers all;
  runtime home;
  std::vector<actor_ref<int>> kept;
  // Not in the clock's first millisecond, when all its digits are zero.
  home.spawn<int>(nap, duration(20ms), &all);
  REQUIRE(all.woken.reaches(1));
  for (const duration time :
       {duration(24h * 365 * 3), duration(24h * 365 * 100), duration::max()}) {
    kept.push_back(home.spawn<int>(nap, time, &all));
  }
  home.spawn<int>(nap, duration(20ms), &all);
  REQUIRE(all.woken.reaches(2));
  home.spawn<int>(nap, duration(20ms), &all);
  CHECK(all.woken.reaches(3));
  CHECK(all.early == 0);
}

TEST_CASE("a deadline that was not needed keeps nobody", "[timers]") {
  tally seen;
  std::vector<std::weak_ptr<int>> frames;
  runtime home;
  std::vector<actor_ref<int>> all;
  for (int i = 0; i < 500; ++i) {
    auto kept = std::make_shared<int>(i);
    frames.emplace_back(kept);
    all.push_back(home.spawn<int>(wait_without_need, std::move(kept), &seen));
  }
  for (int round = 1; round <= 5; ++round) {
    for (const auto& one : all) one.send(round);
    REQUIRE(seen.reaches(static_cast<std::size_t>(round) * all.size()));
  }
  for (const auto& one : all) one.stop();
  CHECK(home.shutdown(patience).is_clean());
  // Their alarms, an hour ahead, do not hold them.
  all.clear();
  for (const auto& one : frames) CHECK(one.expired());
}

}  // namespace actors::test
