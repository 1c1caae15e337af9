#include "wall_clock.hpp"

#include <cstdint>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace actors::detail {

namespace {

using system_time = std::chrono::system_clock;

/// The beginning of its millisecond.
auto whole_ms(system_time::time_point time) noexcept {
  return std::chrono::floor<std::chrono::milliseconds>(time);
}

unix_ms to_unix_ms(system_time::time_point time) noexcept {
  return whole_ms(time).time_since_epoch().count();
}

#if defined(__x86_64__)

/// Does the processor's counter tick evenly, whatever the core does? (AMD64 Architecture
/// Programmer's Manual, volume 3, CPUID function 8000_0007h, "TscInvariant"; Intel has the same.)
bool counter_is_even() noexcept {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid(0x80000007, &eax, &ebx, &ecx, &edx) != 0 && (edx & 1U << 8U) != 0;
}

/// What a thread knows of the time: the millisecond, and for how long it will be that one.
struct reading {
  std::uint64_t at = 0;    // the counter, just before
  std::uint64_t span = 0;  // in ticks
  unix_ms ms = 0;
};
constinit thread_local reading last{};

[[gnu::noinline]] unix_ms read(std::uint64_t at) noexcept {
  static const bool is_even = counter_is_even();
  const auto now = system_time::now();
  const auto left = whole_ms(now) + std::chrono::milliseconds(1) - now;
  last = {at, is_even ? ticks_within(left) : 0, to_unix_ms(now)};
  return last.ms;
}

#endif

}  // namespace

#if defined(__x86_64__)
// The counter alone takes a third of the time of the system's clock, and does not wait for what
// went before. Within the same millisecond it is all that is needed.
unix_ms wall_clock_ms() noexcept {
  const auto at = __builtin_ia32_rdtsc();
  return at - last.at < last.span ? last.ms : read(at);
}
#else
unix_ms wall_clock_ms() noexcept { return to_unix_ms(system_time::now()); }
#endif

}  // namespace actors::detail
