#pragma once

#include <exception>
#include <type_traits>
#include <utility>

#include "actors/completion.hpp"
#include "actors/coroutine.hpp"
#include "actors/detail/body.hpp"
#include "actors/detail/engine.hpp"
#include "actors/detail/sending.hpp"
#include "actors/inbox.hpp"
#include "actors/result.hpp"
#include "actors/timeout.hpp"

namespace actors {

template <class Message>
class actor_context;

namespace detail {

/// How a message of plain CAF becomes a `Message`; see `actors/caf.hpp`. By default it does not.
template <class Message>
struct foreign_message {
  static constexpr mailbox_node* (*accept)(void*) = nullptr;
};

}  // namespace detail

/// Refers to an actor that takes messages of type `Message`, and keeps it alive. Cheap to copy; any
/// thread may use it, also after the actor has ended and after its runtime is gone.
///
/// A default-made or moved-from one refers to nothing: it can be tested, compared and assigned to,
/// and must not be used otherwise.
template <class Message>
class actor_ref {
 public:
  actor_ref() = default;
  /// Takes over one reference.
  explicit actor_ref(detail::strand* adopted) noexcept : cell_(adopted) {}
  actor_ref(const actor_ref& other) noexcept : cell_(other.cell_) {
    if (cell_ != nullptr) cell_->add_ref();
  }
  actor_ref(actor_ref&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)) {}
  actor_ref& operator=(actor_ref other) noexcept {
    std::swap(cell_, other.cell_);
    return *this;
  }
  ~actor_ref() {
    if (cell_ != nullptr) cell_->release();
  }

  /// False when the actor has ended, or its inbox is closed or full. The message is moved from only
  /// when it was taken: a refused one is still the caller's.
  bool send(Message&& message) const {
    auto* node = detail::message_node<Message>::make(std::move(message));
    if (cell_->push_message(*node) == detail::strand::admission::taken) return true;
    message = detail::message_node<Message>::open(*node);
    return false;
  }
  bool send(const Message& message) const { return send(Message(message)); }

  /// `co_await to.async_send(message)`, in any coroutine of an actor: the same, but waits where
  /// send() says that the inbox is full, and keeps pace: each 128th waits until the receiver has
  /// read what came before.
  ///
  /// False when the actor has ended or its inbox is closed, also while this waits. Raises
  /// `cancelled`, and then it was not sent. A message that was not sent is still the caller's; it
  /// and the reference must live until then.
  ///
  /// Without a bound nobody waits for a body that does something other than reading, so actors may
  /// send to each other in circles. With one they must not: each may wait for the next.
  auto async_send(Message&& message) const {
    return detail::message_sending<Message>(*cell_, message);
  }
  auto async_send(const Message& message) const {
    return detail::copy_sending<Message>(*cell_, message);
  }

  /// No more messages: the actor's loop over its inbox ends after what was sent.
  void close_inbox() const noexcept { cell_->close_input(); }
  /// Tells the actor to stop: its next wait raises `cancelled`.
  void stop() const noexcept { cell_->request_stop(cancel_reason::requested); }

  explicit operator bool() const noexcept { return cell_ != nullptr; }
  friend bool operator==(const actor_ref&, const actor_ref&) = default;

  /// For the library's own bridges.
  detail::strand* strand() const noexcept { return cell_; }

 private:
  detail::strand* cell_ = nullptr;
};

namespace detail {

/// Can an actor for these messages begin with this body? Asserted, as is_plain_body() is.
template <class Message, class Body, class... Args>
constexpr bool is_actor_body() {
  if constexpr (is_plain_body<Body>()) {
    constexpr bool fits = std::is_invocable_v<Body&, actor_context<Message>, Args...>;
    static_assert(fits,
                  "the body of an actor started by spawn<Message> takes an "
                  "actor_context<Message>, of the same Message, and the arguments given to spawn");
    if constexpr (fits) {
      using returned = std::invoke_result_t<Body&, actor_context<Message>, Args...>;
      static_assert(std::is_same_v<returned, coroutine<void>>,
                    "an actor's body returns actors::coroutine<void>: nobody would get a value");
      return std::is_same_v<returned, coroutine<void>>;
    }
  }
  return false;
}

/// Makes an actor from its body and lets it begin.
template <class Message, class Body, class... Args>
actor_ref<Message> start_actor(engine& where, std::uint32_t inbox_capacity, Body body,
                               Args... args) {
  if constexpr (is_actor_body<Message, Body, Args...>()) {
    static constexpr actor_kind kind{
        {&message_node<Message>::dispose}, foreign_message<Message>::accept, "actor"};
    const cell_options options{&kind, inbox_capacity, nullptr};
    cell_request request(where, options);
    coroutine<void> work = body(actor_context<Message>(where, request), std::move(args)...);
    auto& cell = request.finish(*work.detach());
    actor_ref<Message> actor(&cell);
    cell.add_ref();  // for the engine
    where.launch(cell);
    return actor;
  } else {
    std::terminate();  // never compiled: an assertion has failed
  }
}

}  // namespace detail

/// What the body of an actor is given: itself, its inbox, its runtime. Valid inside the body.
template <class Message>
class actor_context : public detail::context_base {
 public:
  actor_context(detail::engine& where, detail::spawn_request& made_by) noexcept
      : context_base(made_by), where_(&where) {}

  actors::inbox<Message> inbox() const noexcept { return actors::inbox<Message>(host()); }
  /// The next message, or the end; `inbox().next()` in short.
  auto receive() const noexcept { return inbox().next(); }

  /// Itself, to be given to others.
  actor_ref<Message> ref() const noexcept {
    host().add_ref();
    return actor_ref<Message>(&host());
  }
  time_point now() const noexcept { return host().now(); }
  bool is_cancelled() const noexcept { return host().stop_reason() != cancel_reason::none; }

  /// Starts another actor, as `runtime::spawn` does: `self.spawn<int>(body, argument, …)`. It does
  /// not end with this one.
  template <class Other, class Body, class... Args>
  actor_ref<Other> spawn(Body body, Args... args) const {
    return detail::start_actor<Other>(*where_, 0, body, std::move(args)...);
  }

 private:
  detail::engine* where_;
};

/// Asks an actor and waits for its answer: `make` builds the message around the `completer<Reply>`
/// that the other side fulfils.
///
/// `co_await ask<int>(store, [](completer<int> answer) { return get{"key", answer}; }, 2s)`
///
/// Errors: `timed_out` when no answer came in time; when the message was refused, `inbox_full`, or
/// `inbox_closed` for an actor that has ended or takes no more. An actor that drops the completer
/// leaves the question to the time-out.
template <class Reply, class Message, class Make>
coroutine<result<Reply>> ask(actor_ref<Message> to, Make make, duration patience) {
  completion<Reply> answer;
  auto* question = detail::message_node<Message>::make(make(answer.get_completer()));
  const auto how = to.strand()->push_message(*question);
  if (how != detail::strand::admission::taken) {
    detail::message_node<Message>::dispose(*question);
    if (how == detail::strand::admission::full) {
      co_return error{error_code::inbox_full, "the actor's inbox is full"};
    }
    co_return error{error_code::inbox_closed, "the actor takes no more messages"};
  }
  auto reply = co_await answer.wait_for(patience, "answer");
  if (!reply) co_return error{error_code::timed_out, "no answer came in time"};
  co_return std::move(*reply);
}

}  // namespace actors
