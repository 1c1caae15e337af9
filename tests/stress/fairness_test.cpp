#include <algorithm>
#include <cstddef>
#include <mutex>
#include <vector>

#include "actors/actor.hpp"
#include "actors/runtime.hpp"
#include "actors/sleep.hpp"
#include "catch.hpp"
#include "support/busy.hpp"
#include "support/tally.hpp"

using namespace std::chrono_literals;

// Everybody gets their turn while others never let go. The busy ones stop only when the test has
// seen what it waits for, so a scheduler that starves somebody fails the test, however fast it is.

namespace actors::test {

namespace {

constexpr std::size_t crowd = 10'000;
constexpr std::size_t letters = 3;

coroutine<void> count_mail(actor_context<int> self, tally* seen) {
  while (const auto message = co_await self.receive()) seen->add();
}

/// Starts and writes from inside: what it makes ready is in its worker's own queue.
coroutine<void> write_to_many(actor_context<int> self, tally* seen) {
  std::vector<actor_ref<int>> others;
  for (std::size_t i = 0; i < crowd; ++i) others.push_back(self.spawn<int>(count_mail, seen));
  for (std::size_t i = 0; i < letters; ++i) {
    for (const auto& one : others) one.send(1);
    co_await yield();
  }
  co_await until_cancelled();
}

runtime_options with_workers(unsigned count) {
  runtime_options options;
  options.workers = count;
  return options;
}

struct situation {
  const char* name;
  unsigned workers;
  business what;
  std::size_t busy;
};

// As many as there are workers, and more.
constexpr situation situations[] = {
    {"one worker, one that writes to itself", 1, business::mail_to_itself, 1},
    {"one worker, one that yields", 1, business::yields, 1},
    {"one worker, a pair", 1, business::balls, 1},
    {"two workers, two that write to themselves", 2, business::mail_to_itself, 2},
    {"two workers, nine that write to themselves", 2, business::mail_to_itself, 9},
    {"two workers, two that yield", 2, business::yields, 2},
    {"two workers, nine that yield", 2, business::yields, 9},
    {"two workers, two pairs", 2, business::balls, 2},
    {"two workers, nine pairs", 2, business::balls, 9},
};

/// `write(home, seen)` sends all mail; what it returns lives until the mail has arrived.
template <class Write>
void all_mail_arrives(Write write) {
  for (const auto& now : situations) {
    CAPTURE(now.name);
    tally seen;
    runtime home(with_workers(now.workers));
    busy_crowd busy(home, now.what, now.busy);
    REQUIRE(busy.has_begun());
    const auto kept = write(home, seen);
    CHECK(seen.reaches(crowd * letters));
    CHECK(busy.is_busy());
    CHECK(busy.stop());
  }
}

}  // namespace

TEST_CASE("ten thousand actors get all mail from outside while others are always busy",
          "[fairness]") {
  all_mail_arrives([](runtime& home, tally& seen) {
    std::vector<actor_ref<int>> others;
    for (std::size_t i = 0; i < crowd; ++i) others.push_back(home.spawn<int>(count_mail, &seen));
    for (std::size_t i = 0; i < letters; ++i) {
      for (const auto& one : others) one.send(1);
    }
    return others;
  });
}

TEST_CASE("ten thousand actors get all mail from inside while others are always busy",
          "[fairness]") {
  all_mail_arrives(
      [](runtime& home, tally& seen) { return home.spawn<int>(write_to_many, &seen); });
}

namespace {

/// Actors that sleep, in the order in which they went to sleep, and in which they woke.
class sleepers {
 public:
  /// Called before it goes to sleep for so long; a number for it.
  std::size_t begin(time_point now, duration time) {
    std::size_t number = 0;
    {
      const std::lock_guard lock(mutex_);
      number = all_.size();
      all_.push_back({now, time});
    }
    begun.add();
    return number;
  }
  void wake(std::size_t number, time_point now) {
    {
      const std::lock_guard lock(mutex_);
      woken_.push_back(number);
      if (now < all_[number].earliest()) ++early_;
    }
    woke.add();
  }

  std::size_t woken_early() const { return early_; }
  /// Wakes that came two ticks before one that was due earlier. Of those that shared one worker:
  /// each was asleep when the next one began, and the last one at `all_asleep`.
  std::size_t overtakers(time_point all_asleep) const {
    const auto latest = [&](std::size_t i) {
      return (i + 1 < all_.size() ? all_[i + 1].begun : all_asleep) + all_[i].time;
    };
    std::size_t found = 0;
    for (auto second = woken_.begin(); second != woken_.end(); ++second) {
      if (all_[*second].earliest() <= all_asleep) continue;
      found += static_cast<std::size_t>(std::count_if(woken_.begin(), second, [&](auto first) {
        return all_[first].earliest() > latest(*second) + 2ms;
      }));
    }
    return found;
  }

  tally begun;
  tally woke;

 private:
  struct sleep {
    time_point begun;
    duration time;
    time_point earliest() const { return begun + time; }
  };

  std::mutex mutex_;
  std::vector<sleep> all_;
  std::vector<std::size_t> woken_;
  std::size_t early_ = 0;
};

coroutine<void> nap(actor_context<int> self, duration time, sleepers* all) {
  const auto number = all->begin(self.now(), time);
  co_await sleep_for(time);
  all->wake(number, self.now());
}

coroutine<void> tell_time(actor_context<int> self, time_point* when, tally* told) {
  *when = self.now();
  told->add();
  co_return;
}

}  // namespace

TEST_CASE("a thousand sleepers wake while every worker has actors that are always busy",
          "[fairness]") {
  constexpr std::size_t count = 1'000;
  for (const auto& now : situations) {
    CAPTURE(now.name);
    sleepers all;
    runtime home(with_workers(now.workers));
    busy_crowd busy(home, now.what, now.busy);
    REQUIRE(busy.has_begun());
    for (std::size_t i = 0; i < count; ++i) {
      home.spawn<int>(nap, std::chrono::microseconds(i * 7919 % 50'000), &all);
    }
    CHECK(all.woke.reaches(count));
    CHECK(busy.is_busy());
    CHECK(busy.stop());
    CHECK(all.woken_early() == 0);
  }
}

TEST_CASE("sleepers wake in the order of their deadlines although their worker is always busy",
          "[fairness]") {
  constexpr std::size_t count = 200;
  for (const auto& now : situations) {
    if (now.workers != 1) continue;
    CAPTURE(now.name);
    sleepers all;
    time_point all_asleep;
    tally told;
    runtime home(with_workers(1));
    busy_crowd busy(home, now.what, now.busy);
    REQUIRE(busy.has_begun());
    for (std::size_t i = 0; i < count; ++i) {
      home.spawn<int>(nap, 200ms + std::chrono::milliseconds(i * 79 % count), &all);
    }
    // With one worker, an actor that runs after the last of them began finds all of them asleep.
    REQUIRE(all.begun.reaches(count));
    home.spawn<int>(tell_time, &all_asleep, &told);
    REQUIRE(told.reaches(1));
    CHECK(all.woke.reaches(count));
    CHECK(busy.is_busy());
    CHECK(busy.stop());
    CHECK(all.overtakers(all_asleep) == 0);
  }
}

}  // namespace actors::test
