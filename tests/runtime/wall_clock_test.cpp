#include "runtime/wall_clock.hpp"

#include <chrono>
#include <thread>
#include <vector>

#include "catch.hpp"

namespace actors::test {

namespace {

unix_ms system_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::floor<std::chrono::milliseconds>(now).count();
}

/// How often the clock was not between what the system's said just before and just after.
int differences(unix_ms how_long) {
  int found = 0;
  for (const auto end = system_ms() + how_long; system_ms() < end;) {
    // Several in a row: the first may ask the system, the others remember what that said.
    for (int i = 0; i < 3; ++i) {
      const auto before = system_ms();
      const auto says = detail::wall_clock_ms();
      const auto after = system_ms();
      if (says < before || says > after) ++found;
    }
  }
  return found;
}

}  // namespace

TEST_CASE("the ticks of the slowest counter that fit into a time end before it, by a microsecond",
          "[wall_clock]") {
  constexpr auto tick = std::chrono::nanoseconds(2);
  for (auto left = std::chrono::nanoseconds(0); left <= std::chrono::milliseconds(1); ++left) {
    const auto ticks = detail::ticks_within(left);
    const auto reached = tick * ticks + std::chrono::microseconds(1);
    // As many as there can be: one more would not fit.
    if (ticks == 0 ? reached + tick <= left : (reached > left || reached + tick <= left)) {
      FAIL("wrong for " << left.count() << " ns");
    }
  }
}

// Each millisecond has an end at which it might go wrong.
TEST_CASE("the wall clock says what the system's clock says, in every thread", "[wall_clock]") {
  std::vector<int> found(3, -1);
  std::vector<std::thread> threads;
  for (auto& each : found) threads.emplace_back([&each] { each = differences(50); });
  for (auto& each : threads) each.join();
  CHECK(found == std::vector<int>(3, 0));
}

}  // namespace actors::test
