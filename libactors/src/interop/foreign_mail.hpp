#pragma once

#include "actors/detail/mailbox.hpp"

namespace actors::detail {

/// Turns a message of a plain CAF actor (`caf::mailbox_element_ptr*`) into mail for a task; null
/// when it cannot be expressed as JSON.
mailbox_node* accept_foreign_mail(void* element);

}  // namespace actors::detail
