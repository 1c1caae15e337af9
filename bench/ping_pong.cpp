// Two actors send one number to and fro. An operation is one round trip.
#include <actors/runtime.hpp>
#include <future>

#include "bench.hpp"

namespace {

using number = std::int64_t;

actors::coroutine<> pong(actors::actor_context<number> self, actors::actor_ref<number> back) {
  while (const auto value = co_await self.receive()) back.send(*value + 1);
}

actors::coroutine<> ping(actors::actor_context<number> self, number rounds,
                         std::promise<number>* last) {
  const auto peer = self.spawn<number>(pong, self.ref());
  number value = 0;
  for (number i = 0; i < rounds; ++i) {
    peer.send(value);
    const auto answer = co_await self.receive();
    value = *answer;
  }
  peer.close_inbox();
  last->set_value(value);
}

}  // namespace

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "ping_pong", 1'000'000);
  actors::runtime runtime({.workers = how.workers});
  std::promise<number> last;

  const bench::stopwatch watch;
  runtime.spawn<number>(ping, how.size, &last);
  const auto value = last.get_future().get();
  const double seconds = watch.seconds();

  bench::check("last value", value, how.size);
  bench::report(how, "", how.size, {{"seconds", seconds}});
}
