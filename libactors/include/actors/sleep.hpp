#pragma once

#include <coroutine>

#include "actors/clock.hpp"
#include "actors/coroutine.hpp"
#include "actors/detail/suspension.hpp"

namespace actors {

/// `co_await sleep_for(2s)`: waits at least that long on the strand's clock. Raises `cancelled`.
class [[nodiscard]] sleep_for : detail::suspension {
 public:
  explicit sleep_for(duration time) noexcept : time_(time) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> caller) noexcept {
    const auto refused = refuse(caller.promise());
    if (refused != detail::refusal::none) return refused == detail::refusal::after_a_pause;
    if (time_ <= duration::zero()) {
      host().give_up_turn();
      take_turn();
      return true;
    }
    wait("sleep");
    timer_.self = this;
    host().arm(timer_, later(host().now(), time_));
    return true;
  }
  [[gnu::always_inline]] void await_resume() {
    timer_.disarm();
    raise_if_cancelled();
  }

  coroutine<void> as_coroutine() const { return sleep(time_); }

 private:
  static coroutine<void> sleep(duration time) { co_await sleep_for(time); }

  struct alarm : detail::timer {
    alarm() noexcept : timer([](timer& due) { static_cast<alarm&>(due).self->wake(); }) {}
    sleep_for* self = nullptr;
  };

  duration time_;
  alarm timer_;
};

/// `co_await yield()`: lets other actors run before going on. Raises `cancelled`, so a long
/// computation that yields now and then can be stopped.
inline sleep_for yield() noexcept { return sleep_for(duration::zero()); }

/// `co_await until_cancelled()`: waits for nothing but a cancel, which it raises.
class [[nodiscard]] until_cancelled : detail::suspension {
 public:
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> caller) noexcept {
    const auto refused = refuse(caller.promise());
    if (refused != detail::refusal::none) return refused == detail::refusal::after_a_pause;
    wait("cancel");
    return true;
  }
  [[gnu::always_inline]] void await_resume() const { raise_if_cancelled(); }

  coroutine<void> as_coroutine() const { return wait_for_cancel(); }

 private:
  static coroutine<void> wait_for_cancel() { co_await until_cancelled(); }
};

}  // namespace actors
