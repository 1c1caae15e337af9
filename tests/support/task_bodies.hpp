#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "actors/cancel.hpp"
#include "actors/json.hpp"
#include "actors/sleep.hpp"
#include "actors/task.hpp"
#include "actors/timeout.hpp"

namespace actors::test {

// Bodies of tasks, each with one habit.

inline coroutine<json> answer(task_context, json value) { co_return value; }

inline coroutine<void> nothing(task_context) { co_return; }

inline coroutine<json> raise(task_context, std::string why) {
  throw std::runtime_error(why);
  co_return nullptr;
}

/// Works for that long, unless it is told to stop.
inline coroutine<json> work_for(task_context, duration time, json value) {
  co_await sleep_for(time);
  co_return value;
}

/// Works until it is told to stop.
inline coroutine<void> wait_for_cancel(task_context) { co_await until_cancelled(); }

/// Works until it is told to stop, and then returns a value all the same.
inline coroutine<json> succeed_when_cancelled(task_context, json value) {
  try {
    co_await until_cancelled();
  } catch (const cancelled&) {
    // The value was ready.
  }
  co_return value;
}

inline coroutine<void> nap_of(duration time) { co_await sleep_for(time); }

/// Works for that long, whatever it is told.
inline coroutine<json> work_undisturbed(task_context, duration time, json value) {
  co_await shield(time + std::chrono::hours(1), nap_of(time));
  co_return value;
}

/// Works until its inbox is closed; the result is what came.
inline coroutine<json> collect(task_context self) {
  json all = json::array();
  while (auto message = co_await self.inbox().next()) all.push_back(message->content);
  co_return all;
}

/// Answers each question with the question.
inline coroutine<void> echo(task_context self) {
  while (auto message = co_await self.inbox().next()) message->reply(message->content);
}

/// Emits `count` events of the type "step", and ends with the count.
inline coroutine<json> count_up(task_context self, int count) {
  for (int i = 1; i <= count; ++i) {
    self.emit("step", i);
    co_await yield();
  }
  co_return count;
}

}  // namespace actors::test
