#pragma once

// The one public header that includes CAF: everything at the border between our actors and plain
// CAF ones. Link `libactors::caf`.

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/make_message.hpp>
#include <caf/message.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "actors/actor.hpp"
#include "actors/detail/caf_hook.hpp"
#include "actors/envelope.hpp"
#include "actors/runtime.hpp"
#include "actors/task.hpp"

namespace actors {

/// A message from a plain CAF actor, in the inbox of an `actor_context<caf_message>`.
///
/// A request (CAF's `request`) is answered once, with reply() or fail(); one that is dropped
/// without an answer tells the sender `caf::sec::request_receiver_down`. Copies are the same
/// message.
class caf_message {
 public:
  /// For the library: takes over what CAF delivered.
  explicit caf_message(caf::mailbox_element& delivered);

  const caf::message& content() const noexcept { return content_; }
  const caf::strong_actor_ptr& sender() const noexcept;
  bool is_request() const noexcept;
  /// False when it is no request, or was answered before.
  template <class... Values>
  bool reply(Values&&... values) const {
    return respond(caf::make_message(std::forward<Values>(values)...));
  }
  bool fail(caf::error why) const;

 private:
  bool respond(caf::message answer) const;

  struct promise;
  caf::message content_;
  std::shared_ptr<promise> promise_;
};

/// An actor as plain CAF sees it: CAF actors send to it, request from it, monitor it, link to it,
/// and a middleman publishes it.
///
/// An `actor_context<caf_message>` takes every message. A task takes what JSON can express: text,
/// numbers, booleans, `envelope`, and sequences of these as an array; `mail::reply` answers a
/// request. Other actors take none: CAF senders get `caf::sec::unexpected_message`.
template <class Message>
caf::actor to_caf(const actor_ref<Message>& actor);
/// The same for a task; a null handle when its body has ended.
caf::actor to_caf(const task_handle& task);

/// The CAF system inside a runtime, e.g. to spawn plain CAF actors beside ours.
caf::actor_system& caf_system(runtime& home);

/// Has a say in the configuration of the runtime's CAF system:
/// `runtime_options options; configure_caf(options, [](auto& config) {
/// config.template load<caf::io::middleman>(); });`
void configure_caf(runtime_options& options, std::function<void(caf::actor_system_config&)> how);

/// Sends to a plain CAF actor, as the actor whose context is given.
template <class... Values>
void send_to_caf(const detail::context_base& self, const caf::actor& to, Values&&... values);

/// `co_await request_from_caf(self, server, 2s, values…)`: asks a plain CAF actor. Errors:
/// `timed_out`; `unanswered`, with CAF's text, when the answer was an error.
template <class... Values>
coroutine<result<caf::message>> request_from_caf(const detail::context_base& self, caf::actor from,
                                                 duration patience, Values... values);

/// Asks to be told when `watched` ends: its `caf::down_msg` comes as a `caf_message`. For actors
/// with such an inbox; no other can take it.
void monitor_caf(const detail::context_base& self, const caf::actor& watched);
/// When either ends with an error, the other is told to stop.
void link_caf(const detail::context_base& self, const caf::actor& other);

namespace detail {

template <>
struct foreign_message<caf_message> {
  static mailbox_node* accept(void* element);
};

caf::actor caf_actor_of(strand& cell);
void deliver_to_caf(strand& from, const caf::actor& to, caf::message content);
coroutine<result<caf::message>> await_caf(strand& self, caf::actor from, duration patience,
                                          caf::message question);

}  // namespace detail

template <class Message>
caf::actor to_caf(const actor_ref<Message>& actor) {
  return detail::caf_actor_of(*actor.strand());
}

template <class... Values>
void send_to_caf(const detail::context_base& self, const caf::actor& to, Values&&... values) {
  detail::deliver_to_caf(self.host(), to, caf::make_message(std::forward<Values>(values)...));
}

template <class... Values>
coroutine<result<caf::message>> request_from_caf(const detail::context_base& self, caf::actor from,
                                                 duration patience, Values... values) {
  return detail::await_caf(self.host(), std::move(from), patience,
                           caf::make_message(std::move(values)...));
}

}  // namespace actors
