// The processor time of a runtime whose tasks all wait for a message, over ten seconds.
#include <actors/runtime.hpp>
#include <latch>

#include "bench.hpp"

namespace {

actors::coroutine<> wait_for_mail(actors::task_context self, std::latch* waiting) {
  waiting->count_down();
  co_await self.inbox().next();
}

}  // namespace

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "idle_cpu", 100'000);
  actors::runtime runtime({.workers = how.workers});
  const auto owner = runtime.open_owner("bench");
  std::latch waiting(how.size);
  for (std::int64_t i = 0; i < how.size; ++i) owner.spawn({}, wait_for_mail, &waiting).value();
  waiting.wait();
  bench::report_idle(how);
  owner.cancel_all();
}
