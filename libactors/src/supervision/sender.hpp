#pragma once

#include "actors/detail/engine.hpp"
#include "task_core.hpp"

namespace actors::detail {

/// The task whose body runs on this thread; none for a thread outside and for a bare actor.
inline task_id sender() noexcept {
  auto* observer = running_observer();
  return observer == nullptr ? task_id() : static_cast<task_core*>(observer)->id;
}

}  // namespace actors::detail
