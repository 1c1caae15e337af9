#pragma once

#include <coroutine>
#include <utility>

#include "actors/completion.hpp"
#include "actors/coroutine.hpp"
#include "actors/detail/memory.hpp"
#include "actors/inbox.hpp"

namespace actors::detail {

/// A message that waits for its receiver to have room, and what tells its sender how that ended.
///
/// The message is the sender's until the receiver claims it; a sender that gives up claims it
/// first. Fulfilled without a claim, it is refused. Sender and receiver may claim at the same time,
/// each in its thread; the note is the receiver's from the moment when it is pushed.
class held_message final : public completion_core, public in_own_memory {
 public:
  /// At the receiver's door: in its mailbox, then in a list of its strand.
  struct note : mailbox_node {
    explicit note(held_message& about) noexcept;
    /// Is this the message that was the receiver's oldest when it was asked the last time?
    bool has_seen(const mailbox_node* oldest) noexcept {
      return std::exchange(seen, oldest) == oldest;
    }
    held_message& self;
    const mailbox_node* seen = nullptr;
  };

  explicit held_message(mailbox_node& held) noexcept : message(held) {}

  mailbox_node& message;
  note at_door{*this};
};

/// What awaited sends of all messages have in common. A message that is not null is the sender's.
class sending : suspension {
 protected:
  explicit sending(strand& to) noexcept : to_(&to) {}

  using suspension::raise_if_cancelled;
  using suspension::refuse;

  strand& receiver() const noexcept { return *to_; }

  /// False when it is done already, whatever came of it.
  bool begin(mailbox_node& message) {
    message_ = &message;
    if (host().spend_to_send()) {
      const auto how = to_->push_message(message);
      if (how == strand::admission::taken) message_ = nullptr;
      if (how != strand::admission::full) return false;
    }
    return wait_for_room();
  }
  /// What waits at the receiver's door; null when nothing does.
  held_message* held() const noexcept { return held_; }
  /// The message, when the receiver does not have it and will not.
  mailbox_node* end() noexcept {
    if (message_ == nullptr) return nullptr;
    if (held_ != nullptr) end_wait();
    return std::exchange(message_, nullptr);
  }

 private:
  [[gnu::noinline]] bool wait_for_room();
  [[gnu::noinline]] void end_wait() noexcept;

  strand* to_;
  mailbox_node* message_ = nullptr;
  held_message* held_ = nullptr;
};

/// The awaiter of `actor_ref::async_send`, with the message where the caller has it.
template <class Message>
class [[nodiscard]] message_sending : protected sending {
 public:
  message_sending(strand& to, Message& content) noexcept : sending(to), content_(&content) {}
  ~message_sending() {
    if (auto* mine = end()) message_node<Message>::dispose(*mine);
  }

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> caller) {
    const auto refused = refuse(caller.promise());
    if (refused != refusal::none) return refused == refusal::after_a_pause;
    auto& node = *message_node<Message>::make(std::move(*content_));
    was_sent_ = true;
    try {
      return begin(node);
    } catch (...) {  // no memory for one that has to wait
      *content_ = message_node<Message>::open(*end());
      throw;
    }
  }
  [[gnu::always_inline]] bool await_resume() {
    if (auto* mine = end()) {
      *content_ = message_node<Message>::open(*mine);
    } else if (was_sent_) {
      return true;
    }
    raise_if_cancelled();
    return false;
  }

  coroutine<bool> as_coroutine() const { return run(&receiver(), content_); }

 private:
  static coroutine<bool> run(strand* to, Message* content) {
    co_return co_await message_sending(*to, *content);
  }

  Message* content_;
  bool was_sent_ = false;
};

template <class Message>
struct copied_message {
  Message copy;
};

/// The same with a copy of the message.
template <class Message>
class [[nodiscard]] copy_sending : copied_message<Message>, public message_sending<Message> {
 public:
  copy_sending(strand& to, const Message& content)
      : copied_message<Message>{content}, message_sending<Message>(to, this->copy) {}

  coroutine<bool> as_coroutine() const { return run(&this->receiver(), this->copy); }

 private:
  static coroutine<bool> run(strand* to, Message copy) {
    co_return co_await message_sending<Message>(*to, copy);
  }
};

}  // namespace actors::detail
