#include "actors/coroutine.hpp"

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "actors/error.hpp"
#include "actors/timeout.hpp"
#include "actors/when_all.hpp"
#include "catch.hpp"
#include "support/bodies.hpp"
#include "support/counted.hpp"
#include "support/local_strand.hpp"

namespace actors::test {

namespace {

coroutine<int> note_and_give(story* events, std::string name, int value) {
  events->push_back(name);
  co_return value;
}

coroutine<int> sum_of_two(story* events) {
  events->push_back("begin");
  auto first = note_and_give(events, "first", 20);
  auto second = note_and_give(events, "second", 22);
  events->push_back("made");
  const int right = co_await std::move(second);
  const int left = co_await std::move(first);
  events->push_back("end");
  co_return left + right;
}

coroutine<std::unique_ptr<int>> give_owned(int value) { co_return std::make_unique<int>(value); }

coroutine<int> open_owned() {
  const auto owned = co_await give_owned(7);
  co_return *owned;
}

coroutine<void> set(int* to) {
  *to = 1;
  co_return;
}

coroutine<int> number_of(counted object) { co_return object.number(); }

coroutine<std::size_t> alive_after_call(ledger* book) {
  counted argument(*book, 3);
  auto call = number_of(argument);
  const int number = co_await std::move(call);
  co_return book->alive() * 10 + static_cast<std::size_t>(number);
}

coroutine<int> pass_through(ledger* book, coroutine<int> work) {
  const counted local(*book);
  co_return 1 + co_await std::move(work);
}

coroutine<int> fail_with_number() {
  throw 42;
  co_return 0;
}

coroutine<std::string> words_of(coroutine<int> work) {
  try {
    co_await std::move(work);
  } catch (const std::exception& problem) {
    co_return problem.what();
  }
  co_return "nothing";
}

coroutine<int> catch_and_go_on(story* events) {
  auto failing = fail("first attempt");
  const auto problem = co_await words_of(std::move(failing));
  events->push_back(problem);
  co_return co_await give(5);
}

coroutine<int> fail_with(ledger* exceptions) {
  throw counted(*exceptions, 3);
  co_return 0;
}

coroutine<int> let_through(ledger* exceptions) { co_return co_await fail_with(exceptions); }

coroutine<int> catch_often(ledger* exceptions) {
  int sum = 0;
  for (int i = 0; i < 3; ++i) {
    try {
      co_await let_through(exceptions);
    } catch (const counted& raised) {
      sum += raised.number();
    }
    CHECK(std::current_exception() == nullptr);
    CHECK(exceptions->alive() == 0);
  }
  co_return sum;
}

}  // namespace

TEST_CASE("a coroutine does nothing until it is awaited", "[coroutine]") {
  story events;
  local_strand<int> strand(sum_of_two(&events));
  CHECK(events.empty());

  CHECK(strand.run());

  CHECK(strand.result() == 42);
  CHECK(events == story{"begin", "made", "second", "first", "end"});
}

TEST_CASE("a coroutine of nothing runs to its end", "[coroutine]") {
  int done = 0;
  local_strand<void> strand(set(&done));
  CHECK(done == 0);

  CHECK(strand.run());

  CHECK(done == 1);
  CHECK_NOTHROW(strand.result());
}

TEST_CASE("a coroutine gives values that can only be moved", "[coroutine]") {
  local_strand<int> strand(open_owned());
  strand.run();
  CHECK(strand.result() == 7);
}

TEST_CASE("an exception that went through coroutines is over when it is handled", "[coroutine]") {
  ledger exceptions;
  local_strand<int> strand(catch_often(&exceptions));
  CHECK(strand.run());
  CHECK(strand.result() == 9);
  CHECK(exceptions.mistakes() == 0);
}

TEST_CASE("nested calls take no turn", "[coroutine]") {
  story events;
  local_strand<int> strand(sum_of_two(&events));
  strand.run();
  CHECK(strand.turns() == 1);
}

TEST_CASE("a coroutine and its arguments are gone when the call is over", "[coroutine]") {
  ledger book;
  local_strand<std::size_t> strand(alive_after_call(&book));
  strand.run();
  CHECK(strand.result() == 13);
  CHECK(book.alive() == 0);
  CHECK(book.mistakes() == 0);
}

TEST_CASE("a coroutine that was never awaited frees its arguments", "[coroutine]") {
  ledger book;
  {
    const auto work = number_of(counted(book));
    CHECK(book.alive() == 1);
  }
  CHECK(book.alive() == 0);
  CHECK(book.mistakes() == 0);
}

TEST_CASE("a moved coroutine is the same work, and what was moved from is empty", "[coroutine]") {
  ledger book;
  auto work = number_of(counted(book, 9));
  auto moved = std::move(work);
  CHECK_FALSE(work);  // NOLINT(bugprone-use-after-move): that is the fact
  CHECK(moved);
  CHECK(book.alive() == 1);

  local_strand<int> strand(std::move(moved));
  strand.run();
  CHECK(strand.result() == 9);
}

TEST_CASE("a coroutine can be moved and not copied", "[coroutine]") {
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<coroutine<int>>);
  STATIC_REQUIRE(std::is_nothrow_move_assignable_v<coroutine<int>>);
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<coroutine<int>>);
  STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<coroutine<int>>);
}

namespace {

coroutine<int> await_twice(coroutine<int> work) {
  const int first = co_await std::move(work);
  // NOLINTNEXTLINE(bugprone-use-after-move): that is the mistake
  co_return first + co_await std::move(work);
}

coroutine<int> await_all_of(coroutine<int> work) {
  auto other = std::move(work);
  // NOLINTNEXTLINE(bugprone-use-after-move): that is the mistake
  const auto [left, right] = co_await when_all(std::move(other), std::move(work));
  co_return left + right;
}

coroutine<int> await_in_time(coroutine<int> work) {
  const auto other = std::move(work);
  // NOLINTNEXTLINE(bugprone-use-after-move): that is the mistake
  const auto value = co_await with_timeout(std::chrono::seconds(1), std::move(work));
  co_return value.value_or(0);
}

template <class Coroutine>
concept awaited_by_name = requires(Coroutine& work) { work.operator co_await(); };
template <class Coroutine>
concept awaited_when_moved = requires(Coroutine& work) { std::move(work).operator co_await(); };

}  // namespace

TEST_CASE("a coroutine that was awaited or moved from is a failure to await", "[coroutine]") {
  const error why{error_code::invalid_argument, "the coroutine was awaited or moved from before"};
  ledger book;
  for (const auto mistake : {await_twice, await_all_of, await_in_time}) {
    local_strand<int> strand(mistake(number_of(counted(book, 9))));
    CHECK(strand.run());
    try {
      strand.result();
      FAIL("no failure was raised");
    } catch (const failure& problem) {
      CHECK(problem.why() == why);
    }
  }
  CHECK(book.alive() == 0);
  CHECK(book.mistakes() == 0);
}

TEST_CASE("a coroutine that has a name is awaited with std::move", "[coroutine]") {
  STATIC_REQUIRE(awaited_when_moved<coroutine<int>>);
  STATIC_REQUIRE_FALSE(awaited_by_name<coroutine<int>>);
  STATIC_REQUIRE_FALSE(awaited_by_name<const coroutine<int>>);
}

namespace {

/// The context of an actor, as the runtime makes one.
struct context : detail::context_base {
  using context_base::context_base;
};

/// Room for one frame; counts how often it was asked.
struct one_room final : detail::spawn_request {
  ~one_room() { host = nullptr; }  // of which there is no reference to drop
  void* make_cell(std::size_t frame_bytes) override {
    ++asked;
    CHECK(frame_bytes <= room.size());
    host = &actor;
    return room.data();
  }
  bool holds(const void* place) const {
    return place >= room.data() && place < room.data() + room.size();
  }

  int asked = 0;
  local_strand<bool> actor;
  alignas(std::max_align_t) std::array<std::byte, 4096> room{};
};

coroutine<const void*> place_of_callee(context) {
  const int here = 0;
  const void* place = &here;
  co_return place;
}

coroutine<bool> look_around(context self, one_room* cell) {
  // Taken through a volatile pointer, so that the variable has to live in the frame.
  context* volatile mine = &self;
  const auto* callee = co_await place_of_callee(self);
  co_return cell->holds(mine) && !cell->holds(callee) && &mine->host() == &cell->actor;
}

coroutine<bool> look_around_as_constant(const context self, one_room* cell) {
  co_await yield();
  co_return &self.host() == &cell->actor;
}

}  // namespace

TEST_CASE("an actor's first coroutine lies in its cell, and what it calls does not",
          "[coroutine]") {
  one_room cell;
  cell.actor.start(look_around(context(cell), &cell));
  cell.actor.run();
  CHECK(cell.actor.result());
  CHECK(cell.asked == 1);
}

TEST_CASE("a body that takes its context as a constant learns where it runs", "[coroutine]") {
  one_room cell;
  cell.actor.start(look_around_as_constant(context(cell), &cell));
  cell.actor.run();
  CHECK(cell.actor.result());
}

// Errors.

TEST_CASE("an exception travels to the awaiter", "[coroutine]") {
  ledger book;
  auto inner = pass_through(&book, fail("broken"));
  local_strand<int> strand(pass_through(&book, std::move(inner)));
  CHECK(strand.run());
  CHECK(book.alive() == 0);
  CHECK_THROWS_WITH(strand.result(), "broken");
}

TEST_CASE("an exception that is no std::exception travels as it is", "[coroutine]") {
  ledger book;
  local_strand<int> strand(pass_through(&book, fail_with_number()));
  strand.run();
  CHECK_THROWS_AS(strand.result(), int);
}

TEST_CASE("work goes on after an exception was caught", "[coroutine]") {
  story events;
  local_strand<int> strand(catch_and_go_on(&events));
  strand.run();
  CHECK(strand.result() == 5);
  CHECK(events == story{"first attempt"});
}

TEST_CASE("what a coroutine waits for is freed with it", "[coroutine]") {
  ledger book;
  {
    auto inner = pass_through(&book, wait_for_ever());
    local_strand<int> strand(pass_through(&book, std::move(inner)));
    CHECK_FALSE(strand.run());
    CHECK(book.alive() == 2);
  }
  CHECK(book.alive() == 0);
  CHECK(book.mistakes() == 0);
}

}  // namespace actors::test
