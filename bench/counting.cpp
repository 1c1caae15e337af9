// One sender, one receiver.
#include "bench.hpp"
#include "messages.hpp"

using bench::number;

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "counting", 10'000'000);
  actors::runtime runtime({.workers = how.workers});
  std::promise<number> sum;
  const auto receiver = runtime.spawn<number>(bench::add_up, how.size, &sum);

  const bench::stopwatch watch;
  runtime.spawn<number>(bench::send_many, receiver, how.size);
  const auto total = sum.get_future().get();
  const double seconds = watch.seconds();

  bench::check("sum", total, how.size * (how.size - 1) / 2);
  bench::report(how, "", how.size, {{"seconds", seconds}});
}
