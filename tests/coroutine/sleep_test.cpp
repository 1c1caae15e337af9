#include "actors/sleep.hpp"

#include "actors/timeout.hpp"
#include "actors/when_all.hpp"
#include "catch.hpp"
#include "support/bodies.hpp"
#include "support/local_strand.hpp"

using namespace std::chrono_literals;

namespace actors::test {

namespace {

coroutine<void> nap_and_note(story* events, std::string name, duration time) {
  co_await sleep_for(time);
  events->push_back(name);
}

coroutine<void> nap_in_turn(story* events) {
  co_await nap_and_note(events, "one", 1s);
  co_await nap_and_note(events, "two", 1s);
}

coroutine<void> nap_together(story* events) {
  co_await when_all(nap_and_note(events, "late", 3s), nap_and_note(events, "early", 1s),
                    nap_and_note(events, "middle", 2s));
}

coroutine<int> yield_times(int count) {
  for (int i = 0; i < count; ++i) co_await yield();
  co_return count;
}

coroutine<void> note_and_yield(story* events, std::string name) {
  for (int i = 0; i < 2; ++i) {
    events->push_back(name);
    co_await yield();
  }
}

coroutine<void> take_turns(story* events) {
  co_await when_all(note_and_yield(events, "a"), note_and_yield(events, "b"));
}

coroutine<void> yield_for_ever() {
  for (;;) co_await yield();
}

coroutine<void> nap_twice_and_spin(story* events) {
  co_await when_all(nap_and_note(events, "one", 1s), nap_and_note(events, "two", 2s),
                    yield_for_ever());
}

// The same sleep, awaited by an inner coroutine that is cut short and then by an outer one.
coroutine<void> await_it(sleep_for* rest) { co_await *rest; }

coroutine<void> keep_a_sleep_cut_short() {
  sleep_for rest(10s);
  co_await with_timeout(1s, await_it(&rest));
  co_await until_cancelled();
}

coroutine<void> sleep_on(story* events) {
  sleep_for rest(10s);
  const bool rested = co_await with_timeout(1s, await_it(&rest));
  events->push_back(rested ? "rested" : "woken early");
  co_await rest;
  events->push_back("rested");
}

coroutine<void> sleep_on_beside_another(story* events) {
  co_await when_all(sleep_on(events), nap_and_note(events, "beside", 5s));
}

}  // namespace

TEST_CASE("a sleep ends when its time has passed and not before", "[sleep]") {
  local_strand<void> strand(nap(2s));
  CHECK_FALSE(strand.run());
  CHECK_FALSE(strand.advance(1999ms));
  CHECK(strand.advance(1ms));
  CHECK_NOTHROW(strand.result());
}

TEST_CASE("sleeps in turn add up", "[sleep]") {
  story events;
  local_strand<void> strand(nap_in_turn(&events));
  strand.run();
  CHECK_FALSE(strand.advance(1s));
  CHECK(events == story{"one"});
  CHECK(strand.advance(1s));
  CHECK(events == story{"one", "two"});
}

TEST_CASE("sleeps side by side end in the order of their times", "[sleep]") {
  story events;
  local_strand<void> strand(nap_together(&events));
  strand.run();
  CHECK(strand.wake_at() == time_point(1s));
  strand.advance(1s);
  CHECK(events == story{"early"});
  CHECK(strand.wake_at() == time_point(2s));
  CHECK(strand.advance(10s));
  CHECK(events == story{"early", "middle", "late"});
}

TEST_CASE("a sleep longer than the clock can say has no end", "[sleep]") {
  local_strand<void> strand(nap(duration::max()));
  CHECK_FALSE(strand.run());
  CHECK_FALSE(strand.advance(std::chrono::hours(24) * 365));
  CHECK(strand.wake_at() == time_point::max());
}

TEST_CASE("a sleep of no time is a yield", "[sleep]") {
  local_strand<void> strand(nap(0s));
  CHECK_FALSE(strand.run_once(64));
  CHECK(strand.run_once(64));
  local_strand<void> backwards(nap(-1s));
  CHECK(backwards.run());
}

TEST_CASE("a yield gives up the turn and comes back in the next", "[sleep]") {
  local_strand<int> strand(yield_times(3));
  CHECK_FALSE(strand.run_once(64));
  CHECK_FALSE(strand.run_once(64));
  CHECK_FALSE(strand.run_once(64));
  CHECK(strand.run_once(64));
  CHECK(strand.result() == 3);
}

TEST_CASE("coroutines of one strand that yield take turns", "[sleep]") {
  story events;
  local_strand<void> strand(take_turns(&events));
  CHECK(strand.run());
  CHECK(events == story{"a", "b", "a", "b"});
}

TEST_CASE("a strand tells that it sleeps", "[sleep]") {
  local_strand<void> strand(nap(1s));
  strand.run();
  CHECK(std::string(strand.awaiting()) == "sleep");
}

TEST_CASE("a second sleep ends although the strand is never idle", "[sleep]") {
  story events;
  local_strand<void> strand(nap_twice_and_spin(&events));
  for (int i = 0; i < 4; ++i) strand.run_once(64);
  strand.move_clock(1s);
  for (int i = 0; i < 4; ++i) strand.run_once(64);
  CHECK(events == story{"one"});

  strand.move_clock(1s);
  for (int i = 0; i < 4; ++i) strand.run_once(64);

  CHECK(events == story{"one", "two"});
}

// Errors.

TEST_CASE("a sleep that was cut short can be awaited again", "[sleep]") {
  story events;
  local_strand<void> strand(sleep_on_beside_another(&events));
  strand.run();
  strand.advance(1s);
  CHECK(events == story{"woken early"});
  CHECK_FALSE(strand.advance(9s));
  CHECK(events == story{"woken early", "beside"});
  CHECK(strand.advance(1s));
  CHECK(events == story{"woken early", "beside", "rested"});
}

TEST_CASE("a sleep that was cut short leaves no timer behind", "[sleep]") {
  local_strand<void> strand(keep_a_sleep_cut_short());
  strand.run();
  CHECK(strand.has_timers());
  CHECK_FALSE(strand.advance(1s));
  CHECK_FALSE(strand.has_timers());
}

TEST_CASE("a cancel ends a sleep at once", "[sleep]") {
  local_strand<cancel_reason> strand(reason_of(nap(1s)));
  strand.run();
  CHECK(strand.request_stop(cancel_reason::requested));
  CHECK(strand.run());
  CHECK(strand.result() == cancel_reason::requested);
}

TEST_CASE("a sleep whose time has passed is cancelled all the same", "[sleep]") {
  local_strand<cancel_reason> strand(reason_of(nap(1s)));
  strand.run();
  strand.move_clock(1s);
  strand.request_stop(cancel_reason::shutdown);
  CHECK(strand.run());
  CHECK(strand.result() == cancel_reason::shutdown);
}

}  // namespace actors::test
