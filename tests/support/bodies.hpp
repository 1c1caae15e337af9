#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "actors/cancel.hpp"
#include "actors/coroutine.hpp"
#include "actors/inbox.hpp"
#include "actors/sleep.hpp"

namespace actors::test {

/// What happened, in order. Outlives the coroutines that write into it.
using story = std::vector<std::string>;

inline coroutine<int> give(int value) { co_return value; }

inline coroutine<int> fail(std::string why) {
  throw std::runtime_error(why);
  co_return 0;
}

inline coroutine<void> nap(duration time) { co_await sleep_for(time); }

inline coroutine<int> give_after(duration time, int value) {
  co_await sleep_for(time);
  co_return value;
}

inline coroutine<int> fail_after(duration time, std::string why) {
  co_await sleep_for(time);
  throw std::runtime_error(why);
}

inline coroutine<int> wait_for_ever() {
  co_await until_cancelled();
  co_return 0;
}

/// The next message; -1 at the end of the inbox.
inline coroutine<int> receive(inbox<int> mail) {
  const auto message = co_await mail.next();
  co_return message.value_or(-1);
}

/// Why `work` was cancelled; `none` when it was not.
template <class T>
coroutine<cancel_reason> reason_of(coroutine<T> work) {
  try {
    co_await std::move(work);
  } catch (const cancelled& why) {
    co_return why.reason();
  }
  co_return cancel_reason::none;
}

}  // namespace actors::test
