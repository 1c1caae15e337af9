#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "actors/actor.hpp"
#include "actors/runtime.hpp"
#include "actors/sleep.hpp"
#include "support/tally.hpp"

// Actors that always have something to do, until they are told that it is enough.

namespace actors::test {

/// What busy actors share with the test that started them.
struct load {
  std::atomic<bool> is_enough{false};
  tally begun;
  tally ended;
};

/// For each message that it takes it sends itself another one.
inline coroutine<void> write_to_itself(actor_context<int> self, load* all) {
  all->begun.add();
  self.ref().send(0);
  while (const auto message = co_await self.receive()) {
    if (all->is_enough) break;
    self.ref().send(*message);
  }
  all->ended.add();
}

inline coroutine<void> only_yield(actor_context<int>, load* all) {
  all->begun.add();
  while (!all->is_enough) co_await yield();
  all->ended.add();
}

struct ball {
  actor_ref<ball> from;
};

/// Each of two such actors wakes the other one and falls asleep itself.
inline coroutine<void> return_the_ball(actor_context<ball> self, load* all) {
  all->begun.add();
  while (const auto got = co_await self.receive()) {
    // The other one gets this ball, too, so that it hears of the end.
    got->from.send({self.ref()});
    if (all->is_enough) break;
  }
  all->ended.add();
}

enum class business : std::uint8_t { mail_to_itself, yields, balls };

/// `count` actors that are busy from now until the crowd is told to stop, or destroyed. Must be
/// destroyed before their runtime.
class busy_crowd {
 public:
  busy_crowd(runtime& home, business what, std::size_t count) : count_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      switch (what) {
        case business::mail_to_itself: home.spawn<int>(write_to_itself, &load_); break;
        case business::yields: home.spawn<int>(only_yield, &load_); break;
        case business::balls: {
          const auto one = home.spawn<ball>(return_the_ball, &load_);
          const auto other = home.spawn<ball>(return_the_ball, &load_);
          one.send({other});
          ++count_;
        }
      }
    }
  }
  busy_crowd(const busy_crowd&) = delete;
  busy_crowd& operator=(const busy_crowd&) = delete;
  ~busy_crowd() { stop(); }

  bool has_begun() { return load_.begun.reaches(count_); }
  /// Is everybody still busy?
  bool is_busy() const { return load_.ended.count() == 0; }
  /// True when all have ended.
  bool stop() {
    load_.is_enough = true;
    return load_.ended.reaches(count_);
  }

 private:
  load load_;
  std::size_t count_;
};

}  // namespace actors::test
