#include "coroutine/next_here.hpp"

#include <utility>
#include <vector>

#include "actors/inbox.hpp"
#include "actors/timeout.hpp"
#include "actors/when_all.hpp"
#include "catch.hpp"
#include "support/bodies.hpp"
#include "support/counted.hpp"
#include "support/dice.hpp"
#include "support/local_strand.hpp"

using namespace std::chrono_literals;

// A strand that this thread runs next takes messages without its mailbox, which nobody may notice.

namespace actors::test {

namespace {

using admission = detail::strand::admission;
using numbers = std::vector<int>;

/// From the thread that runs it next. Of one that sleeps it is that only when it has woken it.
template <class T, class Message>
admission send_here(local_strand<T, Message>& to, Message message) {
  detail::next_here = to.is_asleep() ? nullptr : &to;
  const auto how = to.send(std::move(message));
  detail::next_here = nullptr;
  return how;
}

coroutine<void> note_all(inbox<int> mail, numbers* seen) {
  while (const auto message = co_await mail.next()) seen->push_back(*message);
}

/// Takes both, if they come.
coroutine<void> note_two(inbox<int> mail, numbers* seen) {
  for (int i = 0; i < 2; ++i) {
    if (const auto message = co_await mail.next()) seen->push_back(*message);
  }
}

coroutine<void> note_one(inbox<int> mail, numbers* seen) {
  seen->push_back(co_await receive(mail));
}

/// Two wait at the same time.
coroutine<void> note_by_two(inbox<int> mail, numbers* seen) {
  co_await when_all(note_one(mail, seen), note_one(mail, seen));
  co_await note_all(mail, seen);
}

/// Until there is nothing more to come, by waits that may give up what they were given.
coroutine<void> note_in_pieces(inbox<int> mail, numbers* seen) {
  for (bool may_come = true; may_come;) {
    may_come = !mail.is_closed();
    const auto message = co_await mail.next(1s);
    if (message) seen->push_back(*message);
    co_await with_timeout(1s, note_two(mail, seen));
    may_come = may_come || message;
  }
}

coroutine<void> stop_reading(inbox<int> mail, numbers* seen) {
  const auto why = co_await reason_of(receive(mail));
  CHECK(why == cancel_reason::requested);
  for (const int message : mail.drain()) seen->push_back(message);
}

coroutine<void> take_one(inbox<counted> mail) {
  const auto message = co_await mail.next();
  co_await until_cancelled();
}

/// A note that brings something else than a message.
struct other_note : detail::mailbox_node {
  explicit other_note(numbers* all) : seen(all) {
    act = [](mailbox_node& self, detail::mailbox* to) {
      if (to != nullptr) static_cast<other_note&>(self).seen->push_back(-1);
    };
  }
  numbers* seen;
};

}  // namespace

TEST_CASE("messages for the next strand come in order with those before and after", "[next_here]") {
  numbers seen;
  local_strand<void> strand;
  strand.start(note_all(strand.mail(), &seen));
  SECTION("before its first turn") {}
  SECTION("while it waits") { strand.run(); }
  SECTION("while it sleeps") {
    strand.run();
    CHECK(strand.sleep());
  }
  CHECK(send_here(strand, 1) == admission::taken);
  CHECK(send_here(strand, 2) == admission::taken);
  CHECK(strand.send(3) == admission::taken);
  CHECK(send_here(strand, 4) == admission::taken);
  CHECK(strand.send(5) == admission::taken);
  strand.run();
  CHECK(seen == numbers{1, 2, 3, 4, 5});
}

TEST_CASE("a strand that was woken gets what woke it first", "[next_here]") {
  numbers seen;
  other_note note(&seen);
  local_strand<void> strand;
  strand.start(note_all(strand.mail(), &seen));
  strand.run();
  CHECK(strand.sleep());
  SECTION("by a message") {
    strand.send(-1);
    CHECK(strand.wakes() == 1);
  }
  SECTION("by a note") {
    strand.push(note);
    CHECK(strand.wakes() == 1);
  }
  for (const int i : {1, 2}) send_here(strand, i);
  CHECK(seen.empty());  // what a note does may take the strand out of this thread's hands
  strand.run();
  CHECK(seen == numbers{-1, 1, 2});
}

TEST_CASE("messages for the next strand go to waits in the order in which these began",
          "[next_here]") {
  numbers seen;
  local_strand<void> strand;
  strand.start(note_by_two(strand.mail(), &seen));
  strand.run();
  CHECK(strand.sleep());
  for (const int i : {1, 2, 3, 4}) send_here(strand, i);
  strand.run();
  CHECK(seen == numbers{1, 2, 3, 4});
}

TEST_CASE("a stop that comes between messages for the next strand loses none of them",
          "[next_here]") {
  numbers seen;
  local_strand<void> strand;
  strand.start(stop_reading(strand.mail(), &seen));
  strand.run();
  CHECK(strand.sleep());
  send_here(strand, 1);
  strand.request_stop(cancel_reason::requested);
  send_here(strand, 2);
  CHECK(strand.run());
  CHECK(seen == numbers{1, 2});
}

TEST_CASE("the next strand's inbox is full and closed like any other", "[next_here]") {
  numbers seen;
  local_strand<void> strand(2);
  strand.start(note_all(strand.mail(), &seen));
  strand.run();
  CHECK(strand.sleep());
  for (const int i : {1, 2}) CHECK(send_here(strand, i) == admission::taken);
  CHECK(send_here(strand, 3) == admission::full);
  strand.run();
  CHECK(strand.unread() == 0);
  CHECK(send_here(strand, 5) == admission::taken);
  strand.close_input();
  CHECK(send_here(strand, 6) == admission::closed);
  CHECK(strand.run());
  CHECK(seen == numbers{1, 2, 5});
}

TEST_CASE("what the next strand does not read is freed with it", "[next_here]") {
  ledger book;
  {
    local_strand<void, counted> strand;
    strand.start(take_one(strand.mail()));
    strand.run();
    CHECK(strand.sleep());
    for (int i = 0; i < 3; ++i) send_here(strand, counted(book));
    SECTION("given to a wait that has not gone on") {}
    SECTION("behind one that was received") { strand.run(); }
    CHECK(book.alive() == 3);
  }
  CHECK(book.alive() == 0);
  CHECK(book.mistakes() == 0);
}

TEST_CASE("messages come in the order in which they were sent, by whatever way", "[next_here]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    dice roll(seed);
    numbers seen;
    numbers sent;
    local_strand<void> strand(roll.one_in(4) ? 5 : 0);
    strand.start(note_in_pieces(strand.mail(), &seen));
    const auto send = [&] {
      const int number = static_cast<int>(sent.size());
      const auto how = roll.one_in(3) ? strand.send(number) : send_here(strand, number);
      if (how == admission::taken) sent.push_back(number);
    };
    for (int step = 0; step < 100; ++step) {
      switch (roll.below(8)) {
        case 0: strand.run(); break;
        case 1: strand.run_once(static_cast<unsigned>(roll.below(4))); break;
        case 2: strand.advance(1s, 1 + static_cast<unsigned>(roll.below(3))); break;
        case 3:
          if (strand.run_once(10)) strand.sleep();
          break;
        default: send();
      }
    }
    strand.close_input();
    while (!strand.advance(1s)) {
    }
    CAPTURE(seed);
    REQUIRE(seen == sent);
  }
}

}  // namespace actors::test
