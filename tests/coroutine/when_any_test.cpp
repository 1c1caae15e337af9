#include "actors/when_any.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "actors/inbox.hpp"
#include "actors/sleep.hpp"
#include "actors/timeout.hpp"
#include "catch.hpp"
#include "support/bodies.hpp"
#include "support/counted.hpp"
#include "support/local_strand.hpp"

using namespace std::chrono_literals;

namespace actors::test {

namespace {

using numbers = std::vector<int>;

coroutine<std::string> say_after(duration time, std::string words) {
  co_await sleep_for(time);
  co_return words;
}

coroutine<std::string> describe(duration number, duration words, duration nothing) {
  const auto first =
      co_await when_any(give_after(number, 4), say_after(words, "four"), nap(nothing));
  switch (first.index()) {
    case 0: co_return "number " + std::to_string(std::get<0>(first));
    case 1: co_return "words " + std::get<1>(first);
    default: co_return "nothing";
  }
}

coroutine<std::size_t> same_type_twice() {
  const auto first = co_await when_any(give_after(2s, 1), give_after(1s, 1));
  co_return first.index();
}

coroutine<first_of<int>> first_of_list(std::vector<duration> times) {
  std::vector<coroutine<int>> work;
  for (const auto time : times) work.push_back(give_after(time, static_cast<int>(time / 1s)));
  co_return co_await when_any(std::move(work));
}

coroutine<first_of<int>> first_of_none() {
  std::vector<coroutine<int>> none;
  co_return co_await when_any(std::move(none));
}

coroutine<void> note_cancel(story* events, std::string name) {
  const auto why = co_await reason_of(nap(1h));
  events->push_back(name + ": " + std::string(to_string(why)));
  throw cancelled(why);
}

coroutine<void> clean_up_for(duration time) {
  co_await reason_of(nap(1h));
  co_await shield(1h, nap(time));
}

coroutine<void> losers_noted(story* events) {
  co_await when_any(note_cancel(events, "first"), nap(1s), note_cancel(events, "third"));
  events->push_back("decided");
}

coroutine<std::size_t> slow_loser() {
  const auto first = co_await when_any(clean_up_for(3s), nap(1s));
  co_return first.index();
}

// The work that loses waits for a message, which may come in the very moment in which it loses.
coroutine<numbers> message_or_time(inbox<int> mail) {
  numbers seen;
  const auto first = co_await when_any(nap(1s), receive(mail));
  seen.push_back(first.index() == 1 ? std::get<1>(first) : -1);
  seen.push_back(co_await receive(mail));
  co_return seen;
}

coroutine<numbers> race_for_messages(inbox<int> mail) {
  numbers seen;
  for (int i = 0; i < 3; ++i) {
    const auto first = co_await when_any(receive(mail), receive(mail), receive(mail));
    seen.push_back(std::visit([](int message) { return message; }, first));
  }
  co_return seen;
}

coroutine<std::size_t> wait_beside_loser(inbox<int> mail) {
  const auto first = co_await when_any(nap(1s), receive(mail));
  co_return first.index();
}

coroutine<numbers> loser_and_patient(inbox<int> mail) {
  const auto [index, message] = co_await when_all(wait_beside_loser(mail), receive(mail));
  co_return numbers{static_cast<int>(index), message};
}

coroutine<std::size_t> failure_against_value(duration failure, duration value) {
  const auto first = co_await when_any(fail_after(failure, "broken"), give_after(value, 1));
  co_return first.index();
}

coroutine<int> keep(counted, coroutine<int> work) { co_return co_await std::move(work); }

coroutine<int> first_of_kept(ledger* book, duration left, duration right) {
  auto first = keep(counted(*book), give_after(left, 1));
  auto second = keep(counted(*book), give_after(right, 2));
  const auto decided = co_await when_any(std::move(first), std::move(second));
  co_return std::visit([](int value) { return value; }, decided);
}

}  // namespace

TEST_CASE("when_any gives the value of the first to end", "[when_any]") {
  struct row {
    duration number, words, nothing;
    std::string expected;
  };
  for (const auto& [number, words, nothing, expected] :
       {row{1s, 2s, 3s, "number 4"}, row{2s, 1s, 3s, "words four"}, row{3s, 2s, 1s, "nothing"},
        row{1s, 1s, 1s, "number 4"}}) {
    local_strand<std::string> strand(describe(number, words, nothing));
    CHECK_FALSE(strand.run());
    CHECK(strand.advance(1s));
    CHECK(strand.result() == expected);
    CHECK_FALSE(strand.has_timers());
  }
}

TEST_CASE("when_any tells values of one type apart by their index", "[when_any]") {
  local_strand<std::size_t> strand(same_type_twice());
  strand.run();
  CHECK(strand.advance(1s));
  CHECK(strand.result() == 1);
}

TEST_CASE("when_any of a list tells which was first", "[when_any]") {
  local_strand<first_of<int>> strand(first_of_list({5s, 3s, 2s, 4s}));
  strand.run();
  CHECK_FALSE(strand.advance(1s));
  CHECK(strand.advance(1s));
  const auto first = strand.result();
  CHECK(first.index == 2);
  CHECK(first.value == 2);
}

TEST_CASE("the losers of when_any are cancelled and have ended when it returns", "[when_any]") {
  story events;
  local_strand<void> strand(losers_noted(&events));
  strand.run();
  CHECK(events.empty());
  CHECK(strand.advance(1s));
  CHECK(events == story{"first: sibling", "third: sibling", "decided"});
}

TEST_CASE("when_any waits for a loser that cleans up", "[when_any]") {
  local_strand<std::size_t> strand(slow_loser());
  strand.run();
  CHECK_FALSE(strand.advance(1s));
  CHECK_FALSE(strand.advance(2s));
  CHECK(strand.advance(1s));
  CHECK(strand.result() == 1);
}

TEST_CASE("a message that a loser was given stays in the inbox", "[when_any]") {
  local_strand<numbers> strand;
  strand.start(message_or_time(strand.mail()));
  strand.run();
  SECTION("given before the time was up") {
    strand.move_clock(1s);  // the sleep is ready first
    strand.send(7);
    CHECK(strand.run());
  }
  SECTION("sent after the time was up") {
    CHECK_FALSE(strand.advance(1s));
    strand.send(7);
    CHECK(strand.run());
  }
  CHECK(strand.result() == numbers{-1, 7});
}

TEST_CASE("a message that wins the race is taken, and the next stays", "[when_any]") {
  local_strand<numbers> strand;
  strand.start(message_or_time(strand.mail()));
  strand.run();
  for (const int i : {7, 8}) strand.send(i);
  strand.run_once(0);
  strand.move_clock(1s);
  CHECK(strand.run());
  CHECK(strand.result() == numbers{7, 8});
}

TEST_CASE("messages given to several losers come again in their order", "[when_any]") {
  local_strand<numbers> strand;
  strand.start(race_for_messages(strand.mail()));
  strand.run();
  for (const int i : {1, 2, 3}) strand.send(i);
  CHECK(strand.run());
  CHECK(strand.result() == numbers{1, 2, 3});
}

TEST_CASE("a message given to a loser goes to a wait that goes on", "[when_any]") {
  local_strand<numbers> strand;
  strand.start(loser_and_patient(strand.mail()));
  strand.run();
  // Which of the two waits began first depends on how deep it is nested; the loser must not keep
  // the message either way.
  strand.move_clock(1s);
  strand.send(7);
  CHECK(strand.run());
  CHECK(strand.result() == numbers{0, 7});
}

// Errors.

TEST_CASE("when_any raises a failure that comes first", "[when_any]") {
  local_strand<std::size_t> strand(failure_against_value(1s, 2s));
  strand.run();
  CHECK(strand.advance(1s));
  CHECK_THROWS_WITH(strand.result(), "broken");
}

TEST_CASE("when_any does not raise a failure that would have come later", "[when_any]") {
  local_strand<std::size_t> strand(failure_against_value(2s, 1s));
  strand.run();
  CHECK(strand.advance(1s));
  CHECK(strand.result() == 1);
}

TEST_CASE("a cancel from outside is raised by when_any with its reason", "[when_any]") {
  story events;
  local_strand<cancel_reason> strand(reason_of(losers_noted(&events)));
  strand.run();
  strand.request_stop(cancel_reason::shutdown);
  CHECK(strand.run());
  CHECK(events == story{"first: shutdown", "third: shutdown"});
  CHECK(strand.result() == cancel_reason::shutdown);
}

TEST_CASE("when_any of an empty list says what is wrong with it", "[when_any]") {
  local_strand<first_of<int>> strand(first_of_none());
  CHECK(strand.run());
  try {
    strand.result();
    FAIL("no failure was raised");
  } catch (const failure& problem) {
    CHECK(problem.why().code == error_code::invalid_argument);
  }
}

TEST_CASE("when_any frees its work, whoever wins", "[when_any]") {
  ledger book;
  SECTION("the first wins") {
    local_strand<int> strand(first_of_kept(&book, 1s, 2s));
    strand.run();
    CHECK(strand.advance(1s));
    CHECK(book.alive() == 0);
  }
  SECTION("the second wins") {
    local_strand<int> strand(first_of_kept(&book, 2s, 1s));
    strand.run();
    CHECK(strand.advance(1s));
    CHECK(book.alive() == 0);
  }
  SECTION("none has ended") {
    local_strand<int> strand(first_of_kept(&book, 1s, 2s));
    strand.run();
    CHECK(book.alive() == 2);
  }
  CHECK(book.alive() == 0);
  CHECK(book.mistakes() == 0);
}

}  // namespace actors::test
