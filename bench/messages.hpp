#pragma once

#include <actors/runtime.hpp>
#include <cstdint>
#include <future>

namespace bench {

/// What actors send each other where it does not matter what.
using number = std::int64_t;

inline actors::coroutine<> send_many(actors::actor_context<number>, actors::actor_ref<number> to,
                                     number count) {
  for (number i = 0; i < count; ++i) co_await to.async_send(i);
  co_return;
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

}  // namespace bench
