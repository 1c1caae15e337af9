#include "runtime/semaphore.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

#include "catch.hpp"

namespace actors::test {

namespace {

std::atomic<int> signals_handled{0};

/// While it exists, the signal is counted and does nothing else; waits that it meets are not
/// resumed by the system.
class counted_signal {
 public:
  explicit counted_signal(int which) : which_(which) {
    struct sigaction how{};
    how.sa_handler = [](int) { signals_handled.fetch_add(1); };
    ::sigaction(which_, &how, &before_);
  }
  counted_signal(const counted_signal&) = delete;
  counted_signal& operator=(const counted_signal&) = delete;
  ~counted_signal() { ::sigaction(which_, &before_, nullptr); }

 private:
  int which_;
  struct sigaction before_{};
};

}  // namespace

TEST_CASE("a semaphore gives as often as it was told to", "[semaphore]") {
  detail::semaphore one(1);
  CHECK(one.try_acquire());
  CHECK_FALSE(one.try_acquire());
  one.release(2);
  one.acquire();
  CHECK(one.try_acquire());
  one.release(0);
  CHECK_FALSE(one.try_acquire());
}

TEST_CASE("threads that compete for a semaphore all get their share", "[semaphore]") {
  constexpr int takers = 4;
  constexpr int share = 5'000;
  detail::semaphore turns(0);
  detail::semaphore taken(0);
  std::vector<std::thread> threads;
  for (int i = 0; i < takers; ++i) {
    threads.emplace_back([&] {
      for (int left = share; left > 0; --left) {
        turns.acquire();
        taken.release();
      }
    });
  }
  // One or a few at a time, when all that came before are gone: the threads fall asleep and are
  // woken again and again.
  for (int given = 0; given < takers * share;) {
    const auto now = std::min(1 + given % 3, takers * share - given);
    turns.release(static_cast<std::size_t>(now));
    for (int i = 0; i < now; ++i) taken.acquire();
    given += now;
  }
  for (auto& each : threads) each.join();
  CHECK_FALSE(turns.try_acquire());
}

TEST_CASE("a semaphore is waited for whatever signals come", "[semaphore]") {
  const counted_signal usr1(SIGUSR1);
  detail::semaphore count(0);
  std::atomic<bool> has_begun{false};
  std::atomic<bool> has_it{false};
  std::thread waiting([&] {
    has_begun.store(true);
    count.acquire();
    has_it.store(true);
  });
  while (!has_begun.load()) std::this_thread::yield();
  for (int i = 1; i <= 100; ++i) {
    ::pthread_kill(waiting.native_handle(), SIGUSR1);
    while (signals_handled.load() < i && !has_it.load()) std::this_thread::yield();
  }
  CHECK_FALSE(has_it.load());
  count.release();
  waiting.join();
  CHECK(has_it.load());
}

}  // namespace actors::test
