#pragma once

#include <atomic>

namespace actors::detail {

/// A mutex of four bytes, for objects that exist by the million. (Drepper, "Futexes are tricky",
/// 2011, the second mutex there.)
class small_mutex {
 public:
  void lock() noexcept {
    unsigned seen = free;
    if (word_.compare_exchange_strong(seen, held, std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
      return;
    }
    // From here on it is marked as contended, so that whoever unlocks it wakes one of us.
    while (word_.exchange(contended, std::memory_order_acquire) != free) {
      word_.wait(contended, std::memory_order_relaxed);
    }
  }

  void unlock() noexcept {
    if (word_.exchange(free, std::memory_order_release) == contended) word_.notify_one();
  }

 private:
  static constexpr unsigned free = 0;
  static constexpr unsigned held = 1;
  static constexpr unsigned contended = 2;

  std::atomic<unsigned> word_{free};
};

}  // namespace actors::detail
