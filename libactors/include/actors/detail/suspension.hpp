#pragma once

#include "actors/detail/promise.hpp"
#include "actors/detail/raise.hpp"

namespace actors::detail {

/// Raises `cancelled` in the work that `promise` belongs to, which was told to stop.
///
/// Inlined into the body, with all that is between, as raise_again() wants it.
[[noreturn, gnu::always_inline]] inline void raise_cancelled(promise_base& promise) {
  raise_again(make_cancelled(promise.scope->reason()));
}

/// The same, if it was told to stop. Inlined likewise.
[[gnu::always_inline]] inline void raise_if_cancelled(promise_base& promise) {
  if (promise.host->is_cancelled(*promise.scope)) raise_cancelled(promise);
}

/// Is a wait that is about to begin refused, because its scope is cancelled? The way out raises
/// that.
enum class refusal : std::uint8_t {
  none,
  at_once,        ///< Do not suspend.
  after_a_pause,  ///< Suspended for a moment.
};

/// By its first look at the scope.
///
/// A body that ignores its cancel and waits again and again would otherwise never let go of its
/// thread: when its turn is used up, each further attempt costs it a pause.
inline refusal refuse_wait(promise_base& promise, waiter& item) noexcept {
  if (!promise.host->is_cancelled(*promise.scope)) return refusal::none;
  // Whoever spends the last step pauses: the next refusal may be another turn's.
  if (promise.host->spend() && promise.host->has_budget()) return refusal::at_once;
  promise.host->pause(item, promise);
  return refusal::after_a_pause;
}

/// What the awaiters of single waits share: refuse to wait when cancelled, let others have their
/// turn when the budget is used up, raise `cancelled` on the way out.
class suspension {
 public:
  suspension() = default;
  suspension(const suspension&) = delete;
  suspension& operator=(const suspension&) = delete;

 protected:
  /// See refuse_wait().
  refusal refuse(promise_base& promise) noexcept {
    promise_ = &promise;
    return refuse_wait(promise, waiter_);
  }

  /// Suspends until wake().
  void wait(const char* what) noexcept { waiter_.wait(*promise_, what); }
  void wake() noexcept { waiter_.wake(); }

  /// Suspends only to let others have their turn.
  void take_turn() noexcept {
    waiter_.wait(*promise_, "turn");
    waiter_.wake();
  }

  strand& host() const noexcept { return *promise_->host; }
  [[gnu::always_inline]] void raise_if_cancelled() const { detail::raise_if_cancelled(*promise_); }

  waiter waiter_;
  promise_base* promise_ = nullptr;
};

}  // namespace actors::detail
