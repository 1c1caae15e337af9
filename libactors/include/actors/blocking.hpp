#pragma once

#include <type_traits>
#include <utility>

#include "actors/completion.hpp"
#include "actors/coroutine.hpp"
#include "actors/error.hpp"
#include "actors/timeout.hpp"

namespace actors {

/// What becomes of blocking work whose caller is cancelled.
enum class on_cancel : unsigned char {
  abandon,  ///< The caller goes on at once; the work ends by itself and its value is dropped.
  wait,     ///< The caller waits for the end of the work, then raises `cancelled`.
};

namespace detail {

/// A function for the blocking pool and where its value goes.
template <class T, class Work>
struct blocking_call final : blocking_job {
  blocking_call(Work&& what, completer<T> whom) : work(std::move(what)), to(std::move(whom)) {}

  void run() noexcept override {
    try {
      if constexpr (std::is_void_v<T>) {
        work();
        to.set_value();
      } else {
        to.set_value(work());
      }
    } catch (...) {
      to.set_error(std::current_exception());
    }
    delete this;
  }
  void discard(bool is_full) noexcept override {
    to.set_error(is_full ? std::make_exception_ptr(failure(
                               {error_code::capacity_reached,
                                "too many blocking calls wait: runtime_options.blocking_queue"}))
                         : std::make_exception_ptr(cancelled(cancel_reason::shutdown)));
    delete this;
  }

  Work work;
  completer<T> to;
};

/// Gives the coroutine that it is awaited in, or raises `cancelled`.
class current_promise : suspension {
 public:
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> caller) noexcept {
    return refuse(caller.promise()) == refusal::after_a_pause;
  }
  [[gnu::always_inline]] promise_base& await_resume() const {
    raise_if_cancelled();
    return *promise_;
  }
};

template <class T>
coroutine<T> wait_shielded(completion<T>& done) {
  co_return co_await done.wait("blocking work");
}

template <class T, class Work>
coroutine<T> run_blocking(Work work, on_cancel policy) {
  auto& self = co_await current_promise();
  completion<T> done;
  self.host->submit_blocking(*new blocking_call<T, Work>(std::move(work), done.get_completer()));
  if (policy == on_cancel::abandon) co_return co_await done.wait("blocking work");
  auto finished = wait_shielded(done);
  if constexpr (std::is_void_v<T>) {
    co_await shield(duration::max(), std::move(finished));
    raise_if_cancelled(self);
  } else {
    T value = co_await shield(duration::max(), std::move(finished));
    raise_if_cancelled(self);
    co_return value;
  }
}

}  // namespace detail

/// `co_await blocking(work)`: runs `work()` on a thread of the runtime's bounded pool for blocking
/// work, and gives its value or raises what it threw. The strand's own thread goes on with others
/// meanwhile. Raises `cancelled`, when is for `policy` to say.
///
/// `work` is moved to the other thread, so it may be one that cannot be copied. It may outlive the
/// caller under `on_cancel::abandon`: it must own all that it touches.
///
/// Work that the pool does not take is not run: this raises `failure` (`capacity_reached`) when
/// `runtime_options::blocking_queue` calls wait already, and `cancelled` with the reason `shutdown`
/// when the runtime is going away.
template <class Work>
auto blocking(Work work, on_cancel policy = on_cancel::abandon) {
  using value_type = std::invoke_result_t<Work&>;
  return detail::run_blocking<value_type>(std::move(work), policy);
}

}  // namespace actors
