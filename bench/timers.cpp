// Actors that sleep, every second one of which is then stopped. Timed from the start of the first
// until all are asleep and the last of the stopped ones has ended; what arming and cancelling cost.
// `arm_seconds` is until all are asleep. The sleep is longer than the work, so that no timer fires.
#include <actors/runtime.hpp>
#include <actors/sleep.hpp>
#include <latch>
#include <vector>

#include "bench.hpp"

namespace {

using namespace std::chrono_literals;
using number = std::int64_t;

/// Counts when the actor ends, if that is waited for.
struct at_end {
  std::latch* ended;
  ~at_end() {
    if (ended != nullptr) ended->count_down();
  }
};

actors::coroutine<> sleep_long(actors::actor_context<number>, std::latch* asleep,
                               std::latch* ended) {
  const at_end guard{ended};
  asleep->count_down();
  co_await actors::sleep_for(60s);
}

}  // namespace

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "timers", 1'000'000);
  const auto half = (how.size + 1) / 2;
  std::latch asleep(how.size);
  std::latch ended(half);
  std::vector<actors::actor_ref<number>> sleepers(static_cast<std::size_t>(how.size));
  actors::runtime runtime({.workers = how.workers});

  const bench::stopwatch watch;
  for (number i = 0; i < how.size; ++i) {
    sleepers[i] = runtime.spawn<number>(sleep_long, &asleep, i % 2 == 0 ? &ended : nullptr);
  }
  asleep.wait();
  const double arm_seconds = watch.seconds();
  for (number i = 0; i < how.size; i += 2) sleepers[i].stop();
  ended.wait();
  const double seconds = watch.seconds();

  bench::report(how, "", how.size, {{"seconds", seconds}, {"arm_seconds", arm_seconds}});
}
