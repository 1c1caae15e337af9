#pragma once

#include <semaphore.h>

#include <cerrno>
#include <cstddef>

namespace actors::detail {

/// A count that threads take from, and wait for while it is zero: the system's own, see
/// sem_overview(7). Any thread may call any member.
///
/// Not std::counting_semaphore. In libstdc++ up to GCC 12, at least, a thread may read a count that
/// others then take, and fall asleep waiting for that very count to change when it is there again:
/// it sleeps on although there is something to take, for ever when nobody else takes it.
class semaphore {
 public:
  /// `count`: 0 to SEM_VALUE_MAX, which the count never exceeds.
  explicit semaphore(unsigned count) noexcept { ::sem_init(&count_, 0, count); }
  semaphore(const semaphore&) = delete;
  semaphore& operator=(const semaphore&) = delete;
  ~semaphore() { ::sem_destroy(&count_); }

  void acquire() noexcept {
    // It fails only when a signal was handled meanwhile.
    while (::sem_wait(&count_) != 0) {
    }
  }
  /// False when the count is zero.
  bool try_acquire() noexcept {
    while (::sem_trywait(&count_) != 0) {
      if (errno == EAGAIN) return false;
    }
    return true;
  }
  void release(std::size_t times = 1) noexcept {
    for (; times != 0; --times) ::sem_post(&count_);
  }

 private:
  sem_t count_;
};

}  // namespace actors::detail
