#include "runtime/small_mutex.hpp"

#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "catch.hpp"

namespace actors::test {

TEST_CASE("one thread at a time holds a mutex, and none waits for ever", "[small_mutex]") {
  constexpr int threads = 4;
  constexpr int times = 20'000;
  detail::small_mutex mutex;
  // Plain: what one thread did is there for the next.
  std::int64_t count = 0;
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < threads; ++i) {
      all.emplace_back([&] {
        for (int left = times; left > 0; --left) {
          const std::lock_guard lock(mutex);
          ++count;
          // Now and then the others find it held for long enough to go to sleep.
          if (left % 64 == 0) std::this_thread::yield();
        }
      });
    }
  }
  CHECK(count == threads * times);
}

}  // namespace actors::test
