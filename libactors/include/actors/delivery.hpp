#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/clock.hpp"
#include "actors/coroutine.hpp"
#include "actors/event.hpp"
#include "actors/result.hpp"

namespace actors {

namespace detail {
class delivery_room;
}

/// When a delivery that failed is tried again: after `base`, then after twice as long each time, up
/// to `max`; plus a random part of up to `jitter`, so that many do not come at once.
struct retry_policy {
  duration base = std::chrono::milliseconds(500);
  duration max = std::chrono::seconds(30);
  duration jitter = std::chrono::milliseconds(200);
  /// Tries until it is a dead letter. Absent: for ever.
  std::optional<std::uint32_t> max_attempts = {};
};

/// One event on its way to its owner. A value: it stays complete, whatever becomes of the task.
struct delivery {
  event what;
  std::uint32_t attempt = 1;  ///< 1, 2, 3, …: whoever sees a 2 may have seen this event before.
};

/// What an owner does with its events. A coroutine inside the runtime, for one event at a time; for
/// each task in the order of emission. The delivery is done when it gives a value. An error, an
/// exception, or an end that does not come within the lease (`owner_options`) is tried again later,
/// and meanwhile the events of other tasks go on. Kept until another takes its place, or no handle
/// of the owner and no task of it is left.
using event_sink = std::function<coroutine<result<void>>(delivery)>;

/// What an owner's deliveries are about. Suppressed ones (watched, acknowledged) do not count.
struct delivery_state {
  std::size_t queued = 0;                       ///< Not delivered, those in flight included.
  std::size_t in_flight = 0;                    ///< Handed to the sink, or claimed.
  std::optional<time_point> next_attempt = {};  ///< Of those that wait.
  std::vector<task_id> pending = {};  ///< Whose events: those that wait, then those in flight.
};

/// An event that was given up.
struct dead_letter {
  event what;
  std::uint32_t attempts = 0;
  std::string reason = {};
};

/// While one of these lives, a conversation is in the middle of a turn, and its owner is handed
/// nothing. Moves; ends its turn when it goes.
class turn {
 public:
  turn() = default;
  explicit turn(std::shared_ptr<detail::delivery_room> of);
  turn(turn&& other) noexcept = default;
  turn& operator=(turn&& other) noexcept {
    std::swap(room_, other.room_);
    return *this;
  }
  ~turn();

 private:
  std::shared_ptr<detail::delivery_room> room_;
};

}  // namespace actors
