#pragma once

#include <actors/runtime.hpp>
#include <future>

#include "bench.hpp"

// Supervised tasks, as many as asked for: each is admitted, gets an id, a record and its lineage,
// gives a number, and its owner reads the event that says so.
namespace bench {

using number = std::int64_t;

inline actors::coroutine<number> give(actors::task_context, number value) { co_return value; }

inline void check_sum(number got, number count) { check("sum", got, count * (count - 1) / 2); }

/// Spawned by this thread, which then reads the events from the owner's queue. Seconds.
inline double dispatch_from_outside(actors::runtime& runtime, number count) {
  const auto owner = runtime.open_owner("outside");
  const stopwatch watch;
  for (number i = 0; i < count; ++i) owner.spawn({.goal = "count"}, give, i).value();
  number sum = 0;
  for (number i = 0; i < count; ++i) sum += owner.next_event()->payload.get<number>();
  const double seconds = watch.seconds();
  check_sum(sum, count);
  return seconds;
}

inline actors::coroutine<> spawn_tasks(actors::task_context self, number count) {
  for (number i = 0; i < count; ++i) self.spawn({.goal = "count"}, give, i).value();
  co_return;
}

inline actors::coroutine<> read_events(actors::actor_context<actors::event> self, number expected,
                                       std::promise<number>* sum) {
  number total = 0;
  for (number i = 0; i < expected; ++i) {
    const auto event = co_await self.receive();
    // Nothing is the result of the task that spawned the others.
    if (event->payload.is_number()) total += event->payload.get<number>();
  }
  sum->set_value(total);
}

/// Spawned by the body of a task; the owner is an actor. Seconds.
inline double dispatch_from_inside(actors::runtime& runtime, number count) {
  std::promise<number> sum;
  const auto reader = runtime.spawn<actors::event>(read_events, count + 1, &sum);
  const auto owner = runtime.open_owner("inside", reader);
  const stopwatch watch;
  owner.spawn({.goal = "spawn"}, spawn_tasks, count).value();
  const auto total = sum.get_future().get();
  const double seconds = watch.seconds();
  check_sum(total, count);
  return seconds;
}

}  // namespace bench
