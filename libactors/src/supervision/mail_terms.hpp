#pragma once

#include "actors/inbox.hpp"
#include "actors/mail.hpp"

namespace actors::detail {

/// Decides, on its way to the body, about a message that was sent on terms. Stands in
/// `mail::answer` until the body has the message.
class mail_terms : public reply_port {
 public:
  /// See message_step. May put another message in place of this one.
  virtual bool give(mail& message) = 0;
  virtual void put_back() = 0;
  virtual void take(mail& message) = 0;
};

inline mail_terms* terms_of(const mail& message) noexcept {
  return dynamic_cast<mail_terms*>(message.answer.get());
}

/// For the `inbox_kind` of tasks.
inline bool ask_terms(mailbox_node& node, message_step step) {
  auto& message = static_cast<message_node<mail>&>(node).value;
  auto* terms = terms_of(message);
  if (terms == nullptr) return true;
  switch (step) {
    case message_step::give: return terms->give(message);
    case message_step::put_back: terms->put_back(); break;
    case message_step::take: terms->take(message); break;
  }
  return true;
}

}  // namespace actors::detail
