#include "actors/completion.hpp"

namespace actors::detail {

bool completion_core::begin_wait(waiter& waiting, strand& host) noexcept {
  // A wait that was cancelled may have left a note on its way: `host_` belongs to that then.
  if (is_fulfilled()) return false;
  waiter_ = &waiting;
  host_ = &host;
  host.add_ref();
  auto expected = phase::idle;
  // Release: the fulfiller that finds `waiting` reads the two pointers.
  if (phase_.compare_exchange_strong(expected, phase::waiting, std::memory_order_acq_rel,
                                     std::memory_order_acquire)) {
    return true;
  }
  waiter_ = nullptr;
  host_ = nullptr;
  host.release();
  return false;
}

bool completion_core::end_wait() noexcept {
  waiter_ = nullptr;
  auto expected = phase::waiting;
  if (!phase_.compare_exchange_strong(expected, phase::idle, std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
    return false;  // fulfilled; the note, here or on its way, drops the strand
  }
  std::exchange(host_, nullptr)->release();
  return true;
}

void completion_core::fulfil() noexcept {
  // Release publishes the value, acquire the waiter's pointers.
  if (phase_.exchange(phase::fulfilled, std::memory_order_acq_rel) != phase::waiting) return;
  act = &completion_core::deliver;
  add_ref();
  auto* host = host_;
  if (!host->push(*this)) deliver(*this, nullptr);
}

void completion_core::deliver(mailbox_node& node, mailbox* receiver) {
  auto& self = static_cast<completion_core&>(node);
  // `waiter_` belongs to the strand: it is looked at only there, and forgotten when the wait ended.
  if (receiver != nullptr && self.waiter_ != nullptr) self.waiter_->wake();
  std::exchange(self.host_, nullptr)->release();
  self.release();
}

}  // namespace actors::detail
