#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "../runtime/small_mutex.hpp"
#include "mail_terms.hpp"

namespace actors::detail {

/// The unread messages of a task whose full inbox drops the oldest. They go with it.
///
/// Only its receiver can take something out of a mailbox. So what goes through the mailbox are
/// tickets, as many as there are messages here, and whoever is given a ticket gets the oldest
/// message for it: a sender drops a message here, and the ticket serves the next.
///
/// Any thread may call the members. No message is destroyed under the lock.
class mail_ring {
 public:
  mail_ring() : unread_(std::make_shared<line>()) {}
  mail_ring(const mail_ring&) = delete;
  mail_ring& operator=(const mail_ring&) = delete;
  ~mail_ring() { unread_->clear(); }

  void push(mail&& message) { unread_->push(std::move(message)); }
  std::optional<mail> pop_oldest() { return unread_->pop_oldest(); }
  std::optional<mail> pop_newest() { return unread_->pop_newest(); }
  mail make_ticket() const {
    mail ticket;
    ticket.answer = unread_;
    return ticket;
  }

 private:
  /// What the tickets refer to, also when the ring is gone.
  class line final : public mail_terms {
   public:
    void push(mail&& message) {
      const std::lock_guard lock(mutex_);
      messages_.push_back(std::move(message));
    }
    std::optional<mail> pop_oldest() {
      const std::lock_guard lock(mutex_);
      if (messages_.empty()) return std::nullopt;
      std::optional<mail> oldest(std::move(messages_.front()));
      messages_.pop_front();
      return oldest;
    }
    std::optional<mail> pop_newest() {
      const std::lock_guard lock(mutex_);
      if (messages_.empty()) return std::nullopt;
      std::optional<mail> newest(std::move(messages_.back()));
      messages_.pop_back();
      return newest;
    }
    void clear() {
      std::deque<mail> gone;
      const std::lock_guard lock(mutex_);
      gone.swap(messages_);
    }

    bool give(mail& ticket) override {
      const auto self = ticket.answer;
      auto oldest = pop_oldest();
      if (!oldest) return false;
      ticket = std::move(*oldest);
      auto* terms = terms_of(ticket);
      return terms == nullptr || terms->give(ticket);
    }
    // A ticket has become a message when any of these could happen to it.
    void put_back() override {}
    void take(mail&) override {}
    bool fulfil(result<json>) override { return false; }

   private:
    small_mutex mutex_;
    std::deque<mail> messages_;
  };

  std::shared_ptr<line> unread_;
};

}  // namespace actors::detail
