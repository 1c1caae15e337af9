// What a supervised task costs when there are ten times as many, and again ten times: the work of
// supervised_dispatch, from outside. `--size` is the largest number, each is a case.
#include <algorithm>
#include <string>

#include "dispatch.hpp"

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "growth", 10'000'000);
  for (auto count = std::min<bench::number>(10'000, how.size); count <= how.size; count *= 10) {
    actors::runtime runtime({.workers = how.workers});
    const double seconds = bench::dispatch_from_outside(runtime, count);
    bench::setup step = how;
    step.size = count;
    bench::report(step, std::to_string(count), count, {{"seconds", seconds}});
  }
}
