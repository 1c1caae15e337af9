#pragma once

#include <actors/runtime.hpp>
#include <cstdint>
#include <future>

#include "bench.hpp"

namespace bench {

/// What actors send each other where it does not matter what.
using number = std::int64_t;

/// Waits for nobody: what the receiver has not read takes the memory that it takes.
inline actors::coroutine<> send_many(actors::actor_context<number>, actors::actor_ref<number> to,
                                     number count) {
  for (number i = 0; i < count; ++i) to.send(i);
  co_return;
}

/// Keeps pace with the receiver.
inline actors::coroutine<> send_in_step(actors::actor_context<number>, actors::actor_ref<number> to,
                                        number count) {
  for (number i = 0; i < count; ++i) co_await to.async_send(i);
}

/// Receives `expected` numbers and gives their sum.
inline actors::coroutine<> add_up(actors::actor_context<number> self, number expected,
                                  std::promise<number>* sum) {
  number total = 0;
  for (number i = 0; i < expected; ++i) {
    const auto value = co_await self.receive();
    total += *value;
  }
  sum->set_value(total);
}

/// Many senders, or one, and one receiver, with either way to send.
inline void send_to_one(const setup& how, number senders) {
  const auto measure = [&how, senders](std::string_view name, auto* sender) {
    actors::runtime runtime({.workers = how.workers});
    std::promise<number> sum;
    const auto receiver = runtime.spawn<number>(add_up, senders * how.size, &sum);

    const stopwatch watch;
    for (number i = 0; i < senders; ++i) runtime.spawn<number>(sender, receiver, how.size);
    const auto total = sum.get_future().get();
    const double seconds = watch.seconds();

    check("sum", total, senders * (how.size * (how.size - 1) / 2));
    report(how, name, senders * how.size, {{"seconds", seconds}});
  };
  measure("send", &send_many);
  measure("async_send", &send_in_step);
}

}  // namespace bench
