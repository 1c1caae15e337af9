// Cancels supervised tasks that all wait: a 10-ary tree of them, and a chain. Timed from the call
// of cancel() until the owner has read the last terminal event; `call_seconds` is until cancel()
// itself has returned, when every task is told.
#include <actors/runtime.hpp>
#include <algorithm>
#include <latch>

#include "bench.hpp"

namespace {

using number = std::int64_t;

/// Task `i` of `count` is the parent of the tasks `arity * i + 1` to `arity * i + arity`.
struct shape {
  number count;
  number arity;
};

actors::coroutine<> wait_below(actors::task_context self, shape tree, number i,
                               std::latch* waiting) {
  const auto first = tree.arity * i + 1;
  const auto stop = std::min(first + tree.arity, tree.count);
  for (auto child = first; child < stop; ++child) {
    self.spawn({}, wait_below, tree, child, waiting).value();
  }
  waiting->count_down();
  co_await self.inbox().next();
}

void measure(bench::setup how, std::string_view name_of_case, shape tree) {
  how.size = tree.count;
  actors::runtime runtime({.workers = how.workers});
  const auto owner = runtime.open_owner("bench");
  std::latch waiting(tree.count);
  const auto root = owner.spawn({}, wait_below, tree, 0, &waiting).value();
  waiting.wait();

  const bench::stopwatch watch;
  const auto told = static_cast<number>(root.cancel());
  const double call_seconds = watch.seconds();
  number ended = 0;
  for (number i = 0; i < tree.count; ++i) {
    ended += owner.next_event()->kind == actors::event_kind::cancelled;
  }
  const double seconds = watch.seconds();

  bench::check("told", told, tree.count);
  bench::check("cancelled", ended, tree.count);
  bench::report(how, name_of_case, tree.count,
                {{"seconds", seconds}, {"call_seconds", call_seconds}});
}

}  // namespace

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "cancel_tree", 1'000'000);
  measure(how, "tree", {how.size, 10});
  measure(how, "chain", {std::max<number>(1, how.size / 100), 1});
}
