#pragma once

#include <chrono>
#include <cstdint>

namespace actors {

/// Time as bodies see it: monotonic, and virtual in a simulated runtime.
using clock_type = std::chrono::steady_clock;
using time_point = clock_type::time_point;
using duration = clock_type::duration;

/// Milliseconds since the Unix epoch, as written in records and events (`…_at_ms`).
using unix_ms = std::int64_t;

/// `time` after `now`, without overflow: as late as can be said instead.
constexpr time_point later(time_point now, duration time) noexcept {
  return time > time_point::max() - now ? time_point::max() : now + time;
}

}  // namespace actors
