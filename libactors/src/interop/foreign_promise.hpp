#pragma once

#include <atomic>
#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/sec.hpp>
#include <utility>

namespace actors::detail {

/// The answer that a plain CAF actor waits for. Given once, from any thread; when nobody gave one,
/// the end of this says so.
///
/// In a composition of actors (CAF's `f * g`) the answer of one is the question to the next; an
/// error goes to whoever asked.
class foreign_promise {
 public:
  explicit foreign_promise(const caf::mailbox_element& request)
      : sender_(request.sender),
        id_(request.mid),
        stages_(request.stages),
        answered_(!request.mid.is_request() && request.stages.empty()) {}
  foreign_promise(const foreign_promise&) = delete;
  foreign_promise& operator=(const foreign_promise&) = delete;
  ~foreign_promise() { fail(caf::make_error(caf::sec::request_receiver_down)); }

  const caf::strong_actor_ptr& sender() const noexcept { return sender_; }
  bool is_request() const noexcept { return id_.is_request(); }

  bool fulfil(caf::message answer) {
    if (answered_.exchange(true, std::memory_order_acq_rel)) return false;
    if (stages_.empty()) {
      respond(std::move(answer));
      return true;
    }
    const auto next = std::move(stages_.back());
    stages_.pop_back();
    next->enqueue(caf::make_mailbox_element(sender_, id_, std::move(stages_), std::move(answer)),
                  nullptr);
    return true;
  }
  bool fail(caf::error why) {
    if (answered_.exchange(true, std::memory_order_acq_rel)) return false;
    respond(caf::make_message(std::move(why)));
    return true;
  }

 private:
  void respond(caf::message answer) {
    if (sender_ && is_request()) {
      sender_->enqueue(nullptr, id_.response_id(), std::move(answer), nullptr);
    }
  }

  caf::strong_actor_ptr sender_;
  caf::message_id id_;
  caf::mailbox_element::forwarding_stack stages_;
  std::atomic<bool> answered_;
};

}  // namespace actors::detail
