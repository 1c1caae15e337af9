#pragma once

#include <cstdint>

#include "actors/clock.hpp"

namespace actors {

/// What becomes of a task that makes no progress.
enum class stall_action : std::uint8_t {
  notify,   ///< An event, `stalled`, is mailed.
  cancel,   ///< It and everything below it is told to stop: `cancel_reason::stalled`.
  abandon,  ///< It is given up at once, as after its grace period.
};

/// When a running task counts as stalled: neither it nor anything below it has taken a turn,
/// emitted or ended for so long. It is found at most half as long later, once per stall. Of tasks
/// that wait for each other the lowest is dealt with first, which counts as progress for those
/// above it.
struct stall_policy {
  duration after = {};  ///< Positive.
  stall_action action = stall_action::notify;
};

}  // namespace actors
