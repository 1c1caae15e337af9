#include "actors/completion.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "actors/timeout.hpp"
#include "actors/when_all.hpp"
#include "catch.hpp"
#include "support/bodies.hpp"
#include "support/counted.hpp"
#include "support/local_strand.hpp"

using namespace std::chrono_literals;

namespace actors::test {

namespace {

template <class T>
coroutine<T> value_of(completion<T>* answer) {
  co_return co_await answer->wait("answer");
}

template <class T>
coroutine<std::optional<T>> value_in_time(completion<T>* answer, duration patience) {
  co_return co_await answer->wait_for(patience, "answer");
}

coroutine<bool> done_in_time(completion<>* answer, duration patience) {
  co_return co_await answer->wait_for(patience);
}

/// A wait that is cancelled, and another one behind a shield.
coroutine<int> wait_again(completion<int>* answer) {
  const auto why = co_await reason_of(value_of(answer));
  CHECK(why == cancel_reason::requested);
  co_return co_await shield(1h, value_of(answer));
}

coroutine<void> answer_when_cancelled(completer<int> to) {
  co_await reason_of(wait_for_ever());
  to.set_value(6);
}

/// The cancel wakes both; the first to go on fulfils what the second waits for.
coroutine<int> answer_while_cancelled(completion<int>* answer) {
  auto [nothing, value] =
      co_await when_all(answer_when_cancelled(answer->get_completer()), wait_again(answer));
  co_return value;
}

coroutine<int> wait_when_cancelled(completion<int>* answer) {
  co_await reason_of(wait_for_ever());
  co_return co_await answer->wait();
}

coroutine<int> ask_in_vain(completion<int>* answer, int times) {
  int asked = 0;
  while (asked < times) {
    ++asked;
    const auto value = co_await with_timeout(1s, value_of(answer));
    if (value) co_return *value * 100 + asked;
  }
  co_return -asked;
}

coroutine<int> sum_of(std::vector<std::unique_ptr<completion<int>>>* answers) {
  int sum = 0;
  for (auto& answer : *answers) sum += co_await answer->wait();
  co_return sum;
}

coroutine<void> hold_answer(completer<counted>* out) {
  const completion<counted> answer;
  *out = answer.get_completer();
  co_await answer.wait();
}

struct refuses_to_be_made {
  explicit refuses_to_be_made(int) { throw std::runtime_error("cannot be made"); }
};

coroutine<std::string> why_not_made(completion<refuses_to_be_made>* answer) {
  try {
    co_await answer->wait();
  } catch (const std::exception& problem) {
    co_return problem.what();
  }
  co_return "made";
}

}  // namespace

TEST_CASE("a wait ends when the value is set and not before", "[completion]") {
  completion<int> answer;
  local_strand<int> strand(value_of(&answer));
  CHECK_FALSE(strand.run());
  CHECK(std::string(strand.awaiting()) == "answer");
  CHECK_FALSE(answer.is_fulfilled());

  CHECK(answer.get_completer().set_value(7));

  CHECK(answer.is_fulfilled());
  CHECK(strand.run());
  CHECK(strand.result() == 7);
  CHECK(strand.references() == 0);
}

TEST_CASE("a value that was set before the wait is there at once", "[completion]") {
  completion<std::string> answer;
  answer.get_completer().set_value(3U, 'x');
  local_strand<std::string> strand(value_of(&answer));
  CHECK(strand.run());
  CHECK(strand.result() == "xxx");
  CHECK(strand.references() == 0);
}

TEST_CASE("a completion of nothing tells that it is done", "[completion]") {
  completion<> answer;
  local_strand<void> strand(value_of(&answer));
  CHECK_FALSE(strand.run());
  CHECK(answer.get_completer().set_value());
  CHECK(strand.run());
  CHECK_NOTHROW(strand.result());
}

TEST_CASE("a completion gives values that can only be moved", "[completion]") {
  completion<std::unique_ptr<int>> answer;
  local_strand<std::unique_ptr<int>> strand(value_of(&answer));
  strand.run();
  answer.get_completer().set_value(std::make_unique<int>(4));
  strand.run();
  CHECK(*strand.result() == 4);
}

TEST_CASE("the first of several completers counts", "[completion]") {
  completion<int> answer;
  const auto first = answer.get_completer();
  const auto second = first;  // NOLINT(performance-unnecessary-copy-initialization): the fact
  CHECK(second.set_value(1));
  CHECK_FALSE(first.set_value(2));
  CHECK_FALSE(first.set_error(std::make_exception_ptr(std::runtime_error("late"))));
  local_strand<int> strand(value_of(&answer));
  strand.run();
  CHECK(strand.result() == 1);
}

TEST_CASE("another thread may fulfil a completion while the strand sleeps", "[completion]") {
  constexpr int count = 2'000;
  std::vector<std::unique_ptr<completion<int>>> answers;
  for (int i = 0; i < count; ++i) answers.push_back(std::make_unique<completion<int>>());
  local_strand<int> strand(sum_of(&answers));
  std::thread other([&answers] {
    for (const auto& answer : answers) answer->get_completer().set_value(1);
  });
  strand.serve();
  other.join();
  CHECK(strand.result() == count);
  CHECK(strand.references() == 0);
}

TEST_CASE("a timed wait for a completion is empty when its time has passed", "[completion]") {
  int told = 0;
  completion<int> answer([&told] { ++told; });
  local_strand<std::optional<int>> strand(value_in_time(&answer, 2s));
  strand.run();
  CHECK_FALSE(strand.advance(1999ms));
  CHECK(told == 0);
  CHECK(strand.advance(1ms));
  CHECK(told == 1);
  CHECK_FALSE(strand.result());
  CHECK(strand.references() == 0);
}

TEST_CASE("a timed wait for a completion gives the value that came in time", "[completion]") {
  completion<int> answer;
  local_strand<std::optional<int>> strand(value_in_time(&answer, 2s));
  strand.run();
  answer.get_completer().set_value(5);
  SECTION("before its time") { CHECK(strand.run()); }
  SECTION("together with the time-out") { CHECK(strand.advance(2s)); }
  CHECK(strand.result() == 5);
  CHECK_FALSE(strand.has_timers());
}

TEST_CASE("a timed wait of nothing tells whether it was in time", "[completion]") {
  completion<> quick;
  quick.get_completer().set_value();
  local_strand<bool> in_time(done_in_time(&quick, 1s));
  CHECK(in_time.run());
  CHECK(in_time.result());

  completion<> slow;
  local_strand<bool> late(done_in_time(&slow, 1s));
  late.run();
  CHECK(late.advance(1s));
  CHECK_FALSE(late.result());
}

TEST_CASE("a completion can be waited for again after a wait was cancelled", "[completion]") {
  completion<int> answer;
  local_strand<int> strand(ask_in_vain(&answer, 3));
  strand.run();
  CHECK_FALSE(strand.advance(1s));
  CHECK_FALSE(strand.advance(1s));
  answer.get_completer().set_value(5);
  CHECK(strand.run());
  CHECK(strand.result() == 503);
  CHECK(strand.references() == 0);
}

TEST_CASE("a completion has one waiting side", "[completion]") {
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<completion<int>>);
  STATIC_REQUIRE(std::is_copy_constructible_v<completer<int>>);
}

// Errors.

TEST_CASE("an error is raised where it is awaited", "[completion]") {
  completion<int> answer;
  local_strand<int> strand(value_of(&answer));
  strand.run();
  CHECK(answer.get_completer().set_error(std::make_exception_ptr(std::runtime_error("no luck"))));
  CHECK(strand.run());
  CHECK_THROWS_WITH(strand.result(), "no luck");
}

TEST_CASE("a value that cannot be made is an error for the waiting side", "[completion]") {
  completion<refuses_to_be_made> answer;
  local_strand<std::string> strand(why_not_made(&answer));
  strand.run();
  CHECK(answer.get_completer().set_value(1));
  CHECK(strand.run());
  CHECK(strand.result() == "cannot be made");
}

TEST_CASE("a cancelled wait tells the other side once", "[completion]") {
  int told = 0;
  completion<int> answer([&told] { ++told; });
  local_strand<int> strand(value_of(&answer));
  strand.run();
  strand.request_stop(cancel_reason::requested);
  CHECK(told == 0);
  CHECK(strand.run());
  CHECK(told == 1);
  CHECK_THROWS_AS(strand.result(), cancelled);
  CHECK(strand.references() == 0);
}

TEST_CASE("a wait that is refused because of a cancel tells the other side, too", "[completion]") {
  int told = 0;
  completion<int> answer([&told] { ++told; });
  local_strand<int> strand(wait_when_cancelled(&answer));
  strand.run();
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK(told == 1);
  CHECK_THROWS_AS(strand.result(), cancelled);
}

TEST_CASE("a value that is there when the wait is cancelled tells nobody", "[completion]") {
  int told = 0;
  completion<int> answer([&told] { ++told; });
  local_strand<int> strand(value_of(&answer));
  strand.run();
  answer.get_completer().set_value(1);
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK(told == 0);
  CHECK_THROWS_AS(strand.result(), cancelled);
}

TEST_CASE("a value that is there when the wait is cancelled can be waited for again",
          "[completion]") {
  completion<int> answer;
  local_strand<int> strand(wait_again(&answer));
  strand.run();
  answer.get_completer().set_value(6);
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK(strand.result() == 6);
  CHECK(strand.references() == 0);
}

TEST_CASE("a value whose note is on its way when the wait is cancelled can be waited for again",
          "[completion]") {
  completion<int> answer;
  local_strand<int> strand(answer_while_cancelled(&answer));
  strand.run();
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK(strand.result() == 6);
  strand.end();
  CHECK(strand.references() == 0);
}

TEST_CASE("a value that comes after the wait was cancelled goes with the last completer",
          "[completion]") {
  ledger book;
  {
    auto answer = std::make_unique<completion<counted>>();
    const auto late = answer->get_completer();
    {
      local_strand<counted> strand(value_of(answer.get()));
      strand.run();
      strand.request_stop(cancel_reason::requested);
      CHECK(strand.run());
      CHECK_THROWS_AS(strand.result(), cancelled);
    }
    answer.reset();
    CHECK(late.set_value(book));
    CHECK(book.alive() == 1);
  }
  CHECK(book.alive() == 0);
  CHECK(book.mistakes() == 0);
}

TEST_CASE("a wait that is destroyed tells the other side and is not woken", "[completion]") {
  int told = 0;
  completion<int> answer([&told] { ++told; });
  local_strand<int> strand(value_of(&answer));
  strand.run();
  SECTION("before the value came") {
    strand.end();
    CHECK(told == 1);
    CHECK(answer.get_completer().set_value(1));
  }
  SECTION("while the note is on its way") {
    answer.get_completer().set_value(1);
    CHECK(strand.references() == 1);
    strand.end();
    CHECK(told == 0);
  }
  CHECK(strand.references() == 0);
}

TEST_CASE("a value nobody took is freed once", "[completion]") {
  ledger book;
  {
    auto late = completion<counted>().get_completer();
    local_strand<void> strand(hold_answer(&late));
    strand.run();
    CHECK(late.set_value(book));
    strand.end();
    CHECK(book.alive() == 1);
  }
  CHECK(book.alive() == 0);
  CHECK(book.mistakes() == 0);
}

}  // namespace actors::test
