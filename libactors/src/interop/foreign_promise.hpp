#pragma once

#include <atomic>
#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/sec.hpp>

namespace actors::detail {

/// The answer that a plain CAF actor waits for. Given once, from any thread; when nobody gave one,
/// the end of this says so.
class foreign_promise {
 public:
  explicit foreign_promise(const caf::mailbox_element& request)
      : sender_(request.sender), id_(request.mid), answered_(!request.mid.is_request()) {}
  foreign_promise(const foreign_promise&) = delete;
  foreign_promise& operator=(const foreign_promise&) = delete;
  ~foreign_promise() { fulfil(caf::make_message(caf::make_error(caf::sec::request_receiver_down))); }

  const caf::strong_actor_ptr& sender() const noexcept { return sender_; }
  bool is_request() const noexcept { return id_.is_request(); }

  bool fulfil(caf::message answer) {
    if (answered_.exchange(true, std::memory_order_acq_rel)) return false;
    if (sender_) sender_->enqueue(nullptr, id_.response_id(), std::move(answer), nullptr);
    return true;
  }

 private:
  caf::strong_actor_ptr sender_;
  caf::message_id id_;
  std::atomic<bool> answered_;
};

}  // namespace actors::detail
