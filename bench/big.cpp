// A thousand actors. Each sends a ping to a random other and waits for the pong, again and again,
// and answers the pings of the others all the while. `--size` is how many pings each of them sends;
// an operation is a ping and its pong.
#include <actors/runtime.hpp>
#include <future>
#include <random>
#include <vector>

#include "bench.hpp"

namespace {

using number = std::int64_t;

constexpr std::uint32_t crowd = 1'000;

struct message {
  enum { start, ping, pong } kind;
  std::uint32_t from;
};
using people = std::vector<actors::actor_ref<message>>;

actors::coroutine<> person(actors::actor_context<message> self, std::uint32_t i, const people* all,
                           number pings, actors::actor_ref<number> sink) {
  std::minstd_rand random(i + 1);
  const auto ping_someone = [&random, all, i] {
    // Anybody but itself: so many places further on.
    const auto whom = (i + 1 + random() % (crowd - 1)) % crowd;
    (*all)[whom].send({message::ping, i});
  };
  number pongs = 0;
  while (const auto received = co_await self.receive()) {
    if (received->kind == message::ping) {
      (*all)[received->from].send({message::pong, i});
      continue;
    }
    if (received->kind == message::pong) ++pongs;
    if (pongs < pings) {
      ping_someone();
    } else {
      sink.send(pongs);
    }
  }
}

actors::coroutine<> wait_for_all(actors::actor_context<number> self, std::promise<number>* sum) {
  number total = 0;
  for (std::uint32_t i = 0; i < crowd; ++i) {
    const auto pongs = co_await self.receive();
    total += *pongs;
  }
  sum->set_value(total);
}

}  // namespace

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "big", 1'000);
  people all(crowd);
  actors::runtime runtime({.workers = how.workers});
  std::promise<number> sum;
  const auto sink = runtime.spawn<number>(wait_for_all, &sum);
  for (std::uint32_t i = 0; i < crowd; ++i) {
    all[i] = runtime.spawn<message>(person, i, &all, how.size, sink);
  }

  const bench::stopwatch watch;
  for (const auto& one : all) one.send({message::start, 0});
  const auto total = sum.get_future().get();
  const double seconds = watch.seconds();

  bench::check("pongs", total, crowd * how.size);
  bench::report(how, "", crowd * how.size, {{"seconds", seconds}});
}
