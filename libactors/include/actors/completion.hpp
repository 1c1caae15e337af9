#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "actors/coroutine.hpp"
#include "actors/detail/suspension.hpp"

namespace actors {

namespace detail {

/// What both ends of a completion share, and at the same time the note that wakes the waiting
/// strand.
///
/// Phases: `idle` → `waiting` (a coroutine waits) → `fulfilled`; `idle` → `fulfilled` (nobody waits
/// yet); `waiting` → `idle` (the wait was cancelled). Whoever moves `waiting` on owns the waiter's
/// strand reference: the fulfiller hands it to the mailbox, a cancelled waiter drops it.
class completion_core : public mailbox_node {
 public:
  completion_core() = default;
  completion_core(const completion_core&) = delete;
  completion_core& operator=(const completion_core&) = delete;

  void add_ref() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    // Acquire and release: the last one sees all that the others did before it destroys.
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  bool is_fulfilled() const noexcept {
    return phase_.load(std::memory_order_acquire) == phase::fulfilled;
  }

  /// The first of any number of fulfillers; the others must leave the value alone.
  bool claim() noexcept { return !claimed_.exchange(true, std::memory_order_acq_rel); }
  /// After the value is in place.
  void fulfil() noexcept;

  /// Waiter's strand. False when it is fulfilled already.
  bool begin_wait(waiter& waiting, strand& host) noexcept;
  /// Waiter's strand: the wait is over, whatever ended it. True when it was not fulfilled.
  bool end_wait() noexcept;

 protected:
  virtual ~completion_core() = default;

 private:
  enum class phase : std::uint8_t { idle, waiting, fulfilled };

  static void deliver(mailbox_node& self, mailbox* receiver);

  std::atomic<std::uint32_t> references_{1};
  std::atomic<phase> phase_{phase::idle};
  std::atomic<bool> claimed_{false};
  waiter* waiter_ = nullptr;
  strand* host_ = nullptr;
};

/// Keeps a `completion_core` alive.
template <class Core>
class core_ref {
 public:
  core_ref() = default;
  explicit core_ref(Core* adopted) noexcept : core_(adopted) {}
  core_ref(const core_ref& other) noexcept : core_(other.core_) {
    if (core_ != nullptr) core_->add_ref();
  }
  core_ref(core_ref&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  core_ref& operator=(core_ref other) noexcept {
    std::swap(core_, other.core_);
    return *this;
  }
  ~core_ref() {
    if (core_ != nullptr) core_->release();
  }
  Core* operator->() const noexcept { return core_; }
  Core* get() const noexcept { return core_; }

 private:
  Core* core_ = nullptr;
};

template <class T>
struct completion_state : completion_core {
  using value_type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
  std::optional<value_type> value;
  std::exception_ptr error;

  T take() {
    if (error) std::rethrow_exception(error);
    if constexpr (!std::is_void_v<T>) return std::move(*value);
  }
};

}  // namespace detail

/// The end of a `completion` that says it is done. Copies speak for the same completion; any
/// thread may use them, also after the waiting side is gone. The first call counts.
template <class T = void>
class completer {
 public:
  /// False when it was fulfilled before. When the value cannot be made, because its constructor
  /// throws, the waiting side gets that exception.
  template <class... Args>
  bool set_value(Args&&... args) const {
    if (!state_->claim()) return false;
    try {
      state_->value.emplace(std::forward<Args>(args)...);
    } catch (...) {
      state_->error = std::current_exception();
    }
    state_->fulfil();
    return true;
  }
  /// The waiting side gets this exception. False when it was fulfilled before.
  bool set_error(std::exception_ptr error) const {
    if (!state_->claim()) return false;
    state_->error = std::move(error);
    state_->fulfil();
    return true;
  }

 private:
  template <class>
  friend class completion;
  explicit completer(detail::core_ref<detail::completion_state<T>> state) noexcept
      : state_(std::move(state)) {}

  detail::core_ref<detail::completion_state<T>> state_;
};

/// One value that some other thread or library will provide: the bridge from callbacks to
/// `co_await`.
///
/// The waiting side belongs to one strand and waits at most once at a time. A wait that is
/// cancelled calls `on_cancel`, if one was given, so that the other side can be told to stop; a
/// value that comes after that is dropped with the last completer.
template <class T = void>
class completion {
 public:
  explicit completion(std::function<void()> on_cancel = {})
      : state_(new detail::completion_state<T>), on_cancel_(std::move(on_cancel)) {}
  completion(const completion&) = delete;
  completion& operator=(const completion&) = delete;

  completer<T> get_completer() const noexcept {
    state_->add_ref();
    return completer<T>(detail::core_ref(state_.get()));
  }
  bool is_fulfilled() const noexcept { return state_->is_fulfilled(); }

  class [[nodiscard]] awaiter : detail::suspension {
   public:
    awaiter(detail::completion_state<T>& state, const std::function<void()>& on_cancel,
            const char* what) noexcept
        : state_(state), on_cancel_(on_cancel), what_(what) {}
    ~awaiter() {
      // Destroyed while it waits: the body was abandoned.
      if (waiting_ && state_.end_wait() && on_cancel_) on_cancel_();
    }

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> caller) noexcept {
      const auto refused = refuse(caller.promise());
      if (refused != detail::refusal::none) return refused == detail::refusal::after_a_pause;
      wait(what_);
      waiting_ = state_.begin_wait(waiter_, host());
      if (!waiting_) waiter_.unlink();
      return waiting_;
    }
    [[gnu::always_inline]] T await_resume() {
      const bool open = std::exchange(waiting_, false) ? state_.end_wait() : !state_.is_fulfilled();
      if (open && on_cancel_) on_cancel_();
      raise_if_cancelled();
      return state_.take();
    }

    coroutine<T> as_coroutine() const { return run(state_, on_cancel_, what_); }

   private:
    static coroutine<T> run(detail::completion_state<T>& state,
                            const std::function<void()>& on_cancel, const char* what) {
      co_return co_await awaiter(state, on_cancel, what);
    }

    detail::completion_state<T>& state_;
    const std::function<void()>& on_cancel_;
    const char* what_;
    bool waiting_ = false;
  };

  class [[nodiscard]] timed_awaiter;

  /// `co_await completion.wait()`: the value, or the error raised. Raises `cancelled`. The
  /// completion must live until then. `what` is a literal that names what is waited for.
  awaiter wait(const char* what = "completion") const& noexcept {
    return awaiter(*state_.get(), on_cancel_, what);
  }

  /// The same with a limit: `std::optional<T>` (for `void` a `bool`), empty when `patience` ran out
  /// first. That counts as a cancelled wait: `on_cancel` is called.
  timed_awaiter wait_for(duration patience, const char* what = "completion") const& noexcept {
    return timed_awaiter(*state_.get(), on_cancel_, what, patience);
  }

 private:
  detail::core_ref<detail::completion_state<T>> state_;
  std::function<void()> on_cancel_;
};

/// The awaiter of `wait_for`: a wait that a timer may end as well.
template <class T>
class completion<T>::timed_awaiter : detail::suspension, detail::timer {
 public:
  timed_awaiter(detail::completion_state<T>& state, const std::function<void()>& on_cancel,
                const char* what, duration patience) noexcept
      : timer([](timer& due) { static_cast<timed_awaiter&>(due).wake(); }),
        state_(state),
        on_cancel_(on_cancel),
        what_(what),
        patience_(patience) {}
  ~timed_awaiter() {
    if (waiting_ && state_.end_wait() && on_cancel_) on_cancel_();
  }

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> caller) noexcept {
    const auto refused = refuse(caller.promise());
    if (refused != detail::refusal::none) return refused == detail::refusal::after_a_pause;
    wait(what_);
    waiting_ = state_.begin_wait(waiter_, host());
    if (!waiting_) {
      waiter_.unlink();
    } else if (patience_ != duration::max()) {
      host().arm(*this, later(host().now(), patience_));
    }
    return waiting_;
  }
  [[gnu::always_inline]] std::conditional_t<std::is_void_v<T>, bool, std::optional<T>>
  await_resume() {
    disarm();
    const bool open = std::exchange(waiting_, false) ? state_.end_wait() : !state_.is_fulfilled();
    if (open && on_cancel_) on_cancel_();
    raise_if_cancelled();
    if (open) return {};
    if constexpr (std::is_void_v<T>) {
      state_.take();
      return true;
    } else {
      return state_.take();
    }
  }

 private:
  detail::completion_state<T>& state_;
  const std::function<void()>& on_cancel_;
  const char* what_;
  duration patience_;
  bool waiting_ = false;
};

}  // namespace actors
