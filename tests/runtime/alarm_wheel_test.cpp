#include "runtime/alarm_wheel.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "catch.hpp"

using namespace std::chrono_literals;

namespace actors::test {

namespace {

using detail::alarm_wheel;

struct silent_alarm final : detail::alarm {
  void fire() noexcept override {}
};

constexpr duration tick = 1ms;
const time_point epoch{std::chrono::hours(1000)};

/// Does to a wheel and to a std::multimap the same things, chosen by chance, and compares.
class comparison {
 public:
  explicit comparison(unsigned seed) : random_(seed) {
    for (int i = 0; i < 60; ++i) alarms_.push_back(std::make_unique<silent_alarm>());
  }
  ~comparison() {
    for (const auto& one : alarms_) wheel_.remove(*one);
  }

  void step() {
    auto& chosen = *alarms_[static_cast<std::size_t>(pick(60))];
    switch (pick(10)) {
      case 0:
      case 1: advance(some_time()); break;
      case 2: advance_to_next_look(); break;
      case 3:
      case 4: remove(chosen); break;
      default: insert(chosen);
    }
    check_next_look();
  }

  /// Follows the wheel's own word on when to look, until nothing is left.
  void finish() {
    for (int looks = 0; !expected_.empty(); ++looks) {
      // A far alarm moves down a level with each look.
      REQUIRE(looks < 60 * 8);
      advance_to_next_look();
      check_next_look();
    }
    REQUIRE(wheel_.next_look() == time_point::max());
  }

 private:
  int pick(int below) { return std::uniform_int_distribution(0, below - 1)(random_); }

  // As often a fraction of a tick as a week, in odd nanoseconds; at most half a year.
  duration some_time() {
    const auto magnitude = std::int64_t{1} << pick(54);
    return duration(magnitude + pick(1'000'000) * pick(2));
  }

  void insert(detail::alarm& one) {
    const auto before = pick(8) == 0 ? -some_time() : some_time();
    const auto deadline = std::max(now_ + before, epoch - 1h);
    const bool fresh = forget(one) == 0;
    REQUIRE(wheel_.insert(one, deadline) == fresh);
    REQUIRE(one.is_armed);
    expected_.emplace(deadline, &one);
  }

  void remove(detail::alarm& one) {
    const bool was_armed = forget(one) != 0;
    REQUIRE(wheel_.remove(one) == was_armed);
    REQUIRE_FALSE(one.is_armed);
  }

  std::size_t forget(const detail::alarm& one) {
    return std::erase_if(expected_, [&one](const auto& entry) { return entry.second == &one; });
  }

  void advance_to_next_look() {
    const auto look = wheel_.next_look();
    if (look != time_point::max()) advance(std::max(look - now_, duration::zero()));
  }

  void advance(duration time) {
    now_ += time;
    while (auto* due = wheel_.pop_due(now_)) {
      REQUIRE_FALSE(due->is_armed);
      REQUIRE(due->deadline <= now_);
      REQUIRE(forget(*due) == 1);
    }
    if (!expected_.empty()) REQUIRE(expected_.begin()->first + tick > now_);
  }

  void check_next_look() {
    if (expected_.empty()) {
      REQUIRE(wheel_.next_look() == time_point::max());
    } else {
      REQUIRE(wheel_.next_look() <= std::max(expected_.begin()->first, now_) + tick);
    }
  }

  std::mt19937 random_;
  time_point now_ = epoch;
  alarm_wheel wheel_{epoch};
  std::multimap<time_point, detail::alarm*> expected_;
  std::vector<std::unique_ptr<silent_alarm>> alarms_;
};

/// How often one must look before an alarm comes.
int looks_until_due(alarm_wheel& wheel, time_point deadline) {
  for (int looks = 1; looks < 100; ++looks) {
    const auto now = wheel.next_look();
    if (wheel.pop_due(now) == nullptr) continue;
    return now >= deadline ? looks : -1;
  }
  return -2;
}

}  // namespace

TEST_CASE("a wheel gives back what a sorted map does, never early, at most a tick late",
          "[alarm_wheel]") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    comparison compared(seed);
    for (int i = 0; i < 300; ++i) compared.step();
    compared.finish();
  }
}

TEST_CASE("an empty wheel needs no look", "[alarm_wheel]") {
  alarm_wheel wheel(epoch);
  CHECK(wheel.next_look() == time_point::max());
  CHECK(wheel.pop_due(epoch + 1h) == nullptr);
  silent_alarm one;
  wheel.insert(one, epoch + 2h);
  wheel.remove(one);
  CHECK(wheel.next_look() == time_point::max());
}

TEST_CASE("an alarm is due at its tick and not before", "[alarm_wheel]") {
  alarm_wheel wheel(epoch);
  silent_alarm one;
  CHECK(wheel.insert(one, epoch + 1500us));
  CHECK(wheel.pop_due(epoch + 1499us) == nullptr);
  CHECK(wheel.pop_due(epoch + 2ms) == &one);
  CHECK(wheel.pop_due(epoch + 2ms) == nullptr);
}

TEST_CASE("an alarm that is armed again moves", "[alarm_wheel]") {
  alarm_wheel wheel(epoch);
  silent_alarm one;
  CHECK(wheel.insert(one, epoch + 10s));
  CHECK_FALSE(wheel.insert(one, epoch + 1s));
  CHECK(wheel.pop_due(epoch + 1s) == &one);
  CHECK(wheel.pop_due(epoch + 1h) == nullptr);
}

TEST_CASE("of two alarms that were armed from far away, the nearer comes first", "[alarm_wheel]") {
  const std::initializer_list<duration> distances{90ms, 5s, 10min, 10h, 24h * 15, 24h * 700};
  for (const auto far : distances) {
    const auto near = far - far / 10;
    alarm_wheel wheel(epoch);
    silent_alarm first;
    silent_alarm second;
    wheel.insert(second, epoch + far);
    wheel.insert(first, epoch + near);
    CHECK(wheel.pop_due(epoch + near - 1ms) == nullptr);
    CHECK(wheel.pop_due(epoch + near) == &first);
    CHECK(wheel.pop_due(epoch + far - 1ms) == nullptr);
    CHECK(wheel.pop_due(epoch + far) == &second);
  }
}

TEST_CASE("a deadline in the past is due at once", "[alarm_wheel]") {
  alarm_wheel wheel(epoch);
  CHECK(wheel.pop_due(epoch + 5s) == nullptr);
  silent_alarm late;
  silent_alarm very_late;
  wheel.insert(late, epoch + 1s);
  wheel.insert(very_late, epoch - 1h);
  CHECK(wheel.next_look() <= epoch + 5s);
  CHECK(wheel.pop_due(epoch + 5s) != nullptr);
  CHECK(wheel.pop_due(epoch + 5s) != nullptr);
  CHECK(wheel.pop_due(epoch + 5s) == nullptr);
}

TEST_CASE("a wheel that nobody looked at for years finds its way", "[alarm_wheel]") {
  alarm_wheel wheel(epoch);
  silent_alarm near;
  silent_alarm far;
  wheel.insert(near, epoch + 1s);
  wheel.insert(far, epoch + 24h * 1000);
  CHECK(wheel.pop_due(epoch + 24h * 2000) != nullptr);
  CHECK(wheel.pop_due(epoch + 24h * 2000) != nullptr);
  CHECK(wheel.next_look() == time_point::max());
}

TEST_CASE("an alarm beyond the wheel's horizon does not keep it busy", "[alarm_wheel]") {
  // From odd moments, so that the digits of the time are anything.
  for (const duration begin : {0ms, 1ms, 777ms, 24h * 13 + 5ms, 24h * 790 + 1ms}) {
    for (const duration ahead :
         {24h * 700, 24h * 780, 24h * 783, 24h * 795, 24h * 796, 24h * 800, 24h * 10'000}) {
      alarm_wheel wheel(epoch);
      REQUIRE(wheel.pop_due(epoch + begin) == nullptr);
      silent_alarm far;
      silent_alarm near;
      const auto deadline = epoch + begin + ahead;
      wheel.insert(far, deadline);
      wheel.insert(near, epoch + begin + 1s);
      REQUIRE(wheel.pop_due(epoch + begin) == nullptr);
      REQUIRE(wheel.pop_due(epoch + begin + 1s) == &near);
      CHECK(looks_until_due(wheel, deadline) > 0);
    }
  }
}

TEST_CASE("the latest time there is can be waited for", "[alarm_wheel]") {
  alarm_wheel wheel(epoch);
  silent_alarm never;
  wheel.insert(never, time_point::max());
  CHECK(wheel.pop_due(epoch + 24h * 365 * 50) == nullptr);
  CHECK(wheel.remove(never));
}

}  // namespace actors::test
