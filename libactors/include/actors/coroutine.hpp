#pragma once

#include <concepts>
#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include "actors/detail/frame_memory.hpp"
#include "actors/detail/promise.hpp"
#include "actors/detail/raise.hpp"

namespace actors {

template <class T>
class coroutine;

namespace detail {

template <class T>
struct promise_result : promise_base {
  std::optional<T> value;

  template <class U = T>
    requires std::constructible_from<T, U&&>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }

  [[gnu::always_inline]] T take() {
    if (error) raise_again(std::move(error));
    return std::move(*value);
  }
};

template <>
struct promise_result<void> : promise_base {
  void return_void() const noexcept {}

  [[gnu::always_inline]] void take() {
    if (error) raise_again(std::move(error));
  }
};

}  // namespace detail

/// A piece of sequential, asynchronous work that gives a `T`.
///
/// Lazy: nothing runs until it is awaited, or handed to something that runs it. Move-only: awaited
/// at most once, or destroyed without having run; awaiting one that was awaited or moved from
/// raises `failure` (`invalid_argument`). An exception that leaves it is raised again where it is
/// awaited. A coroutine runs in the strand of whoever awaits it, never in parallel to it; any depth
/// of nested calls uses the same small part of the machine's stack.
///
/// Parameters are copied into the coroutine: take values, not references that must outlive a
/// suspension. Capturing lambdas do not work as coroutines, because the captures are not copied.
///
/// A function is a coroutine only if its body holds a `co_await` or a `co_return`. One that returns
/// this type and holds neither is undefined behaviour, of which compilers merely warn.
template <class T = void>
class [[nodiscard]] coroutine {
 public:
  using value_type = T;

  struct promise_type : detail::promise_result<T>, detail::frame_memory {
    promise_type() = default;

    /// An actor's own coroutine learns where it runs before its first line does.
    template <class... Args>
      requires(detail::is_context<Args> || ...)
    explicit promise_type(Args&... args) {
      (detail::bind_context(args), ...);
    }

    coroutine get_return_object() noexcept {
      static_assert(alignof(promise_type) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__,
                    "a coroutine's value is aligned like any object that `new` makes");
      return coroutine(*this);
    }
  };

  coroutine(coroutine&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  coroutine& operator=(coroutine&& other) noexcept {
    std::swap(promise_, other.promise_);
    return *this;
  }
  ~coroutine() {
    if (promise_ != nullptr) promise_->frame().destroy();
  }

  /// False when it was moved from or awaited.
  explicit operator bool() const noexcept { return promise_ != nullptr; }

  class awaiter : detail::frame_owner {
   public:
    explicit awaiter(promise_type& work) noexcept { held = &work; }
    awaiter(const awaiter&) = delete;
    awaiter& operator=(const awaiter&) = delete;
    ~awaiter() { detail::destroy_frames(*this); }

    bool await_ready() const noexcept { return false; }
    template <class Caller>
    void await_suspend(std::coroutine_handle<Caller> caller) noexcept {
      auto& from = caller.promise();
      from.call(*this, *from.scope);
    }
    T await_resume() { return static_cast<promise_type*>(held)->take(); }
  };

  awaiter operator co_await() && { return awaiter(*detach()); }
  /// Await a coroutine that has a name with std::move: `co_await std::move(work)`. It can be
  /// awaited once only.
  void operator co_await() const& = delete;

  /// Gives the frame to whoever runs it, and never null. For combinators and the runtime.
  promise_type* detach() {
    if (promise_ == nullptr) [[unlikely]] {
      detail::raise_no_coroutine();
    }
    return std::exchange(promise_, nullptr);
  }

 private:
  explicit coroutine(promise_type& promise) noexcept : promise_(&promise) {}

  promise_type* promise_;
};

}  // namespace actors
