#pragma once

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "actors/clock.hpp"
#include "actors/coroutine.hpp"
#include "actors/detail/memory.hpp"
#include "actors/detail/suspension.hpp"

namespace actors {

namespace detail {

/// Does a `T` hold nothing once it was moved from? Then nobody need destroy it. A type says so by
/// the name `empty_once_moved` for itself, which says nothing about what derives from it.
template <class T>
constexpr bool is_empty_once_moved() noexcept {
  if constexpr (requires { typename T::empty_once_moved; }) {
    return std::is_same_v<typename T::empty_once_moved, T>;
  } else {
    return std::is_trivially_destructible_v<T>;
  }
}

/// A message of type `T` on its way.
template <class T>
struct message_node : mailbox_node, in_own_memory {
  template <class Build>
  message_node(std::in_place_t, const Build& build) : value(build()) {}

  static message_node* make(T&& content) {
    return make_by([&content] { return T(std::move(content)); });
  }
  /// `build()` gives the message, and makes it where it stays.
  template <class Build>
  static message_node* make_by(const Build& build) {
    return new message_node(std::in_place, build);
  }
  static void dispose(mailbox_node& node) noexcept { delete static_cast<message_node*>(&node); }
  /// `To`: what to make of the message, such as an optional of it.
  template <class To = T>
  static To open(mailbox_node& node) {
    auto& its = static_cast<message_node&>(node);
    To value(std::move(its.value));
    if constexpr (is_empty_once_moved<T>()) {
      in_own_memory::operator delete(&its, sizeof(message_node));
    } else {
      dispose(node);
    }
    return value;
  }
  /// For the body of `host`, which has it from now on.
  static std::optional<T> take(strand& host, mailbox_node& node) {
    host.message_taken(node);
    return open<std::optional<T>>(node);
  }

  T value;
};

}  // namespace detail

/// The messages sent to an actor, as its own coroutine sees them. Messages of one sender come in
/// the order in which they were sent.
///
/// A view: cheap to copy, valid while the actor's coroutine runs, used only inside it. Several
/// coroutines of one actor may wait at the same time; messages go to them in the order in which
/// they began to wait, and one that was given to a wait which is then cancelled goes to the next.
template <class T>
class inbox {
 public:
  explicit inbox(detail::strand& host) noexcept : host_(&host) {}

  class [[nodiscard]] next_message;
  class [[nodiscard]] timed_next_message;

  /// `co_await inbox.next()`: the next message; empty once the inbox is closed and drained.
  /// Raises `cancelled`; no message is lost by that.
  next_message next() const noexcept { return next_message(); }

  /// The same, but also empty when no message came for `patience`; is_closed() tells the two apart.
  timed_next_message next(duration patience) const noexcept {
    return timed_next_message(later(host_->now(), patience));
  }

  /// The next message if it is there already.
  std::optional<T> try_next() const {
    while (host_->has_message()) {
      if (auto* node = host_->take_message()) return detail::message_node<T>::take(*host_, *node);
    }
    return std::nullopt;
  }

  /// Everything that is there, oldest first.
  std::vector<T> drain() const {
    std::vector<T> messages;
    while (auto message = try_next()) messages.push_back(std::move(*message));
    return messages;
  }

  /// Takes no more messages; senders are told so. What is inside can still be read.
  void close() const noexcept { host_->close_input(); }
  bool is_closed() const noexcept { return host_->is_input_closed(); }

 private:
  detail::strand* host_;
};

/// The awaiter of `next()`.
template <class T>
class inbox<T>::next_message {
 public:
  next_message() = default;
  next_message(const next_message&) = delete;
  next_message& operator=(const next_message&) = delete;
  ~next_message() {
    if (receiver_.node != nullptr) detail::message_node<T>::dispose(*receiver_.node);
  }

  bool await_ready() const noexcept { return false; }

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> caller) noexcept {
    auto& promise = caller.promise();
    promise_ = &promise;
    auto& host = *promise.host;
    for (;;) {
      if (!host.has_message()) {
        const bool is_closed = host.is_input_closed();
        // Messages may have come between the two looks; no more can, now that the close was seen.
        if (!is_closed || !host.has_message()) {
          const auto refused = detail::refuse_wait(promise, receiver_.wait);
          if (refused != detail::refusal::none) return refused == detail::refusal::after_a_pause;
          if (is_closed) return false;
          receiver_.wait.wait(promise, "inbox");
          receiver_.insert_before(host.receivers());
          return true;
        }
      }
      // Not before the mail was taken in, which may have brought a cancel.
      const auto refused = detail::refuse_wait(promise, receiver_.wait);
      if (refused != detail::refusal::none) return refused == detail::refusal::after_a_pause;
      receiver_.node = host.take_message();
      if (receiver_.node == nullptr) continue;  // what was there may not be given any more
      if (host.spend()) return false;
      receiver_.wait.wait(promise, "turn");
      receiver_.wait.wake();
      return true;
    }
  }

  // Inlined like raise_if_cancelled().
  [[gnu::always_inline]] std::optional<T> await_resume() {
    auto& host = *promise_->host;
    // Who has not waited was not cancelled a moment ago.
    if (receiver_.node == nullptr || receiver_.wait.has_waited()) {
      receiver_.unlink();
      if (host.is_cancelled(*promise_->scope)) {
        // A message that was already given to this wait is not lost with it.
        if (receiver_.node != nullptr) host.return_message(*std::exchange(receiver_.node, nullptr));
        detail::raise_cancelled(*promise_);
      }
      if (receiver_.node == nullptr) return std::nullopt;
    }
    return detail::message_node<T>::take(host, *std::exchange(receiver_.node, nullptr));
  }

  coroutine<std::optional<T>> as_coroutine() const { return receive(); }

 protected:
  bool is_waiting() const noexcept { return receiver_.is_linked(); }
  void give_up() noexcept {
    receiver_.unlink();
    receiver_.wait.wake();
  }
  detail::strand& host() const noexcept { return *promise_->host; }

 private:
  static coroutine<std::optional<T>> receive() { co_return co_await next_message(); }

  detail::promise_base* promise_ = nullptr;
  detail::receiver receiver_;
};

/// The awaiter of `next(patience)`: the same wait, which a timer may end as well.
template <class T>
class inbox<T>::timed_next_message : next_message, detail::timer {
 public:
  explicit timed_next_message(time_point deadline) noexcept
      : timer([](timer& due) { static_cast<timed_next_message&>(due).give_up(); }),
        deadline_(deadline) {}

  using next_message::await_ready;
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> caller) noexcept {
    const bool suspended = next_message::await_suspend(caller);
    if (this->is_waiting() && deadline_ != time_point::max()) {
      this->host().arm(*this, deadline_);
    }
    return suspended;
  }
  [[gnu::always_inline]] std::optional<T> await_resume() {
    this->disarm();
    return next_message::await_resume();
  }

  coroutine<std::optional<T>> as_coroutine() const { return receive(deadline_); }

 private:
  static coroutine<std::optional<T>> receive(time_point deadline) {
    co_return co_await timed_next_message(deadline);
  }

  time_point deadline_;
};

}  // namespace actors
