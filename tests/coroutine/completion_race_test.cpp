#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include "actors/completion.hpp"
#include "actors/timeout.hpp"
#include "catch.hpp"
#include "support/bodies.hpp"
#include "support/local_strand.hpp"

using namespace std::chrono_literals;

// A completion is fulfilled by one thread while another one begins to wait, is cancelled, waits
// again or is destroyed. What must hold whoever is first: the other side is told, or has set the
// value before; never is it told and its value taken; and all references are given back.

namespace actors::test {

namespace {

/// Waits for another thread: for a short while at full speed, then more politely.
template <class Condition>
void spin_until(Condition is_met) {
  for (unsigned i = 0; !is_met(); ++i) {
    if (i > 1'000) std::this_thread::yield();
  }
}

/// Lets a moment pass, so that every round of a race meets at another point.
void pass(unsigned steps) {
  static std::atomic<unsigned> sink{0};
  for (unsigned i = 0; i < steps; ++i) sink.fetch_add(1, std::memory_order_relaxed);
}

/// A thread that fulfils the completions that it is handed.
class fulfiller {
 public:
  fulfiller() : thread_([this] { serve(); }) {}
  ~fulfiller() {
    phase_.store(phase::stop, std::memory_order_release);
    thread_.join();
  }

  /// Returns when the other thread is about to set the value, after `delay` steps.
  void hand(completer<int> whom, unsigned delay) {
    delay_ = delay;
    whom_.emplace(std::move(whom));
    phase_.store(phase::handed, std::memory_order_release);
    spin_until([this] { return phase_.load(std::memory_order_acquire) != phase::handed; });
  }
  void wait_until_done() const {
    spin_until([this] { return phase_.load(std::memory_order_acquire) == phase::idle; });
  }

 private:
  enum class phase : unsigned char { idle, handed, taken, stop };

  void serve() {
    for (;;) {
      spin_until([this] { return phase_.load(std::memory_order_acquire) != phase::idle; });
      if (phase_.load(std::memory_order_acquire) == phase::stop) return;
      phase_.store(phase::taken, std::memory_order_release);
      pass(delay_);
      whom_->set_value(1);
      whom_.reset();
      phase_.store(phase::idle, std::memory_order_release);
    }
  }

  std::optional<completer<int>> whom_;
  unsigned delay_ = 0;
  std::atomic<phase> phase_{phase::idle};
  std::thread thread_;
};

coroutine<int> value_of(completion<int>* answer) { co_return co_await answer->wait(); }

/// 0 when the time was up.
coroutine<int> value_in_time(completion<int>* answer) {
  const auto value = co_await answer->wait_for(1s);
  co_return value.value_or(0);
}

/// 0 when the wait was cancelled.
coroutine<int> value_or_nothing(completion<int>* answer) {
  try {
    co_return co_await answer->wait();
  } catch (const cancelled&) {
  }
  co_return 0;
}

/// A wait that a cancel may end is followed by one that it does not reach.
coroutine<int> value_at_last(completion<int>* answer) {
  const int value = co_await value_or_nothing(answer);
  if (value != 0) co_return value;
  co_return co_await shield(1h, value_of(answer));
}

constexpr unsigned rounds = 10'000;

/// Hands `answer` to `other` and lets a moment pass that is another one in every round.
void begin_race(fulfiller& other, completion<int>& answer, unsigned round) {
  other.hand(answer.get_completer(), round * 7 % 20);
  pass(round * 13 % 40);
}

}  // namespace

TEST_CASE("a value that races with the beginning of the wait arrives", "[completion]") {
  fulfiller other;
  int mistakes = 0;
  for (unsigned round = 0; round < rounds / 4; ++round) {
    completion<int> answer;
    local_strand<int> strand(value_of(&answer));
    begin_race(other, answer, round);
    strand.serve();
    other.wait_until_done();
    if (strand.result() != 1) ++mistakes;
    strand.end();
    if (strand.references() != 0) ++mistakes;
  }
  CHECK(mistakes == 0);
}

TEST_CASE("of a value and a time-out that race exactly one wins", "[completion]") {
  fulfiller other;
  int mistakes = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    int told = 0;
    completion<int> answer([&told] { ++told; });
    local_strand<int> strand(value_in_time(&answer));
    strand.run();
    begin_race(other, answer, round);
    if (!strand.advance(1s)) ++mistakes;
    other.wait_until_done();
    if (strand.result() + told != 1) ++mistakes;
    strand.end();  // takes back a note that came too late
    if (strand.references() != 0) ++mistakes;
  }
  CHECK(mistakes == 0);
}

TEST_CASE("a value that races with a cancel is there for the next wait", "[completion]") {
  fulfiller other;
  int mistakes = 0;
  for (unsigned round = 0; round < rounds / 2; ++round) {
    completion<int> answer;
    local_strand<int> strand(value_at_last(&answer));
    strand.run();
    begin_race(other, answer, round);
    strand.request_stop(cancel_reason::requested);
    strand.serve();
    other.wait_until_done();
    if (strand.result() != 1) ++mistakes;
    strand.end();
    if (strand.references() != 0) ++mistakes;
  }
  CHECK(mistakes == 0);
}

TEST_CASE("a value that races with the end of its waiter wakes nobody", "[completion]") {
  fulfiller other;
  int mistakes = 0;
  for (unsigned round = 0; round < rounds / 2; ++round) {
    int told = 0;
    completion<int> answer([&told] { ++told; });
    local_strand<int> strand(value_of(&answer));
    strand.run();
    begin_race(other, answer, round);
    strand.end();
    other.wait_until_done();
    if (told > 1 || strand.references() != 0 || !answer.is_fulfilled()) ++mistakes;
  }
  CHECK(mistakes == 0);
}

}  // namespace actors::test
