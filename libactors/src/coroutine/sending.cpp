#include "actors/detail/sending.hpp"

namespace actors::detail {

held_message::held_message(mailbox_node& message) noexcept : message_(&message) {
  act = [](mailbox_node& note, mailbox* to) {
    auto& self = static_cast<held_message&>(note);
    if (to != nullptr) {
      static_cast<strand&>(*to).hold(self);
    } else {
      self.fulfil();
      self.release();
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
  if (to_->push(*held_)) return true;
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
