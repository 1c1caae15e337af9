#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>

#include "actors/detail/memory.hpp"
#include "actors/detail/strand.hpp"

namespace actors::detail {

struct promise_base;

/// Whoever keeps a coroutine's frame alive: the awaiter in its caller's frame, a branch of a
/// combinator, or an actor.
struct frame_owner {
  using action = void (*)(frame_owner& self);

  promise_base* held = nullptr;     ///< The coroutine; null when there is none.
  promise_base* resumes = nullptr;  ///< Goes on when the coroutine ends, unless `ended` is set.
  action ended = nullptr;           ///< Called instead when the coroutine ends.
};

/// What all coroutines have in common.
///
/// The links `child` lead from a caller to the coroutine that it awaits, so that a chain of any
/// length can be destroyed from its innermost frame outwards, without recursion.
struct promise_base {
  strand* host = nullptr;         ///< Set when the coroutine is started.
  cancel_scope* scope = nullptr;  ///< The caller's, unless a combinator gave its own.
  frame_owner* owner = nullptr;   ///< Null for an actor's own coroutine.
  promise_base* child = nullptr;
  std::exception_ptr error;

  /// The coroutine around this promise. Which type the promise has in full does not matter, as long
  /// as it is aligned like any other object: see `coroutine`.
  std::coroutine_handle<> frame() noexcept {
    return std::coroutine_handle<promise_base>::from_promise(*this);
  }

  void unhandled_exception() noexcept { error = std::current_exception(); }

  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      ended.promise().hand_over();
    }
    void await_resume() const noexcept {}
  };
  final_awaiter final_suspend() const noexcept { return {}; }

  /// Starts `callee` on behalf of this coroutine, within `inner`.
  void call(frame_owner& callee, cancel_scope& inner) noexcept {
    callee.held->owner = &callee;
    callee.held->host = host;
    callee.held->scope = &inner;
    callee.resumes = this;
    child = callee.held;
    host->transfer_to(callee.held);
  }

  void hand_over() noexcept;
};

inline void waiter::wait_uninterrupted(promise_base& promise, const char* what) noexcept {
  promise_ = &promise;
  ready_ = false;
  promise.host->note_wait(what);
}

inline void waiter::wait(promise_base& promise, const char* what) noexcept {
  wait_uninterrupted(promise, what);
  insert_before(promise.scope->waiters_);
}

inline void waiter::wake() noexcept {
  if (ready_ || promise_ == nullptr) return;
  unlink();
  ready_ = true;
  promise_->host->enqueue_ready(*this);
}

/// Raises the failure of whoever awaits a coroutine that is none any more.
[[noreturn]] void raise_no_coroutine();

/// Did `cancelled` leave the coroutine? Without raising it again: that is what most of a cancel
/// costs.
bool ended_by_cancel(const promise_base& ended) noexcept;

/// Destroys a coroutine and everything that it awaits, innermost first.
void destroy_frames(promise_base& outermost) noexcept;
/// The same for the one that `owner` holds, if any.
void destroy_frames(frame_owner& owner) noexcept;

}  // namespace actors::detail
