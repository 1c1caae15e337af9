#include "actors/detail/sending.hpp"

namespace actors::detail {

held_message::note::note(held_message& about) noexcept : self(about) {
  act = [](mailbox_node& node, mailbox* to) {
    auto& at_door = static_cast<note&>(node);
    if (to != nullptr) {
      static_cast<strand&>(*to).hold(at_door);
    } else {
      auto& refused = at_door.self;
      refused.fulfil();
      refused.release();
    }
  };
}

bool sending::wait_for_room() {
  if (to_ == &host() && to_->push_message(*message_) == strand::admission::taken) {
    // Who would read what was sent before, if it waited?
    message_ = nullptr;
    take_turn();
    return true;
  }
  held_ = new held_message(*message_);
  wait("room in an inbox");
  held_->begin_wait(waiter_, host());  // nobody else knows it yet
  held_->add_ref();                    // for the receiver
  if (to_->push(held_->at_door)) return true;
  held_->release();
  waiter_.unlink();
  return false;
}

void sending::end_wait() noexcept {
  held_->end_wait();
  if (!held_->claim()) message_ = nullptr;
  std::exchange(held_, nullptr)->release();
}

}  // namespace actors::detail
