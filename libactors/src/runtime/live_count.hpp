#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "thread_number.hpp"

namespace actors::detail {

/// Counts what begins and what ends, on many threads at once: each thread counts on a cache line of
/// its own, because a line that two cores write is a quarter of a microsecond away from one of
/// them.
///
/// is_zero() is exact when nothing begins any more, and never says so while something lives: it
/// reads the ends before the beginnings. Whoever wants to hear of the last end raises a flag and
/// then looks; whoever counts an end looks at the flag afterwards: one of the two sees the other,
/// as all of it is sequentially consistent.
template <std::size_t Ends>
class live_count_of {
 public:
  /// A number that nothing else that begins here gets.
  std::uint64_t began() noexcept {
    const auto which = my_stripe();
    const auto before = stripes_[which].began.fetch_add(1, std::memory_order_seq_cst);
    return before * stripe_count + which;
  }
  /// `how`: one of the ways to end that are counted apart.
  void ended(std::size_t how = 0) noexcept {
    stripes_[my_stripe()].ended[how].fetch_add(1, std::memory_order_seq_cst);
  }

  std::uint64_t total_began() const noexcept {
    std::uint64_t total = 0;
    for (const auto& each : stripes_) total += each.began.load(std::memory_order_seq_cst);
    return total;
  }
  std::array<std::uint64_t, Ends> ends() const noexcept {
    std::array<std::uint64_t, Ends> totals{};
    for (const auto& each : stripes_) {
      for (std::size_t how = 0; how < Ends; ++how) {
        totals[how] += each.ended[how].load(std::memory_order_seq_cst);
      }
    }
    return totals;
  }
  std::uint64_t total_ended() const noexcept {
    std::uint64_t total = 0;
    for (const auto of_one_kind : ends()) total += of_one_kind;
    return total;
  }
  std::uint64_t live() const noexcept {
    const auto ended = total_ended();
    return total_began() - ended;
  }
  bool is_zero() const noexcept { return live() == 0; }

 private:
  static constexpr std::size_t stripe_count = 16;
  struct alignas(64) stripe {
    std::atomic<std::uint64_t> began{0};
    std::array<std::atomic<std::uint64_t>, Ends> ended{};
  };

  static std::size_t my_stripe() noexcept { return thread_number() % stripe_count; }

  std::array<stripe, stripe_count> stripes_;
};

using live_count = live_count_of<1>;

/// References to something that lives long and that many threads take and drop all the time. While
/// it is open nobody asks whether any are left, so each thread counts for itself; once it is closed
/// it counts in one place, and the last one to drop learns that.
class striped_references {
 public:
  void add() noexcept { count(1); }
  /// True when this was the last reference after close(). Nothing of the object may be used then,
  /// nor after false.
  [[nodiscard]] bool drop() noexcept { return count(-1); }
  /// Once. True when there is no reference left.
  [[nodiscard]] bool close() noexcept;

 private:
  static constexpr std::size_t stripe_count = 16;
  // More than there can be references: keeps the sum from zero while stripes are still added to it.
  static constexpr std::int64_t closing = std::int64_t{1} << 48;
  // In a stripe: added once by close(), and twice the references beside it.
  static constexpr std::int64_t closed = 1;
  struct alignas(64) stripe {
    std::atomic<std::int64_t> references{0};
  };

  bool count(std::int64_t change) noexcept;

  std::array<stripe, stripe_count> stripes_;
  std::atomic<std::int64_t> rest_{closing};
};

}  // namespace actors::detail
