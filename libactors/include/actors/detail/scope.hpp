#pragma once

#include <exception>

#include "actors/cancel.hpp"
#include "actors/detail/list.hpp"
#include "actors/detail/timer_heap.hpp"

namespace actors::detail {

class strand;
struct promise_base;

/// A suspended coroutine, linked into the scope that may interrupt it while it waits, and into its
/// strand's list of ready coroutines once it is woken. Lives in the awaiter, in the coroutine's
/// frame; unlinks itself when that is destroyed.
class waiter : public list_link {
 public:
  waiter() = default;

  /// Suspends `promise`, which a cancel of its scope will wake. `what` is shown to whoever asks
  /// what the strand waits for; it must be a literal.
  void wait(promise_base& promise, const char* what) noexcept;
  /// Suspends `promise` where only wake() ends the wait, because something else must end first.
  void wait_uninterrupted(promise_base& promise, const char* what) noexcept;
  /// Makes the coroutine ready to run. Nothing happens when it is ready already.
  void wake() noexcept;
  /// The same for one that waits and is not ready, and that the caller resumes here and now.
  promise_base& wake_at_once() noexcept {
    unlink();
    ready_ = true;
    return *promise_;
  }

  bool is_ready() const noexcept { return ready_; }
  bool has_waited() const noexcept { return promise_ != nullptr; }
  promise_base& promise() const noexcept { return *promise_; }

 private:
  friend class strand;
  promise_base* promise_ = nullptr;
  bool ready_ = false;
};

class nested_scope;

/// A part of a strand's work that can be told to stop by itself. By itself the root of a strand;
/// everything below it is a `nested_scope`.
///
/// Invariants:
///   1. The parent never changes and outlives the scope.
///   2. The first reason stays.
///   3. cancel() reaches every scope below that exists, except through a shield, and wakes what
///      waits there; a scope that is made below a cancelled one is born cancelled.
///
/// Used only by the thread that runs the strand.
class cancel_scope {
 public:
  void cancel(cancel_reason reason) noexcept;
  cancel_reason reason() const noexcept { return reason_; }
  bool is_cancelled() const noexcept { return reason_ != cancel_reason::none; }

 private:
  friend class waiter;
  friend class nested_scope;

  bool accept(cancel_reason reason) noexcept;
  nested_scope* first_child() noexcept;

  list_link waiters_;
  cancel_reason reason_ = cancel_reason::none;
  list_link children_;
};

/// A scope inside another one.
class nested_scope : public list_link, public cancel_scope {
 public:
  enum class kind : unsigned char { open, shield };

  explicit nested_scope(cancel_scope* parent, kind how = kind::open) noexcept;

  /// Ends a shield: a cancel of the parent goes through, one that came before at once.
  void lower_shield() noexcept;
  cancel_scope* parent() const noexcept { return parent_; }

 private:
  friend class cancel_scope;

  nested_scope* next_below(const cancel_scope& top) noexcept;

  cancel_scope* parent_;
  kind kind_;
};

/// What is raised where a wait is cancelled: a `cancelled`. Any thread.
std::exception_ptr make_cancelled(cancel_reason reason);

}  // namespace actors::detail
