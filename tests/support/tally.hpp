#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "actors/clock.hpp"

namespace actors::test {

/// How long a test waits for what must come. Only a failing test ever waits that long.
constexpr duration patience = std::chrono::seconds(60);

/// Counts what happens on other threads, and lets a test wait until it has happened often enough.
class tally {
 public:
  void add(std::size_t times = 1) {
    // Told under the lock: whoever waited may destroy this as soon as the lock is free.
    const std::lock_guard lock(mutex_);
    count_ += times;
    changed_.notify_all();
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  /// False when that took too long.
  bool reaches(std::size_t count, duration limit = patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, clock_type::now() + limit, [&] { return count_ >= count; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_ = 0;
};

}  // namespace actors::test
