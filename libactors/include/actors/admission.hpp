#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "actors/clock.hpp"

namespace actors {

/// What happens to a spawn that would exceed `max_running`.
enum class on_full : std::uint8_t {
  reject,  ///< Refused with `capacity_reached`.
  queue,   ///< Accepted as `queued`; started in order of acceptance as others end.
};

/// How much a manager takes on, or an owner. Absent: no limit; 0: none at all.
///
/// Where both have limits, both must agree, in one step. A queued task waits for its owner's place
/// first and then, holding it, for the manager's: an owner at its limit never holds up another.
struct admission_limits {
  /// Started and not ended, whatever their phase. Tasks that share a slot count as one.
  std::optional<std::size_t> max_running = {};
  std::optional<std::size_t> max_queued = {};    ///< Waiting for their turn.
  std::optional<std::size_t> max_depth = {};     ///< Levels of tasks: 1 lets no task spawn another.
  std::optional<std::size_t> max_children = {};  ///< Live ones of one task.
  /// Accepted over the whole life of who has the limit.
  std::optional<std::size_t> max_total = {};
  on_full when_full = on_full::reject;
  /// How long a task may be queued; then it ends as `timed_out`, without a start. Zero: for ever.
  duration max_wait = duration::zero();
};

}  // namespace actors
