// A token goes round a ring of a thousand actors. An operation is one hop.
#include <actors/runtime.hpp>
#include <future>

#include "bench.hpp"

namespace {

using number = std::int64_t;

constexpr int links = 1'000;

// The token is how many hops are left.
actors::coroutine<> link(actors::actor_context<number> self, actors::actor_ref<number> next,
                         std::promise<void>* finished) {
  while (const auto left = co_await self.receive()) {
    if (*left == 0) {
      finished->set_value();
    } else {
      next.send(*left - 1);
    }
  }
}

/// The link that makes the others: the last of them sends to this one.
actors::coroutine<> first_link(actors::actor_context<number> self, std::promise<void>* closed,
                               std::promise<void>* finished) {
  auto next = self.ref();
  for (int i = 1; i < links; ++i) next = self.spawn<number>(link, next, finished);
  closed->set_value();
  co_await link(self, next, finished);
}

}  // namespace

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "thread_ring", 1'000'000);
  actors::runtime runtime({.workers = how.workers});
  std::promise<void> closed;
  std::promise<void> finished;
  const auto first = runtime.spawn<number>(first_link, &closed, &finished);
  closed.get_future().get();

  const bench::stopwatch watch;
  first.send(how.size);
  finished.get_future().get();
  const double seconds = watch.seconds();

  bench::report(how, "", how.size, {{"seconds", seconds}});
}
