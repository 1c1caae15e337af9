#include <fmt/format.h>

#include "manager_core.hpp"
#include "owner_core.hpp"
#include "receipt_core.hpp"
#include "task_core.hpp"

// The way of a message into the inbox of a task.

namespace actors::detail {

send_result task_core::send(packed_mail message, bool on_terms) {
  auto& content = message->value.content;
  // A body that was given up may still run for a while: what it sends has no effect any more.
  if (auto* observer = running_observer()) {
    const auto& from = static_cast<task_core&>(*observer);
    if (from.is_closed() && from.body_runs()) {
      return {{error_code::task_ended, "the sender, " + to_string(from.id) + ", has ended"},
              std::move(content)};
    }
  }
  std::unique_lock lock(mutex_);
  if (cell_ == nullptr && is_shut_locked() && !closed_.load(std::memory_order_relaxed)) {
    lock.unlock();
    return refuse_closed(std::move(content));
  }
  if (!ensure_cell_locked()) {
    const auto now = state_.load(std::memory_order_relaxed);
    const auto word = is_terminal(now) ? actors::to_string(now) : std::string_view("ending");
    return {{error_code::task_ended, "task already " + std::string(word)}, std::move(content)};
  }
  if (ring_ != nullptr) return send_to_ring(std::move(message->value), lock);
  if (on_terms) strand::set_terms(*message);
  const auto how = cell_->push_message(*message);
  if (how == strand::admission::taken) {
    static_cast<void>(message.release());
    if (owner->manager->options.inbox_warning != 0) watch_depth(lock);
    return {};
  }
  const bool drops = how == strand::admission::full && its.inbox() == inbox_policy::drop_newest;
  if (drops) ++dropped_messages_;
  lock.unlock();
  if (how == strand::admission::closed) return refuse_closed(std::move(content));
  if (!drops) return {full_inbox(), std::move(content)};
  if (auto& answer = message->value.answer) answer->fulfil(full_inbox());
  return {};
}

send_result task_core::send_to_ring(mail&& message, std::unique_lock<small_mutex>& lock) {
  packed_mail ticket(message_node<mail>::make(ring_->make_ticket()));
  strand::set_terms(*ticket);
  // The message goes in before its ticket: who is given the ticket finds it.
  ring_->push(std::move(message));
  const auto how = cell_->push_message(*ticket);
  if (how == strand::admission::taken) {
    static_cast<void>(ticket.release());
    if (owner->manager->options.inbox_warning != 0) watch_depth(lock);
    return {};
  }
  const bool is_full = how == strand::admission::full;
  if (is_full) ++dropped_messages_;
  // Senders come one by one, and receivers have tickets for older ones only: the newest is ours.
  auto dropped = is_full ? ring_->pop_oldest() : ring_->pop_newest();
  lock.unlock();
  ticket.reset();
  if (!is_full) return refuse_closed(dropped ? std::move(dropped->content) : nullptr);
  if (dropped && dropped->answer != nullptr) dropped->answer->fulfil(full_inbox());
  return {};
}

receipt task_core::send_with_receipt(packed_mail message, duration expiry) {
  const auto& manager = owner->manager;
  const bool expires = expiry != duration::max() && !manager->is_detached();
  auto followed = std::make_shared<receipt_core>(
      manager, expires ? later(manager->where().now(), expiry) : time_point::max());
  const auto terms = std::make_shared<receipt_terms>(followed);
  message->value.answer = terms;
  auto sent = send(std::move(message), true);
  if (!sent) followed->refuse(sent.error());
  return receipt(std::move(followed), std::move(sent).returned());
}

void task_core::watch_depth(std::unique_lock<small_mutex>& lock) {
  const auto step = owner->manager->options.inbox_warning;
  const auto unread = cell_->unread();
  // Each step once on the way up; again only after it had become much less.
  if (unread < reported_depth_ / 2) reported_depth_ = unread / step * step;
  if (unread / step * step <= reported_depth_) return;
  reported_depth_ = unread / step * step;
  lock.unlock();
  owner->manager->report(fmt::format("the inbox of {}{}{} holds {} messages", to_string(id),
                                     what.name().empty() ? "" : " ", what.name(), unread));
}

error task_core::full_inbox() const {
  return {error_code::inbox_full, "the inbox of " + to_string(id) + " is full"};
}

send_result task_core::refuse_closed(json&& content) const {
  if (its.inbox() == inbox_policy::none) {
    return {{error_code::no_inbox, "task has no inbox"}, std::move(content)};
  }
  return {{error_code::inbox_closed, "the inbox of " + to_string(id) + " is closed"},
          std::move(content)};
}

void task_core::close_inbox() noexcept {
  const std::lock_guard lock(mutex_);
  closes_inbox_ = true;
  if (cell_ != nullptr) cell_->close_input();
}

}  // namespace actors::detail
