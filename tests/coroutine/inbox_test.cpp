#include "actors/inbox.hpp"

#include <atomic>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "actors/timeout.hpp"
#include "actors/when_all.hpp"
#include "actors/when_any.hpp"
#include "catch.hpp"
#include "support/bodies.hpp"
#include "support/counted.hpp"
#include "support/local_strand.hpp"

using namespace std::chrono_literals;

namespace actors::test {

namespace {

using admission = detail::strand::admission;
using numbers = std::vector<int>;

coroutine<numbers> collect(inbox<int> mail) {
  numbers all;
  while (auto message = co_await mail.next()) all.push_back(*message);
  co_return all;
}

coroutine<int> receive_within(inbox<int> mail, duration patience) {
  const auto message = co_await mail.next(patience);
  co_return message.value_or(-1);
}

coroutine<numbers> look_in_passing(inbox<int> mail) {
  numbers seen;
  seen.push_back(mail.try_next().value_or(-1));
  seen.push_back(mail.try_next().value_or(-1));
  for (const int message : mail.drain()) seen.push_back(message * 10);
  seen.push_back(mail.try_next().value_or(-1));
  co_return seen;
}

coroutine<void> receive_and_note(story* events, std::string name, inbox<int> mail) {
  const int message = co_await receive(mail);
  events->push_back(name + " got " + std::to_string(message));
}

coroutine<void> three_receivers(story* events, inbox<int> mail) {
  co_await when_all(receive_and_note(events, "first", mail),
                    receive_and_note(events, "second", mail),
                    receive_and_note(events, "third", mail));
}

coroutine<void> give_up_and_drain(inbox<int> mail, numbers* left) {
  const auto why = co_await reason_of(receive(mail));
  CHECK(why == cancel_reason::requested);
  *left = mail.drain();
}

coroutine<void> two_at_once(inbox<int> mail) { co_await when_all(receive(mail), receive(mail)); }

// Two waits give up together; what they were given is still there, in order.
coroutine<numbers> two_give_up(inbox<int> mail) {
  const bool in_time = co_await with_timeout(1s, two_at_once(mail));
  CHECK_FALSE(in_time);
  numbers rest;
  for (int i = 0; i < 3; ++i) rest.push_back(co_await receive(mail));
  co_return rest;
}

coroutine<void> receive_in_time(inbox<int> mail, duration limit) {
  co_await with_timeout(limit, receive(mail));
}

// The wait that began last gives up first.
coroutine<numbers> give_up_backwards(inbox<int> mail) {
  co_await when_all(receive_in_time(mail, 2s), receive_in_time(mail, 1s));
  numbers rest;
  for (int i = 0; i < 3; ++i) rest.push_back(co_await receive(mail));
  co_return rest;
}

coroutine<void> timed_receiver(story* events, inbox<int> mail) {
  const auto message = co_await with_timeout(1s, receive(mail));
  events->push_back(message ? "timed got " + std::to_string(*message) : "timed gave up");
}

coroutine<void> one_gives_up(story* events, inbox<int> mail) {
  co_await when_all(timed_receiver(events, mail), receive_and_note(events, "patient", mail));
}

/// The note by which a runtime tells a strand that time has passed.
struct clock_note : detail::mailbox_node {
  explicit clock_note(local_strand<int>& whose) : host(&whose) {
    act = [](mailbox_node& self, detail::mailbox*) {
      static_cast<clock_note&>(self).host->move_clock(1s);
    };
  }
  local_strand<int>* host;
};

coroutine<int> receive_as_note_comes(inbox<int> mail, clock_note* note) {
  note->host->push(*note);
  co_return co_await receive(mail);
}

coroutine<int> time_out_as_wait_begins(inbox<int> mail, clock_note* note) {
  const auto message = co_await with_timeout(1s, receive_as_note_comes(mail, note));
  co_return message.value_or(-1);
}

coroutine<int> close_and_read(inbox<int> mail) {
  mail.close();
  CHECK(mail.is_closed());
  const auto all = co_await collect(mail);
  co_return std::accumulate(all.begin(), all.end(), 0);
}

coroutine<int> wait_and_be_closed(inbox<int> mail) {
  const auto both = co_await when_all(receive(mail), receive(mail));
  co_return std::get<0>(both) + std::get<1>(both);
}

coroutine<void> hold_one(inbox<counted> mail) {
  const auto message = co_await mail.next();
  co_await until_cancelled();
}

}  // namespace

TEST_CASE("messages come in the order in which they were sent", "[inbox]") {
  local_strand<numbers> strand;
  strand.start(collect(strand.mail()));
  for (const int i : {1, 2, 3}) CHECK(strand.send(i) == admission::taken);
  strand.run();
  for (const int i : {4, 5}) strand.send(i);
  strand.close_input();
  CHECK(strand.run());
  CHECK(strand.result() == numbers{1, 2, 3, 4, 5});
}

TEST_CASE("a wait ends when a message comes and not before", "[inbox]") {
  local_strand<int> strand;
  strand.start(receive(strand.mail()));
  CHECK_FALSE(strand.run());
  CHECK(std::string(strand.awaiting()) == "inbox");

  strand.send(8);

  CHECK(strand.run());
  CHECK(strand.result() == 8);
}

TEST_CASE("a message sent before the first step is not lost", "[inbox]") {
  local_strand<int> strand;
  strand.start(receive(strand.mail()));
  strand.send(8);
  CHECK(strand.run());
  CHECK(strand.result() == 8);
}

TEST_CASE("a timed wait is empty when its time has passed and not before", "[inbox]") {
  local_strand<int> strand;
  strand.start(receive_within(strand.mail(), 2s));
  CHECK_FALSE(strand.run());
  CHECK_FALSE(strand.advance(1999ms));
  CHECK(strand.advance(1ms));
  CHECK(strand.result() == -1);
}

TEST_CASE("a timed wait gives the message that came in time", "[inbox]") {
  local_strand<int> strand;
  strand.start(receive_within(strand.mail(), 2s));
  strand.run();
  strand.send(4);
  CHECK(strand.run());
  CHECK(strand.result() == 4);
  CHECK_FALSE(strand.has_timers());
}

TEST_CASE("a message that comes together with the time-out is received", "[inbox]") {
  local_strand<int> strand;
  strand.start(receive_within(strand.mail(), 2s));
  strand.run();
  strand.send(4);
  strand.run_once(0);  // takes the mail, runs nothing
  strand.move_clock(2s);
  CHECK(strand.run());
  CHECK(strand.result() == 4);
}

TEST_CASE("a wait without patience looks and goes on", "[inbox]") {
  local_strand<int> strand;
  strand.start(receive_within(strand.mail(), 0s));
  strand.run();
  CHECK(strand.advance(0s));
  CHECK(strand.result() == -1);
}

TEST_CASE("try_next and drain take what is there without waiting", "[inbox][B27]") {
  local_strand<numbers> strand;
  strand.start(look_in_passing(strand.mail()));
  for (const int i : {1, 2, 3, 4}) strand.send(i);
  CHECK(strand.run());
  CHECK(strand.result() == numbers{1, 2, 30, 40, -1});
}

TEST_CASE("messages go to waits in the order in which these began", "[inbox]") {
  story events;
  local_strand<void> strand;
  strand.start(three_receivers(&events, strand.mail()));
  strand.run();
  for (const int i : {1, 2}) strand.send(i);
  CHECK_FALSE(strand.run());
  strand.send(3);
  CHECK(strand.run());
  CHECK(events == story{"first got 1", "second got 2", "third got 3"});
}

TEST_CASE("the message that wakes a strand is for the wait that began first", "[inbox]") {
  story events;
  local_strand<void> strand;
  strand.start(three_receivers(&events, strand.mail()));
  strand.run();
  REQUIRE(strand.sleep());
  for (const int i : {1, 2, 3}) strand.send(i);
  CHECK(strand.wakes() == 1);
  CHECK(strand.run());
  CHECK(events == story{"first got 1", "second got 2", "third got 3"});
}

TEST_CASE("the message that wakes a strand gives its place back when it is received", "[inbox]") {
  local_strand<numbers> strand(1);
  strand.start(collect(strand.mail()));
  strand.run();
  for (int i = 0; i < 3; ++i) {
    REQUIRE(strand.sleep());
    CHECK(strand.send(i) == admission::taken);
    CHECK(strand.send(10 + i) == admission::full);
    strand.run();
  }
  CHECK(strand.unread() == 0);
  strand.close_input();
  CHECK(strand.run());
  CHECK(strand.result() == numbers{0, 1, 2});
}

TEST_CASE("an abandoned body does not hear of the message that woke it", "[inbox]") {
  story events;
  local_strand<void> strand;
  strand.start(receive_and_note(&events, "nobody", strand.mail()));
  strand.run();
  REQUIRE(strand.sleep());
  strand.send(1);
  strand.request_abandon();
  CHECK(strand.run());
  CHECK(events.empty());
}

TEST_CASE("a receiver with endless messages lets others have their turn", "[inbox]") {
  local_strand<numbers> strand;
  strand.start(collect(strand.mail()));
  for (int i = 0; i < 100; ++i) strand.send(i);
  strand.close_input();
  int turns = 1;
  while (!strand.run_once(10)) ++turns;
  CHECK(turns >= 10);
  CHECK(strand.result().size() == 100);
}

TEST_CASE("a closed inbox is read to its end", "[inbox]") {
  local_strand<int> strand;
  strand.start(close_and_read(strand.mail()));
  for (const int i : {1, 2, 3}) strand.send(i);
  CHECK(strand.run());
  CHECK(strand.result() == 6);
}

TEST_CASE("a message sent before the close is received, also when both come during the wait",
          "[inbox]") {
  constexpr int rounds = 2'000;
  std::atomic<local_strand<int>*> target{nullptr};
  std::atomic<bool> done{false};
  std::thread sender([&] {
    for (int i = 0; i < rounds;) {
      auto* strand = target.exchange(nullptr, std::memory_order_acq_rel);
      if (strand == nullptr) {
        std::this_thread::yield();
        continue;
      }
      strand->send(1);
      strand->close_input();
      done.store(true, std::memory_order_release);
      ++i;
    }
  });
  int received = 0;
  for (int i = 0; i < rounds; ++i) {
    local_strand<int> strand;
    strand.start(receive(strand.mail()));
    target.store(&strand, std::memory_order_release);
    while (!strand.run()) {
    }
    if (strand.result() == 1) ++received;
    while (!done.exchange(false, std::memory_order_acq_rel)) std::this_thread::yield();
  }
  sender.join();
  CHECK(received == rounds);
}

// Errors.

TEST_CASE("a full inbox refuses messages until one was received", "[inbox]") {
  local_strand<int> strand(2);
  strand.start(receive(strand.mail()));
  CHECK(strand.send(1) == admission::taken);
  CHECK(strand.send(2) == admission::taken);
  CHECK(strand.send(3) == admission::full);

  CHECK(strand.run());

  CHECK(strand.send(4) == admission::taken);
  CHECK(strand.send(5) == admission::full);
}

TEST_CASE("a stop always fits into a full inbox", "[inbox]") {
  local_strand<cancel_reason> strand(1);
  strand.start(reason_of(wait_for_ever()));
  strand.run();
  strand.send(1);
  CHECK(strand.send(2) == admission::full);
  CHECK(strand.request_stop(cancel_reason::requested));
  CHECK(strand.run());
  CHECK(strand.result() == cancel_reason::requested);
}

TEST_CASE("a closed inbox refuses messages", "[inbox][B27]") {
  local_strand<int> strand;
  strand.start(receive(strand.mail()));
  strand.run();
  CHECK_FALSE(strand.mail().is_closed());
  strand.close_input();
  CHECK(strand.send(1) == admission::closed);
  CHECK(strand.run());
  CHECK(strand.result() == -1);
}

TEST_CASE("closing ends every wait", "[inbox]") {
  local_strand<int> strand;
  strand.start(wait_and_be_closed(strand.mail()));
  strand.run();
  strand.close_input();
  strand.close_input();
  CHECK(strand.run());
  CHECK(strand.result() == -2);
}

TEST_CASE("a strand that has ended refuses messages", "[inbox]") {
  local_strand<int> strand(give(1));
  strand.run();
  strand.end();
  CHECK(strand.send(1) == admission::closed);
}

TEST_CASE("a cancelled wait leaves the messages where they are", "[inbox]") {
  numbers left;
  local_strand<void> strand;
  strand.start(give_up_and_drain(strand.mail(), &left));
  strand.run();
  // The first message is given to the wait before the stop is seen; it must come back.
  for (const int i : {1, 2}) strand.send(i);
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK_NOTHROW(strand.result());
  CHECK(left == numbers{1, 2});
}

TEST_CASE("a message that wakes a strand which is told to stop then is not lost", "[inbox]") {
  numbers left;
  local_strand<void> strand;
  strand.start(give_up_and_drain(strand.mail(), &left));
  strand.run();
  REQUIRE(strand.sleep());
  for (const int i : {1, 2}) strand.send(i);
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK_NOTHROW(strand.result());
  CHECK(left == numbers{1, 2});
}

TEST_CASE("a cancel that comes just as the wait begins is not missed", "[inbox]") {
  local_strand<int> strand;
  clock_note note(strand);
  strand.start(time_out_as_wait_begins(strand.mail(), &note));
  CHECK(strand.run());
  CHECK(strand.result() == -1);
}

TEST_CASE("a message given to a wait that is then cancelled goes to the next wait", "[inbox]") {
  story events;
  local_strand<void> strand;
  strand.start(one_gives_up(&events, strand.mail()));
  strand.run();
  strand.send(1);
  strand.run_once(0);  // gives it to the wait that came first
  CHECK(events.empty());
  CHECK(strand.advance(1s));
  CHECK(events == story{"timed gave up", "patient got 1"});
}

TEST_CASE("a message that comes after a wait was cancelled goes to the next wait", "[inbox]") {
  story events;
  local_strand<void> strand;
  strand.start(one_gives_up(&events, strand.mail()));
  strand.run();
  strand.move_clock(1s);  // the first wait is cancelled, but has not run yet
  strand.send(1);
  CHECK(strand.run());
  CHECK(events == story{"timed gave up", "patient got 1"});
}

TEST_CASE("messages of waits that are cancelled together keep their order", "[inbox]") {
  local_strand<numbers> strand;
  strand.start(two_give_up(strand.mail()));
  strand.run();
  for (const int i : {1, 2, 3}) strand.send(i);
  strand.run_once(0);
  CHECK(strand.advance(1s));
  CHECK(strand.result() == numbers{1, 2, 3});
}

TEST_CASE("messages to waits that were cancelled in another order keep their order", "[inbox]") {
  local_strand<numbers> strand;
  strand.start(give_up_backwards(strand.mail()));
  strand.run();
  strand.move_clock(2s);
  for (const int i : {1, 2, 3}) strand.send(i);
  CHECK(strand.run());
  CHECK(strand.result() == numbers{1, 2, 3});
}

TEST_CASE("messages that nobody reads are freed with the strand", "[inbox]") {
  ledger book;
  {
    local_strand<void, counted> strand;
    strand.start(hold_one(strand.mail()));
    strand.run();
    for (int i = 0; i < 3; ++i) strand.send(counted(book));
    SECTION("in the mailbox") {}
    SECTION("given to a wait that has not gone on") { strand.run_once(0); }
    SECTION("behind one that was received") { strand.run(); }
    CHECK(book.alive() == 3);
  }
  CHECK(book.alive() == 0);
  CHECK(book.mistakes() == 0);
}

TEST_CASE("a refused message is freed by its sender", "[inbox]") {
  ledger book;
  local_strand<void, counted> strand(1);
  strand.start(hold_one(strand.mail()));
  CHECK(strand.send(counted(book)) == admission::taken);
  CHECK(strand.send(counted(book)) == admission::full);
  strand.end();
  CHECK(strand.send(counted(book)) == admission::closed);
  CHECK(book.alive() == 0);
  CHECK(book.mistakes() == 0);
}

}  // namespace actors::test
