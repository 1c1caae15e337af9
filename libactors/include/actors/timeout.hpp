#pragma once

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include "actors/coroutine.hpp"
#include "actors/detail/into_coroutine.hpp"
#include "actors/detail/suspension.hpp"

namespace actors {

namespace detail {

/// What a scoped call gives: `std::optional<T>`, or for nothing at all whether it got to its end.
template <class T>
using in_time = std::conditional_t<std::is_void_v<T>, bool, std::optional<T>>;

/// Calls a coroutine in a scope of its own, with a timer.
template <class T>
class scoped_call : public frame_owner, public timer {
 public:
  scoped_call(const scoped_call&) = delete;
  scoped_call& operator=(const scoped_call&) = delete;
  ~scoped_call() { destroy_frames(*this); }

  bool await_ready() const noexcept { return false; }

 protected:
  using promise_type = typename coroutine<T>::promise_type;

  scoped_call(coroutine<T>&& work, timer::action fire) : timer(fire) { held = work.detach(); }

  T take() { return static_cast<promise_type*>(held)->take(); }

  std::optional<nested_scope> scope_;
};

}  // namespace detail

/// `co_await with_timeout(2s, work())`: the value of `work`, or nothing when the time was up first.
/// A `coroutine<void>` gives true or false. Takes a coroutine, or a wait such as `inbox.next()`.
///
/// When the time is up, `work` is cancelled with the reason `deadline`, and this waits until it has
/// ended; a value that it returns all the same counts. Deadlines nest, the nearest wins: one that
/// belongs to an outer scope is raised through this one as `cancelled`.
template <class T>
class [[nodiscard]] with_timeout : public detail::scoped_call<T> {
  using call = detail::scoped_call<T>;

 public:
  with_timeout(duration time, coroutine<T> work)
      : call(std::move(work),
             [](detail::timer& due) {
               auto& self = static_cast<with_timeout&>(due);
               self.expired_ = !self.scope_->is_cancelled();
               self.scope_->cancel(cancel_reason::deadline);
             }),
        time_(time) {}
  template <detail::plain_wait Wait>
  with_timeout(duration time, const Wait& wait) : with_timeout(time, wait.as_coroutine()) {}

  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> caller) noexcept {
    auto& from = caller.promise();
    from.host->is_cancelled(*from.scope);
    this->scope_.emplace(from.scope);
    from.host->arm(*this, later(from.host->now(), time_));
    from.call(*this, *this->scope_);
  }

  detail::in_time<T> await_resume() {
    this->disarm();
    try {
      if constexpr (std::is_void_v<T>) {
        this->take();
        return true;
      } else {
        return this->take();
      }
    } catch (const cancelled&) {
      // Only this deadline is answered here. What came from outside goes on outwards, with the
      // reason that it has there.
      const auto& outer = *this->scope_->parent();
      if (outer.is_cancelled()) throw cancelled(outer.reason());
      if (!expired_) throw;
      return {};
    }
  }

 private:
  duration time_;
  bool expired_ = false;
};

template <detail::plain_wait Wait>
with_timeout(duration, const Wait&) -> with_timeout<detail::value_of_wait<Wait>>;

/// `co_await shield(5s, clean_up())`: work that a cancel from outside does not reach, so that it
/// can be finished; but for no longer than the given time after it began, then the cancel goes
/// through. Takes what with_timeout() takes.
template <class T>
class [[nodiscard]] shield : public detail::scoped_call<T> {
  using call = detail::scoped_call<T>;

 public:
  shield(duration bound, coroutine<T> work)
      : call(std::move(work),
             [](detail::timer& due) { static_cast<shield&>(due).scope_->lower_shield(); }),
        bound_(bound) {}
  template <detail::plain_wait Wait>
  shield(duration bound, const Wait& wait) : shield(bound, wait.as_coroutine()) {}

  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> caller) noexcept {
    auto& from = caller.promise();
    from.host->is_cancelled(*from.scope);
    this->scope_.emplace(from.scope, detail::nested_scope::kind::shield);
    from.host->arm(*this, later(from.host->now(), bound_));
    from.call(*this, *this->scope_);
  }

  T await_resume() {
    this->disarm();
    return this->take();
  }

 private:
  duration bound_;
};

template <detail::plain_wait Wait>
shield(duration, const Wait&) -> shield<detail::value_of_wait<Wait>>;

}  // namespace actors
