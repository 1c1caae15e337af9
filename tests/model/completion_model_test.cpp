#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "model/modelled.hpp"

#undef ACTORS_USE_MIMALLOC
namespace modelled {
#include "actors/completion.hpp"
#include "actors/inbox.hpp"
#include "coroutine/completion.cpp"
#include "coroutine/memory.cpp"
#include "coroutine/scope.cpp"
#include "coroutine/strand.cpp"
#include "coroutine/timer_heap.cpp"
#include "support/local_strand.hpp"
}  // namespace modelled

// A strand and what other threads send it, with the model's atomics: completions, messages, and the
// signals to stop and to close. The strand runs on the thread that serves it.

namespace actors::model {

namespace {

using modelled::actors::cancel_reason;
using modelled::actors::cancelled;
using modelled::actors::completer;
using modelled::actors::completion;
using modelled::actors::coroutine;
using modelled::actors::inbox;
using modelled::actors::test::local_strand;

using value = checked<int>;

void check_all(const std::function<scenario()>& make, const limits& up_to = {}) {
  const auto found = explore(make, up_to);
  CAPTURE(found.runs);
  INFO(found.failure);
  CHECK(found.is_fine());
}

void set(const completer<value*>& whom, value& content, int number) {
  content.set(number);
  whom.set_value(&content);
}

/// The value; 0 when the wait was cancelled.
coroutine<int> value_or_nothing(completion<value*>* answer) {
  try {
    const auto* got = co_await answer->wait();
    co_return got->get();
  } catch (const cancelled&) {
  }
  co_return 0;
}

/// One that waits for a value, and somebody who sets it.
struct question {
  int times_told = 0;
  value content;
  completion<value*> answer{[this] { ++times_told; }};
  std::optional<completer<value*>> other{answer.get_completer()};
  local_strand<int> asking{value_or_nothing(&answer)};

  void fulfil() {
    set(*other, content, 7);
    other.reset();
  }
  void end() {
    asking.end();
    require(asking.references() == 0, "a reference to the strand is left");
  }
};

scenario value_meets_wait() {
  const auto all = std::make_shared<question>();
  return {{[=] { all->asking.serve(); }, [=] { all->fulfil(); }}, [=] {
            require(all->asking.result() == 7, "the value was lost");
            require(all->times_told == 0, "it was cancelled");
            all->end();
          }};
}

scenario value_meets_cancel() {
  const auto all = std::make_shared<question>();
  all->asking.run();
  return {{[=] { all->asking.serve(); }, [=] { all->fulfil(); },
           [=] { all->asking.request_stop(cancel_reason::requested); }},
          [=] {
            // A cancelled wait forgets a value that is there already; but it is told only when
            // there is none.
            require(all->times_told <= (all->asking.result() == 7 ? 0 : 1), "told, and got it");
            all->end();
          }};
}

scenario value_meets_end() {
  const auto all = std::make_shared<question>();
  all->asking.run();
  return {{[=] { all->asking.end(); }, [=] { all->fulfil(); }}, [=] {
            require(all->times_told <= 1, "told twice");
            all->end();
          }};
}

scenario two_values() {
  const auto all = std::make_shared<question>();
  const auto other_value = std::make_shared<value>();
  return {{[=] { all->asking.serve(); }, [=] { all->fulfil(); },
           [=, whom = all->answer.get_completer()] { set(whom, *other_value, 8); }},
          [=] {
            const int got = all->asking.result();
            require(got == 7 || got == 8, "no value came");
            all->end();
          }};
}

coroutine<int> sum_of(inbox<value*> mail) {
  int sum = 0;
  while (const auto got = co_await mail.next()) sum += (*got)->get();
  co_return sum;
}

/// One that adds up what it is sent.
struct adder {
  std::array<value, 2> numbers;
  std::array<bool, 2> taken{};
  local_strand<int, value*> adding{1};  // room for one message

  adder() { adding.start(sum_of(adding.mail())); }

  void send(std::size_t which, int number) {
    numbers[which].set(number);
    taken[which] =
        adding.send(&numbers[which]) == modelled::actors::detail::strand::admission::taken;
  }
  /// What was taken was received; but the second message may come too late when it is sent while
  /// somebody else closes the inbox.
  void end(bool may_miss_second) {
    const int first = taken[0] ? 1 : 0;
    const int both = first + (taken[1] ? 10 : 0);
    const int got = adding.result();
    require(got == both || (may_miss_second && got == first), "a message was lost, or doubled");
    adding.end();
  }
};

scenario messages_and_close(bool two_senders) {
  const auto all = std::make_shared<adder>();
  scenario made;
  made.threads.emplace_back([=] { all->adding.serve(); });
  made.threads.emplace_back([=] {
    all->send(0, 1);
    if (!two_senders) all->send(1, 10);
    all->adding.close_input();
  });
  if (two_senders) made.threads.emplace_back([=] { all->send(1, 10); });
  made.at_end = [=] {
    require(two_senders || all->taken[0], "there was room");
    all->end(two_senders);
  };
  return made;
}

}  // namespace

TEST_CASE("model: a value arrives, whenever the wait begins", "[completion_model]") {
  check_all(value_meets_wait);
}

TEST_CASE("model: of a value and a cancel one wins, and all references are given back",
          "[completion_model]") {
  check_all(value_meets_cancel, {.only_newest = true, .preemptions = 2});
}

TEST_CASE("model: a value that comes when its waiter ends wakes nobody", "[completion_model]") {
  check_all(value_meets_end);
}

TEST_CASE("model: the first of two values counts", "[completion_model]") {
  check_all(two_values, {.only_newest = true, .preemptions = 2});
}

TEST_CASE("model: a strand gets each message that was taken, until it is closed",
          "[completion_model]") {
  check_all([] { return messages_and_close(false); }, {.only_newest = true, .preemptions = 3});
  check_all([] { return messages_and_close(true); }, {.only_newest = true, .preemptions = 2});
}

TEST_CASE("model: a completion on a broken machine is found", "[completion_model]") {
  limits broken;
  broken.broken.no_orders = true;
  CHECK_FALSE(explore(value_meets_wait, broken).is_fine());
  broken.broken = {.lost_notices = true};
  CHECK_FALSE(explore(value_meets_wait, broken).is_fine());
}

}  // namespace actors::model
