// Supervised tasks whose ends their owner reads, spawned from outside and from the body of a task.
#include "dispatch.hpp"

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "supervised_dispatch", 1'000'000);
  {
    actors::runtime runtime({.workers = how.workers});
    const double seconds = bench::dispatch_from_outside(runtime, how.size);
    bench::report(how, "outside", how.size, {{"seconds", seconds}});
  }
  actors::runtime runtime({.workers = how.workers});
  const double seconds = bench::dispatch_from_inside(runtime, how.size);
  bench::report(how, "inside", how.size, {{"seconds", seconds}});
}
