#include "actors/when_all.hpp"

#include <memory>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

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

coroutine<std::string> mixed() {
  auto [number, words, nothing] =
      co_await when_all(give_after(2s, 4), say_after(1s, "four"), nap(3s));
  static_assert(std::is_same_v<decltype(nothing), std::monostate>);
  co_return words + " is " + std::to_string(number);
}

coroutine<int> just_one() {
  const auto [number] = co_await when_all(give(6));
  co_return number;
}

coroutine<std::unique_ptr<int>> give_owned(int value) { co_return std::make_unique<int>(value); }

coroutine<int> all_owned() {
  const auto [left, right] = co_await when_all(give_owned(1), give_owned(2));
  co_return *left * 10 + *right;
}

// Later ones end first.
coroutine<numbers> a_list(int count) {
  std::vector<coroutine<int>> work;
  for (int i = 0; i < count; ++i) work.push_back(give_after((count - i) * 1s, i));
  co_return co_await when_all(std::move(work));
}

coroutine<std::size_t> a_list_of_nothing(int count) {
  std::vector<coroutine<void>> work;
  for (int i = 0; i < count; ++i) work.push_back(nap(1s));
  const auto all = co_await when_all(std::move(work));
  co_return all.size();
}

coroutine<int> sum_of_tree(int depth) {
  if (depth == 0) co_return 1;
  const auto [left, right] = co_await when_all(sum_of_tree(depth - 1), sum_of_tree(depth - 1));
  co_return left + right;
}

coroutine<int> note_cancel(story* events, std::string name, coroutine<int> work) {
  try {
    co_return co_await std::move(work);
  } catch (const cancelled& why) {
    events->push_back(name + ": " + std::string(to_string(why.reason())));
    throw;
  }
}

coroutine<void> one_fails(story* events) {
  co_await when_all(note_cancel(events, "first", give_after(5s, 1)),
                    fail_after(1s, "second failed"),
                    note_cancel(events, "third", give_after(5s, 1)));
}

coroutine<void> one_of_list_fails(story* events) {
  std::vector<coroutine<int>> work;
  work.push_back(note_cancel(events, "first", give_after(5s, 1)));
  work.push_back(fail_after(1s, "second failed"));
  co_await when_all(std::move(work));
}

coroutine<int> fail_on_cancel(duration cleaning) {
  co_await reason_of(nap(1h));
  co_await shield(1h, nap(cleaning));
  throw std::runtime_error("failed later");
}

coroutine<void> two_fail() {
  co_await when_all(fail_on_cancel(2s), fail_after(1s, "failed first"));
}

coroutine<int> succeed_on_cancel(int value) {
  co_await reason_of(nap(1h));
  co_return value;
}

coroutine<int> all_succeed_on_cancel() {
  const auto [left, right] = co_await when_all(succeed_on_cancel(1), succeed_on_cancel(2));
  co_return left + right;
}

coroutine<void> both_noted(story* events) {
  co_await when_all(note_cancel(events, "first", give_after(5s, 1)),
                    note_cancel(events, "second", give_after(5s, 1)));
}

coroutine<int> keep(counted, coroutine<int> work) { co_return co_await std::move(work); }

coroutine<int> keep_two(ledger* book) {
  auto quick = keep(counted(*book), give(1));
  auto slow = keep(counted(*book), give_after(1h, 2));
  const auto [left, right] = co_await when_all(std::move(quick), std::move(slow));
  co_return left + right;
}

}  // namespace

TEST_CASE("when_all gives every value once the last has come", "[when_all]") {
  local_strand<std::string> strand(mixed());
  CHECK_FALSE(strand.run());
  CHECK_FALSE(strand.advance(2s));
  CHECK(strand.advance(1s));
  CHECK(strand.result() == "four is 4");
}

TEST_CASE("when_all takes one coroutine too", "[when_all]") {
  local_strand<int> strand(just_one());
  CHECK(strand.run());
  CHECK(strand.result() == 6);
}

TEST_CASE("when_all gives values that can only be moved", "[when_all]") {
  local_strand<int> strand(all_owned());
  CHECK(strand.run());
  CHECK(strand.result() == 12);
}

TEST_CASE("when_all of a list gives the values in the order of the list", "[when_all]") {
  local_strand<numbers> strand(a_list(4));
  strand.run();
  CHECK_FALSE(strand.advance(3s));
  CHECK(strand.advance(1s));
  CHECK(strand.result() == numbers{0, 1, 2, 3});
}

TEST_CASE("when_all of an empty list gives an empty list at once", "[when_all]") {
  local_strand<numbers> strand(a_list(0));
  CHECK(strand.run());
  CHECK(strand.result().empty());
}

TEST_CASE("when_all of a list of work without values tells how many", "[when_all]") {
  local_strand<std::size_t> strand(a_list_of_nothing(100));
  strand.run();
  CHECK(strand.advance(1s));
  CHECK(strand.result() == 100);
}

TEST_CASE("when_all nests", "[when_all]") {
  local_strand<int> strand(sum_of_tree(12));
  CHECK(strand.run());
  CHECK(strand.result() == 4096);
}

TEST_CASE("what succeeds after a cancel counts in when_all", "[when_all]") {
  local_strand<int> strand(all_succeed_on_cancel());
  strand.run();
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK(strand.result() == 3);
}

// Errors.

TEST_CASE("when one fails the others are cancelled and the failure is raised", "[when_all]") {
  story events;
  local_strand<void> strand(one_fails(&events));
  strand.run();
  CHECK(events.empty());
  CHECK(strand.advance(1s));
  CHECK(events == story{"first: sibling", "third: sibling"});
  CHECK_THROWS_WITH(strand.result(), "second failed");
}

TEST_CASE("when one of a list fails the others are cancelled", "[when_all]") {
  story events;
  local_strand<void> strand(one_of_list_fails(&events));
  strand.run();
  CHECK(strand.advance(1s));
  CHECK(events == story{"first: sibling"});
  CHECK_THROWS_WITH(strand.result(), "second failed");
}

TEST_CASE("the first failure is raised once all have ended", "[when_all]") {
  local_strand<void> strand(two_fail());
  strand.run();
  CHECK_FALSE(strand.advance(1s));
  CHECK_FALSE(strand.advance(1s));
  CHECK(strand.advance(1s));
  CHECK_THROWS_WITH(strand.result(), "failed first");
}

TEST_CASE("a cancel from outside reaches all of when_all", "[when_all]") {
  story events;
  local_strand<void> strand(both_noted(&events));
  strand.run();
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK(events == story{"first: requested", "second: requested"});
  CHECK_THROWS_AS(strand.result(), cancelled);
}

TEST_CASE("when_all frees its work, awaited or not", "[when_all]") {
  ledger book;
  SECTION("never begun") {
    auto work = keep(counted(book), give(1));
    const auto both = when_all(std::move(work), give(2));
    CHECK(book.alive() == 1);
  }
  SECTION("one ended and one waiting") {
    local_strand<int> strand(keep_two(&book));
    CHECK_FALSE(strand.run());
  }
  CHECK(book.alive() == 0);
  CHECK(book.mistakes() == 0);
}

}  // namespace actors::test
