#include "actors/timeout.hpp"

#include <optional>
#include <string>
#include <utility>

#include "actors/sleep.hpp"
#include "actors/when_all.hpp"
#include "catch.hpp"
#include "support/bodies.hpp"
#include "support/counted.hpp"
#include "support/local_strand.hpp"

using namespace std::chrono_literals;

namespace actors::test {

namespace {

coroutine<int> in_time_or(duration limit, coroutine<int> work, int otherwise) {
  const auto value = co_await with_timeout(limit, std::move(work));
  co_return value.value_or(otherwise);
}

coroutine<bool> nap_in_time(duration limit, duration time) {
  co_return co_await with_timeout(limit, nap(time));
}

coroutine<int> cancel_itself() {
  throw cancelled(cancel_reason::shutdown);
  co_return 0;
}

coroutine<std::optional<int>> give_nothing() { co_return std::nullopt; }

coroutine<std::string> tell_apart() {
  const auto given = co_await with_timeout(1s, give_nothing());
  if (!given) co_return "too late";
  co_return *given ? "something" : "nothing";
}

coroutine<int> inner_deadline(story* events, duration limit, coroutine<int> work) {
  try {
    const auto value = co_await with_timeout(limit, std::move(work));
    events->push_back(value ? "inner in time" : "inner too late");
    co_return value.value_or(-1);
  } catch (const cancelled& why) {
    events->push_back("inner cancelled: " + std::string(to_string(why.reason())));
    throw;
  }
}

coroutine<int> outer_deadline(story* events, duration limit, coroutine<int> work) {
  const auto value = co_await with_timeout(limit, std::move(work));
  events->push_back(value ? "outer in time" : "outer too late");
  co_return value.value_or(-2);
}

coroutine<int> two_deadlines(story* events, duration outer, duration inner, coroutine<int> work) {
  return outer_deadline(events, outer, inner_deadline(events, inner, std::move(work)));
}

coroutine<int> late_value() {
  const auto why = co_await reason_of(nap(1h));
  co_return why == cancel_reason::deadline ? 5 : 0;
}

coroutine<int> fail_when_cancelled() {
  co_await reason_of(nap(1h));
  throw std::runtime_error("clean-up failed");
}

// Takes a second to clean up once it was cancelled, whatever comes.
coroutine<int> clean_up_slowly() {
  const auto why = co_await reason_of(wait_for_ever());
  co_await shield(1h, nap(1s));
  throw cancelled(why);
}

coroutine<void> note_after(story* events, duration time, std::string what) {
  co_await sleep_for(time);
  events->push_back(what);
}

coroutine<void> clean_up_and_go_on(story* events, duration bound) {
  const auto why = co_await reason_of(nap(1h));
  events->push_back("cancelled: " + std::string(to_string(why)));
  const auto cut_short = co_await reason_of(nap(1h));
  events->push_back("still cancelled: " + std::string(to_string(cut_short)));
  try {
    co_await shield(bound, note_after(events, 2s, "cleaned up"));
  } catch (const cancelled&) {
    events->push_back("clean-up cut short");
  }
  co_await sleep_for(1s);
  events->push_back("unreachable");
}

coroutine<int> shielded(duration bound, coroutine<int> work) {
  co_return co_await shield(bound, std::move(work));
}

coroutine<void> shield_in_shield(story* events) {
  co_await shield(3s, shielded(5s, give_after(10s, 1)));
  events->push_back("unreachable");
}

coroutine<std::optional<int>> shield_in_deadline() {
  co_return co_await with_timeout(1s, shielded(1h, give_after(3s, 7)));
}

coroutine<int> message_in_time(inbox<int> mail) {
  const auto message = co_await with_timeout(1s, mail.next());
  if (!message) co_return -1;
  co_return message->value_or(-2);
}

coroutine<int> shielded_message(inbox<int> mail) {
  const auto message = co_await shield(1s, mail.next(10s));
  co_return message.value_or(-2);
}

coroutine<bool> sleep_in_time(duration limit, duration time) {
  co_return co_await with_timeout(limit, sleep_for(time));
}

}  // namespace

TEST_CASE("a deadline is set to a plain wait", "[timeout]") {
  local_strand<int> heard;
  heard.start(message_in_time(heard.mail()));
  heard.run();
  heard.send(4);
  CHECK(heard.run());
  CHECK(heard.result() == 4);

  local_strand<int> late;
  late.start(message_in_time(late.mail()));
  late.run();
  CHECK(late.advance(1s));
  CHECK(late.result() == -1);

  local_strand<bool> slept(sleep_in_time(2s, 1s));
  slept.run();
  CHECK(slept.advance(1s));
  CHECK(slept.result());
}

TEST_CASE("a plain wait is shielded", "[timeout]") {
  local_strand<int> strand;
  strand.start(shielded_message(strand.mail()));
  strand.run();
  strand.request_stop(cancel_reason::requested);
  CHECK_FALSE(strand.run());
  SECTION("the message comes in time") {
    strand.send(4);
    CHECK(strand.run());
    CHECK(strand.result() == 4);
  }
  SECTION("the bound passes first") {
    CHECK(strand.advance(1s));
    CHECK_THROWS_AS(strand.result(), cancelled);
  }
}

TEST_CASE("work that ends in time gives its value", "[timeout]") {
  local_strand<int> strand(in_time_or(2s, give_after(1s, 5), -1));
  strand.run();
  CHECK(strand.advance(1s));
  CHECK(strand.result() == 5);
  CHECK_FALSE(strand.has_timers());
}

TEST_CASE("work that is late is cancelled when the time is up and not before", "[timeout]") {
  local_strand<int> strand(in_time_or(2s, give_after(3s, 5), -1));
  CHECK_FALSE(strand.run());
  CHECK_FALSE(strand.advance(1999ms));
  CHECK(strand.advance(1ms));
  CHECK(strand.result() == -1);
  CHECK_FALSE(strand.has_timers());
}

TEST_CASE("work without a value tells whether it was in time", "[timeout]") {
  local_strand<bool> quick(nap_in_time(2s, 1s));
  quick.run();
  CHECK(quick.advance(1s));
  CHECK(quick.result());

  local_strand<bool> slow(nap_in_time(1s, 2s));
  slow.run();
  CHECK(slow.advance(1s));
  CHECK_FALSE(slow.result());
}

TEST_CASE("an empty value that came in time is no time-out", "[timeout]") {
  local_strand<std::string> strand(tell_apart());
  CHECK(strand.run());
  CHECK(strand.result() == "nothing");
}

TEST_CASE("work that never waits is in time even when there is no time", "[timeout]") {
  local_strand<int> strand(in_time_or(0s, give(3), -1));
  CHECK(strand.run());
  CHECK(strand.result() == 3);
}

TEST_CASE("a deadline later than the clock can say never comes", "[timeout]") {
  local_strand<int> strand(in_time_or(duration::max(), give_after(1h, 3), -1));
  strand.run();
  CHECK(strand.advance(1h));
  CHECK(strand.result() == 3);
}

TEST_CASE("a value that is given after the time was up counts", "[timeout]") {
  local_strand<int> strand(in_time_or(1s, late_value(), -1));
  strand.run();
  CHECK(strand.advance(1s));
  CHECK(strand.result() == 5);
}

TEST_CASE("of nested deadlines the inner wins when it is nearer", "[timeout]") {
  story events;
  local_strand<int> strand(two_deadlines(&events, 2s, 1s, give_after(1h, 1)));
  strand.run();
  CHECK(strand.advance(1s));
  CHECK(events == story{"inner too late", "outer in time"});
  CHECK(strand.result() == -1);
}

TEST_CASE("of nested deadlines the outer wins when it is nearer, and passes the inner",
          "[timeout]") {
  story events;
  local_strand<int> strand(two_deadlines(&events, 1s, 2s, give_after(1h, 1)));
  strand.run();
  CHECK(strand.advance(1s));
  CHECK(events == story{"inner cancelled: deadline", "outer too late"});
  CHECK(strand.result() == -2);
}

TEST_CASE("of nested deadlines that pass together the outer wins", "[timeout]") {
  story events;
  duration late = 0s;
  SECTION("set for the same time") { late = 2s; }
  SECTION("seen at the same time") { late = 1s; }
  local_strand<int> strand(two_deadlines(&events, 2s, late, give_after(1h, 1)));
  strand.run();
  CHECK(strand.advance(5s));
  CHECK(events == story{"inner cancelled: deadline", "outer too late"});
}

TEST_CASE("an outer deadline that passes while the inner one is being answered is not lost",
          "[timeout]") {
  story events;
  local_strand<int> strand(two_deadlines(&events, 1500ms, 1s, clean_up_slowly()));
  strand.run();
  CHECK_FALSE(strand.advance(1s));
  CHECK_FALSE(strand.advance(500ms));
  CHECK(events.empty());
  CHECK(strand.advance(500ms));
  CHECK(events == story{"inner cancelled: deadline", "outer too late"});
}

TEST_CASE("a shield lets work finish that a cancel would end", "[timeout]") {
  story events;
  local_strand<void> strand(clean_up_and_go_on(&events, 5s));
  strand.run();
  strand.request_stop(cancel_reason::requested);
  CHECK_FALSE(strand.run());
  CHECK(events == story{"cancelled: requested", "still cancelled: requested"});
  CHECK_FALSE(strand.advance(1999ms));

  CHECK(strand.advance(1ms));

  CHECK(events.back() == "cleaned up");
  CHECK_THROWS_AS(strand.result(), cancelled);
}

TEST_CASE("a shield gives the value of its work", "[timeout]") {
  local_strand<int> strand(shielded(5s, give_after(1s, 8)));
  strand.run();
  CHECK(strand.advance(1s));
  CHECK(strand.result() == 8);
  CHECK_FALSE(strand.has_timers());
}

TEST_CASE("a shield holds off a deadline around it", "[timeout]") {
  local_strand<std::optional<int>> strand(shield_in_deadline());
  strand.run();
  CHECK_FALSE(strand.advance(1s));
  CHECK(strand.advance(2s));
  CHECK(strand.result() == 7);
}

// Errors.

TEST_CASE("a cancel from outside goes through a deadline", "[timeout]") {
  story events;
  local_strand<int> strand(two_deadlines(&events, 2s, 1s, give_after(1h, 1)));
  strand.run();
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK(events == story{"inner cancelled: requested"});
  CHECK_THROWS_AS(strand.result(), cancelled);
}

TEST_CASE("a cancel from outside that follows a deadline is raised with its own reason",
          "[timeout]") {
  story events;
  local_strand<int> strand(inner_deadline(&events, 1s, clean_up_slowly()));
  strand.run();
  CHECK_FALSE(strand.advance(1s));
  strand.request_stop(cancel_reason::requested);
  CHECK_FALSE(strand.run());
  CHECK(strand.advance(1s));
  CHECK(events == story{"inner cancelled: requested"});
}

TEST_CASE("a cancel that work in time raises by itself is no time-out", "[timeout]") {
  local_strand<cancel_reason> strand(reason_of(in_time_or(1s, cancel_itself(), -1)));
  CHECK(strand.run());
  CHECK(strand.result() == cancel_reason::shutdown);
}

TEST_CASE("a failure of late work is raised", "[timeout]") {
  local_strand<int> strand(in_time_or(1s, fail_when_cancelled(), -1));
  strand.run();
  CHECK(strand.advance(1s));
  CHECK_THROWS_WITH(strand.result(), "clean-up failed");
}

TEST_CASE("a failure in time is raised and the deadline forgotten", "[timeout]") {
  local_strand<int> strand(in_time_or(2s, fail_after(1s, "broken"), -1));
  strand.run();
  CHECK(strand.advance(1s));
  CHECK_THROWS_WITH(strand.result(), "broken");
  CHECK_FALSE(strand.has_timers());
}

TEST_CASE("a shield is lowered after its bound, and the cancel goes through", "[timeout]") {
  story events;
  local_strand<void> strand(clean_up_and_go_on(&events, 1s));
  strand.run();
  strand.request_stop(cancel_reason::requested);
  CHECK_FALSE(strand.run());
  CHECK_FALSE(strand.advance(999ms));
  CHECK(strand.advance(1ms));
  CHECK(events.back() == "clean-up cut short");
}

TEST_CASE("a cancel that comes after a shield's bound goes through at once", "[timeout]") {
  local_strand<int> strand(shielded(1s, give_after(5s, 1)));
  strand.run();
  CHECK_FALSE(strand.advance(1s));
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK_THROWS_AS(strand.result(), cancelled);
}

TEST_CASE("a shield in a shield holds for its own bound", "[timeout]") {
  story events;
  local_strand<void> strand(shield_in_shield(&events));
  strand.run();
  strand.request_stop(cancel_reason::requested);
  CHECK_FALSE(strand.advance(3s));
  CHECK_FALSE(strand.advance(1s));
  CHECK(strand.advance(1s));
  CHECK(events.empty());
  CHECK_THROWS_AS(strand.result(), cancelled);
}

TEST_CASE("late work and a deadline that nobody awaits are freed", "[timeout]") {
  ledger book;
  {
    local_strand<int> strand(in_time_or(2s, give_after(1h, 5), -1));
    strand.run();
    const auto never_awaited = with_timeout(1s, give(1));
    const auto never_shielded = shield(1s, give(1));
  }
  SUCCEED("the address sanitizer found nothing");
}

}  // namespace actors::test
