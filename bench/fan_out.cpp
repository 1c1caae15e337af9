// One actor spawns many others; each of them reports to one collector.
#include "bench.hpp"
#include "messages.hpp"

namespace {

using bench::number;

actors::coroutine<> report_once(actors::actor_context<number>, actors::actor_ref<number> to,
                                number value) {
  to.send(value);
  co_return;
}

actors::coroutine<> spawn_many(actors::actor_context<number> self, actors::actor_ref<number> to,
                               number count) {
  for (number i = 0; i < count; ++i) self.spawn<number>(report_once, to, i);
  co_return;
}

}  // namespace

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "fan_out", 1'000'000);
  actors::runtime runtime({.workers = how.workers});
  std::promise<number> sum;

  const bench::stopwatch watch;
  const auto collector = runtime.spawn<number>(bench::add_up, how.size, &sum);
  runtime.spawn<number>(spawn_many, collector, how.size);
  const auto total = sum.get_future().get();
  const double seconds = watch.seconds();

  bench::check("sum", total, how.size * (how.size - 1) / 2);
  bench::report(how, "", how.size, {{"seconds", seconds}});
}
