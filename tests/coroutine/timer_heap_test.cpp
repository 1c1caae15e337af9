#include "actors/detail/timer_heap.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "catch.hpp"

using namespace std::chrono_literals;

namespace actors::test {

namespace {

using detail::timer;
using detail::timer_heap;

/// A timer that writes down that it fired.
struct noted_timer : timer {
  noted_timer(int what, std::vector<int>& where)
      : timer([](timer& due) {
          auto& self = static_cast<noted_timer&>(due);
          self.fired.push_back(self.number);
        }),
        number(what),
        fired(where) {}

  int number;
  std::vector<int>& fired;
};

time_point at(int seconds) { return time_point(std::chrono::seconds(seconds)); }

/// Does to a heap and to a std::multimap the same things, chosen by chance, and compares.
class comparison {
 public:
  explicit comparison(unsigned seed) : random_(seed) {
    for (int i = 0; i < timer_count; ++i) {
      timers_.push_back(std::make_unique<noted_timer>(i, fired_));
    }
  }

  void step() {
    const auto which = pick(timer_count);
    auto& chosen = timers_[static_cast<std::size_t>(which)];
    switch (pick(8)) {
      case 0: fire(); break;
      case 1:
      case 2: remove(which, [&] { chosen->disarm(); }); break;
      case 3: remove(which, [&] { chosen = std::make_unique<noted_timer>(which, fired_); }); break;
      default:
        if (!chosen->is_armed()) arm(which);
    }
    REQUIRE(heap_.empty() == expected_.empty());
    if (!heap_.empty()) REQUIRE(heap_.nearest() == expected_.begin()->first);
  }

  void finish() {
    now_ += 1'000;
    fire();
    REQUIRE(heap_.empty());
    for (const auto& one : timers_) REQUIRE_FALSE(one->is_armed());
  }

 private:
  static constexpr int timer_count = 40;

  int pick(int below) { return std::uniform_int_distribution(0, below - 1)(random_); }

  void arm(int which) {
    // Few different times, so that many are equal.
    const auto deadline = at(now_ + pick(20));
    heap_.arm(*timers_[static_cast<std::size_t>(which)], deadline);
    expected_.emplace(deadline, which);
  }

  template <class How>
  void remove(int which, How how) {
    const auto found = std::ranges::find(expected_, which, [](const auto& e) { return e.second; });
    REQUIRE((found != expected_.end()) == timers_[static_cast<std::size_t>(which)]->is_armed());
    if (found != expected_.end()) expected_.erase(found);
    how();
    REQUIRE_FALSE(timers_[static_cast<std::size_t>(which)]->is_armed());
  }

  void fire() {
    now_ += pick(6);
    std::map<int, time_point> due;
    while (!expected_.empty() && expected_.begin()->first <= at(now_)) {
      due.emplace(expected_.begin()->second, expected_.begin()->first);
      expected_.erase(expected_.begin());
    }
    fired_.clear();
    heap_.fire_due(at(now_));
    REQUIRE(fired_.size() == due.size());
    auto last = time_point::min();
    for (const int which : fired_) {
      REQUIRE(due.contains(which));
      REQUIRE(due[which] >= last);
      last = due[which];
      due.erase(which);
    }
  }

  std::mt19937 random_;
  timer_heap heap_;
  std::vector<int> fired_;
  std::vector<std::unique_ptr<noted_timer>> timers_;
  std::multimap<time_point, int> expected_;
  int now_ = 0;
};

}  // namespace

TEST_CASE("timers fire in the order of their deadlines", "[timer_heap]") {
  std::vector<int> fired;
  timer_heap heap;
  noted_timer three(3, fired);
  noted_timer one(1, fired);
  noted_timer two(2, fired);
  heap.arm(three, at(3));
  heap.arm(one, at(1));
  heap.arm(two, at(2));
  CHECK(heap.nearest() == at(1));

  heap.fire_due(at(0));
  CHECK(fired.empty());
  heap.fire_due(at(2));
  CHECK(fired == std::vector{1, 2});
  CHECK_FALSE(two.is_armed());
  CHECK(three.is_armed());
  heap.fire_due(time_point::max());
  CHECK(fired == std::vector{1, 2, 3});
  CHECK(heap.empty());
}

TEST_CASE("a timer that fired can be armed again", "[timer_heap]") {
  std::vector<int> fired;
  timer_heap heap;
  noted_timer one(1, fired);
  heap.arm(one, at(1));
  heap.fire_due(at(1));
  heap.arm(one, at(2));
  CHECK(one.deadline() == at(2));
  heap.fire_due(at(2));
  CHECK(fired == std::vector{1, 1});
}

TEST_CASE("a timer that was disarmed or destroyed does not fire", "[timer_heap]") {
  std::vector<int> fired;
  timer_heap heap;
  noted_timer one(1, fired);
  noted_timer two(2, fired);
  {
    noted_timer gone(0, fired);
    heap.arm(gone, at(1));
    heap.arm(one, at(1));
    heap.arm(two, at(1));
  }
  one.disarm();
  one.disarm();
  heap.fire_due(at(1));
  CHECK(fired == std::vector{2});
}

TEST_CASE("a timer heap does what a sorted map does", "[timer_heap]") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    comparison both(seed);
    for (int i = 0; i < 500; ++i) both.step();
    both.finish();
  }
}

TEST_CASE("a hundred thousand timers fire without a deep stack", "[timer_heap]") {
  constexpr int count = 100'000;
  std::vector<int> fired;
  timer_heap heap;
  std::vector<std::unique_ptr<noted_timer>> timers;
  for (int i = 0; i < count; ++i) {
    timers.push_back(std::make_unique<noted_timer>(i, fired));
    // Falling deadlines make one long chain of children, equal ones one long row of siblings.
    heap.arm(*timers.back(), at(i % 2 == 0 ? 2 * count - i : count));
  }
  heap.fire_due(time_point::max());
  CHECK(fired.size() == count);
  CHECK(heap.empty());
}

}  // namespace actors::test
