#pragma once

#include <atomic>

#include "actors/detail/hints.hpp"

namespace actors::detail {

/// A mutex of four bytes, for objects that exist by the million. (Drepper, "Futexes are tricky",
/// 2011, the second mutex there.)
class small_mutex {
 public:
  void lock() noexcept {
    if (!try_lock()) lock_held();
  }

  void unlock() noexcept {
    if (word_.exchange(free, std::memory_order_release) == contended) word_.notify_one();
  }

 private:
  bool try_lock() noexcept {
    unsigned seen = free;
    return word_.compare_exchange_strong(seen, held, std::memory_order_acquire,
                                         std::memory_order_relaxed);
  }

  [[gnu::noinline]] void lock_held() noexcept {
    // What is done under such a lock takes about as long; to sleep and be woken takes far longer.
    for (int tries = 0; tries < 2; ++tries) {
      for (int i = 0; i < 4; ++i) pause();
      if (try_lock()) return;
    }
    // From here on it is marked as contended, so that whoever unlocks it wakes one of us.
    while (word_.exchange(contended, std::memory_order_acquire) != free) {
      word_.wait(contended, std::memory_order_relaxed);
    }
  }

  static constexpr unsigned free = 0;
  static constexpr unsigned held = 1;
  static constexpr unsigned contended = 2;

  std::atomic<unsigned> word_{free};
};

}  // namespace actors::detail
