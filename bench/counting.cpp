// One sender, one receiver.
#include <actors/runtime.hpp>
#include <future>

#include "bench.hpp"

namespace {

using number = std::int64_t;

actors::coroutine<> send_many(actors::actor_context<number>, actors::actor_ref<number> to,
                              number count) {
  for (number i = 0; i < count; ++i) to.send(i);
  co_return;
}

actors::coroutine<> count_them(actors::actor_context<number> self, number expected,
                               std::promise<number>* sum) {
  number total = 0;
  for (number i = 0; i < expected; ++i) {
    const auto value = co_await self.receive();
    total += *value;
  }
  sum->set_value(total);
}

}  // namespace

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "counting", 10'000'000);
  actors::runtime runtime({.workers = how.workers});
  std::promise<number> sum;
  const auto receiver = runtime.spawn<number>(count_them, how.size, &sum);

  const bench::stopwatch watch;
  runtime.spawn<number>(send_many, receiver, how.size);
  const auto total = sum.get_future().get();
  const double seconds = watch.seconds();

  bench::check("sum", total, how.size * (how.size - 1) / 2);
  bench::report(how, "", how.size, {{"seconds", seconds}});
}
