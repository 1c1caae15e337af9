// A hundred senders, one receiver. `--size` is how much each of them sends.
#include "bench.hpp"
#include "messages.hpp"

namespace {

using bench::number;

constexpr number senders = 100;

}  // namespace

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "fan_in", 100'000);
  actors::runtime runtime({.workers = how.workers});
  std::promise<number> sum;
  const auto receiver = runtime.spawn<number>(bench::add_up, senders * how.size, &sum);

  const bench::stopwatch watch;
  for (number i = 0; i < senders; ++i) runtime.spawn<number>(bench::send_many, receiver, how.size);
  const auto total = sum.get_future().get();
  const double seconds = watch.seconds();

  bench::check("sum", total, senders * (how.size * (how.size - 1) / 2));
  bench::report(how, "", senders * how.size, {{"seconds", seconds}});
}
