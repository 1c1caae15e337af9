// A supervised task and its child send a number to and fro. An operation is one round trip.
#include <actors/runtime.hpp>

#include "bench.hpp"

namespace {

using actors::json;
using number = std::int64_t;

actors::coroutine<> echo(actors::task_context self) {
  while (auto mail = co_await self.inbox().next()) self.parent().send(std::move(mail->content));
}

actors::coroutine<json> exchange(actors::task_context self, number rounds) {
  const auto child = self.spawn({.name = "echo"}, echo).value();
  number total = 0;
  for (number i = 0; i < rounds; ++i) {
    child.send(i);
    const auto mail = co_await self.inbox().next();
    total += mail->content.get<number>();
  }
  child.close_inbox();
  co_return total;
}

}  // namespace

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "mailing", 1'000'000);
  actors::runtime runtime({.workers = how.workers});
  const auto owner = runtime.open_owner("bench");

  const bench::stopwatch watch;
  const auto task = owner.spawn({.name = "exchange"}, exchange, how.size).value();
  const auto end = task.wait();
  const double seconds = watch.seconds();

  bench::check("sum", end->result.get<number>(), how.size * (how.size - 1) / 2);
  bench::report(how, "", how.size, {{"seconds", seconds}});
}
