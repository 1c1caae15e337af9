#pragma once

#include <array>
#include <cstdint>

#include "actors/detail/engine.hpp"

namespace actors::detail {

/// Alarms by deadline: a hierarchical timing wheel, six levels of 64 slots, the finest one a
/// millisecond wide. Arming and disarming are O(1), whatever is armed. (Varghese and Lauck, 1987.)
///
/// Invariants:
///   1. An alarm is in the slot that its tick has, relative to `elapsed_`, at the coarsest level
///      where the two differ; so whatever is due next is in the first occupied slot of the finest
///      occupied level.
///   2. The bit of a slot is set exactly when something is in it.
///   3. No alarm fires before its deadline; one fires at most a tick after.
///
/// Not thread safe: its owner locks.
class alarm_wheel {
 public:
  explicit alarm_wheel(time_point epoch) noexcept : epoch_(epoch) {}

  bool insert(alarm& item, time_point deadline) noexcept;
  bool remove(alarm& item) noexcept;

  /// Takes out one alarm that is due at `now`; null when there is none.
  alarm* pop_due(time_point now) noexcept;
  /// When to look again; time_point::max() when nothing is armed. May be early, never late.
  time_point next_look() const noexcept;

 private:
  static constexpr unsigned levels = 6;
  static constexpr unsigned bits = 6;
  static constexpr std::uint64_t slots = 1U << bits;
  // As far as an alarm can be from `elapsed_` and have a slot of its own: one more turn of the
  // coarsest level would bring it back into the present slot, as if it were due.
  static constexpr std::uint64_t horizon = (slots - 1) << ((levels - 1) * bits);

  struct position {
    unsigned level;
    std::uint64_t slot;
    std::uint64_t tick;  // when the slot begins
  };

  std::uint64_t tick_at_or_after(time_point time) const noexcept;
  void take_out(alarm& item) noexcept;
  void place(alarm& item, std::uint64_t tick) noexcept;
  bool find_next(position& next) const noexcept;

  time_point epoch_;
  std::uint64_t elapsed_ = 0;
  std::array<std::uint64_t, levels> occupied_{};
  std::array<std::array<list_link, slots>, levels> slots_;
};

}  // namespace actors::detail
