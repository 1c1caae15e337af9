// One actor asks another, again and again, and waits for each answer with a time-out.
#include <actors/runtime.hpp>
#include <future>

#include "bench.hpp"

namespace {

using namespace std::chrono_literals;
using number = std::int64_t;

struct question {
  number value;
  actors::completer<number> answer;
};

actors::coroutine<> double_it(actors::actor_context<question> self) {
  while (const auto asked = co_await self.receive()) asked->answer.set_value(2 * asked->value);
}

actors::coroutine<> ask_many(actors::actor_context<number>, actors::actor_ref<question> server,
                             number count, std::promise<number>* sum) {
  number total = 0;
  for (number i = 0; i < count; ++i) {
    const auto make = [i](actors::completer<number> answer) {
      return question{i, std::move(answer)};
    };
    const auto answer = co_await actors::ask<number>(server, make, 10s);
    total += *answer;
  }
  sum->set_value(total);
}

}  // namespace

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "ask", 1'000'000);
  actors::runtime runtime({.workers = how.workers});
  const auto server = runtime.spawn<question>(double_it);
  std::promise<number> sum;

  const bench::stopwatch watch;
  runtime.spawn<number>(ask_many, server, how.size, &sum);
  const auto total = sum.get_future().get();
  const double seconds = watch.seconds();

  bench::check("sum", total, how.size * (how.size - 1));
  bench::report(how, "", how.size, {{"seconds", seconds}});
}
