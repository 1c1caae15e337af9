// How late timers are while every worker is busy: actors that always have mail, two for each
// worker, and others that sleep, at most a hundred milliseconds each. Lateness is from the deadline
// until the actor runs.
#include <actors/runtime.hpp>
#include <actors/sleep.hpp>
#include <algorithm>
#include <atomic>
#include <latch>
#include <vector>

#include "bench.hpp"

namespace {

using namespace std::chrono_literals;
using number = std::int64_t;

actors::coroutine<> write_to_itself(actors::actor_context<number> self, std::latch* begun,
                                    std::atomic<bool>* is_enough, std::latch* ended) {
  begun->count_down();
  self.ref().send(0);
  while (const auto message = co_await self.receive()) {
    if (is_enough->load(std::memory_order_relaxed)) break;
    self.ref().send(*message);
  }
  ended->count_down();
}

actors::coroutine<> sleep_once(actors::actor_context<number> self, actors::duration time,
                               double* late_seconds, std::latch* woken) {
  const auto due = self.now() + time;
  co_await actors::sleep_for(time);
  *late_seconds = std::chrono::duration<double>(self.now() - due).count();
  woken->count_down();
}

}  // namespace

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "timers_under_load", 10'000);
  const auto busy = std::int64_t{how.workers} * 2;
  std::atomic<bool> is_enough{false};
  std::latch begun(busy);
  std::latch ended(busy);
  std::latch woken(how.size);
  std::vector<double> late_seconds(static_cast<std::size_t>(how.size));
  actors::runtime runtime({.workers = how.workers});

  for (number i = 0; i < busy; ++i) {
    runtime.spawn<number>(write_to_itself, &begun, &is_enough, &ended);
  }
  begun.wait();
  const bench::stopwatch watch;
  for (number i = 0; i < how.size; ++i) {
    // Spread over the time by a step that has no divisor in common with it.
    const auto time = std::chrono::microseconds(1'000 + i * 7'919 % 99'000);
    runtime.spawn<number>(sleep_once, time, &late_seconds[static_cast<std::size_t>(i)], &woken);
  }
  woken.wait();
  const double seconds = watch.seconds();
  is_enough = true;
  ended.wait();

  std::ranges::sort(late_seconds);
  if (late_seconds.front() < 0) bench::fail("a timer was early");
  const auto at = [&](std::size_t percent) {
    return late_seconds[(late_seconds.size() - 1) * percent / 100];
  };
  bench::report(how, "", how.size,
                {{"seconds", seconds},
                 {"late_seconds_median", at(50)},
                 {"late_seconds_p99", at(99)},
                 {"late_seconds_most", at(100)}});
}
