// An actor has ten children, each of them ten, down to the leaves; each leaf sends its number up,
// and sums travel to the root.
#include <actors/runtime.hpp>
#include <future>

#include "bench.hpp"

namespace {

using number = std::int64_t;

actors::coroutine<> node(actors::actor_context<number> self, actors::actor_ref<number> parent,
                         number first, number leaves) {
  if (leaves == 1) {
    parent.send(first);
    co_return;
  }
  const auto below = leaves / 10;
  for (number i = 0; i < 10; ++i) {
    self.spawn<number>(node, self.ref(), first + i * below, below);
  }
  number sum = 0;
  for (int i = 0; i < 10; ++i) {
    const auto part = co_await self.receive();
    sum += *part;
  }
  parent.send(sum);
}

actors::coroutine<> start(actors::actor_context<number> self, number leaves,
                          std::promise<number>* sum) {
  self.spawn<number>(node, self.ref(), 0, leaves);
  const auto total = co_await self.receive();
  sum->set_value(*total);
}

number actors_above(number leaves) {
  if (leaves == 1) return 0;
  if (leaves % 10 != 0) bench::fail("the number of leaves must be a power of ten");
  return leaves / 10 + actors_above(leaves / 10);
}

}  // namespace

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "skynet", 1'000'000);
  const auto all = how.size + actors_above(how.size);
  actors::runtime runtime({.workers = how.workers});
  std::promise<number> sum;

  const bench::stopwatch watch;
  runtime.spawn<number>(start, how.size, &sum);
  const auto total = sum.get_future().get();
  const double seconds = watch.seconds();

  bench::check("sum", total, how.size * (how.size - 1) / 2);
  bench::report(how, "", all, {{"seconds", seconds}});
}
