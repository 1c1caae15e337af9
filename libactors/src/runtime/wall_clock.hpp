#pragma once

#include <chrono>
#include <cstdint>

#include "actors/clock.hpp"

namespace actors::detail {

/// So many ticks of a processor's counter surely lie within this time: a microsecond of it is left
/// for reads that are a little out of place, and the counter runs at 500 MHz or more (its nominal
/// speed), so a tick is at most two nanoseconds.
constexpr std::uint64_t ticks_within(std::chrono::nanoseconds left) noexcept {
  constexpr std::chrono::nanoseconds margin = std::chrono::microseconds(1);
  return left > margin ? static_cast<std::uint64_t>((left - margin).count()) / 2 : 0;
}

/// What the system's clock says, in whole milliseconds. Any thread.
///
/// Asked twice for each task, so it does not ask the system each time: see the source. After a step
/// of the system's clock a thread may say the old time for less than a millisecond more. Trusts
/// that the counters of all cores agree where the processor says that they are even.
unix_ms wall_clock_ms() noexcept;

}  // namespace actors::detail
