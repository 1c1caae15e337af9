#pragma once

#include "actors/detail/engine.hpp"
#include "task_core.hpp"

namespace actors::detail {

/// The task whose body runs on this thread; none for a thread outside and for a bare actor.
inline task_id sender() noexcept {
  auto* observer = running_observer();
  return observer == nullptr ? task_id() : static_cast<task_core*>(observer)->id;
}

inline task_core::packed_mail pack(mail&& message) {
  return task_core::packed_mail(message_node<mail>::make(std::move(message)));
}
inline task_core::packed_mail pack(task_id from, json&& content) {
  return task_core::packed_mail(message_node<mail>::make_by(
      [&] { return mail{.from = from, .content = std::move(content)}; }));
}

}  // namespace actors::detail
