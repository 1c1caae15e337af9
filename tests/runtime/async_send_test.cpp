#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "actors/actor.hpp"
#include "actors/runtime.hpp"
#include "actors/sleep.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "actors/timeout.hpp"
#include "actors/when_all.hpp"
#include "catch.hpp"
#include "support/bodies.hpp"
#include "support/local_strand.hpp"
#include "support/tally.hpp"

using namespace std::chrono_literals;

// A send that is awaited: to a full inbox, to a receiver that cannot keep up, and to one that goes.

namespace actors::test {

namespace {

using testing::simulated_runtime;
using numbers = std::vector<int>;
using parcel = std::unique_ptr<int>;

coroutine<void> send_numbers(actor_context<int>, actor_ref<int> to, int first, int count,
                             story* events) {
  for (int i = first; i < first + count; ++i) {
    const bool sent = co_await to.async_send(i);
    events->push_back((sent ? "sent " : "kept ") + std::to_string(i));
  }
}

coroutine<void> send_parcel(actor_context<int>, actor_ref<parcel> to, int number, story* events) {
  parcel mine = std::make_unique<int>(number);
  bool sent = false;
  try {
    sent = co_await to.async_send(std::move(mine));
  } catch (const cancelled&) {
    events->push_back("cancelled");
  }
  const auto mark = std::to_string(number);
  events->push_back((sent ? "sent " : "not sent ") + mark + (mine ? ", still here" : ", gone"));
}

coroutine<void> send_parcel_in_time(actor_context<int>, actor_ref<parcel> to, int number,
                                    story* events) {
  parcel mine = std::make_unique<int>(number);
  const auto sent = co_await with_timeout(1s, to.async_send(std::move(mine)));
  const auto mark = std::to_string(number);
  events->push_back((sent ? "in time " : "too late ") + mark + (mine ? ", still here" : ", gone"));
}

/// Tells by its count whether anything was left behind.
using freight = std::shared_ptr<int>;

coroutine<void> send_freight(actor_context<int>, actor_ref<freight> to, freight cargo) {
  co_await to.async_send(cargo);
}

coroutine<void> read_when_told(actor_context<int> self, completion<>* told, story* events) {
  co_await told->wait();
  while (const auto message = co_await self.receive()) {
    events->push_back("got " + std::to_string(*message));
  }
}

template <class Message>
coroutine<void> sleep_only(actor_context<Message>, duration time) {
  co_await sleep_for(time);
}

constexpr int many = 10'000;

coroutine<void> talk_first(actor_context<int> self, actor_ref<int>* partner, numbers* got) {
  for (int i = 0; i < many; ++i) co_await partner->async_send(i);
  for (int i = 0; i < many; ++i) got->push_back((co_await self.receive()).value_or(-1));
}

coroutine<void> turn_round(actor_context<int>, int turns) {
  for (int i = 0; i < turns; ++i) co_await yield();
}

coroutine<void> talk_to_itself(actor_context<int> self, numbers* got) {
  const auto me = self.ref();
  for (int i = 0; i < many; ++i) co_await me.async_send(i);
  for (int i = 0; i < many; ++i) got->push_back((co_await self.receive()).value_or(-1));
}

coroutine<void> send_in_time(actor_context<int>, actor_ref<int> to, int number, story* events) {
  const auto sent = co_await with_timeout(1s, to.async_send(number));
  events->push_back(sent ? "in time" : "too late");
}

coroutine<void> send_two(actor_context<int>, actor_ref<int> to, int number, story* events) {
  const auto both = co_await when_all(to.async_send(number), to.async_send(number + 1));
  events->push_back(std::get<0>(both) && std::get<1>(both) ? "both" : "not both");
}

coroutine<int> add_up_all(inbox<int> mail) {
  int sum = 0;
  while (const auto message = co_await mail.next()) sum += *message;
  co_return sum;
}

coroutine<void> send_and_count(actor_ref<int> to, int turn, int* sent) {
  for (int i = 1; i <= many; ++i) {
    co_await to.async_send(i);
    ++*sent;
    if (i % turn == 0) co_await yield();
  }
}

coroutine<void> close_and_read(actor_context<int> self, completion<>* told, story* events) {
  co_await told->wait();
  self.inbox().close();
  while (const auto message = co_await self.receive()) {
    events->push_back("got " + std::to_string(*message));
  }
}

/// Looks now and then, and never rests.
coroutine<void> look_in_passing(actor_context<int> self, int looks, numbers* got) {
  for (int i = 0; i < looks; ++i) {
    if (const auto message = self.inbox().try_next()) got->push_back(*message);
    co_await yield();
  }
}

coroutine<void> press(actor_context<int>, actor_ref<int> to, int count) {
  for (int i = 0; i < count; ++i) {
    to.send(0);
    co_await yield();
  }
}

coroutine<void> send_one(actor_context<int>, actor_ref<int> to, int number) {
  co_await to.async_send(number);
}

/// A world with a receiver that reads when it is told.
struct street {
  explicit street(std::uint32_t capacity)
      : reader(world.spawn_bounded<int>(capacity, read_when_told, &told, &events)) {
    world.run();
  }
  void send(int first, int count) {
    world.spawn<int>(send_numbers, reader, first, count, &events);
    world.run();
  }
  void read() {
    told.get_completer().set_value();
    world.run();
  }
  story received() const {
    story got;
    for (const auto& event : events) {
      if (event.starts_with("got")) got.push_back(event);
    }
    return got;
  }

  story events;
  completion<> told;
  simulated_runtime world;
  actor_ref<int> reader;
};

}  // namespace

TEST_CASE("an awaited send goes on at once while there is room, and waits while there is none") {
  street at(2);
  at.send(1, 4);
  CHECK(at.events == story{"sent 1", "sent 2"});
  at.read();
  CHECK(at.events.size() == 8);
  CHECK(at.received() == story{"got 1", "got 2", "got 3", "got 4"});
}

TEST_CASE("those that wait for room get it in the order in which they came") {
  street at(1);
  for (const int first : {1, 11, 21, 31}) at.send(first, 1);
  CHECK(at.events == story{"sent 1"});
  at.read();
  CHECK(at.received() == story{"got 1", "got 11", "got 21", "got 31"});
}

TEST_CASE("a full inbox takes no more than its bound from those that wait") {
  street at(3);
  for (const int first : {1, 11, 21, 31, 41, 51}) at.send(first, 1);
  CHECK(at.events == story{"sent 1", "sent 11", "sent 21"});
  CHECK_FALSE(at.reader.send(7));
}

TEST_CASE("each 128th awaited send waits for the receiver's turn, however short the sender's are") {
  const int turn = GENERATE(1, 8, 100, many);
  int sent = 0;
  local_strand<void> receiver(nap(1h));
  receiver.run();
  receiver.add_ref();
  local_strand<void> sender(send_and_count(actor_ref<int>(&receiver), turn, &sent));
  for (int row = 1; row <= 3; ++row) {
    sender.run(256);
    CHECK(sent == row * 128 - 1);
    receiver.run();
  }
}

TEST_CASE("who awaits sends to a body that reads waits until it has read what came before") {
  int sent = 0;
  local_strand<int> receiver;
  receiver.start(add_up_all(receiver.mail()));
  receiver.add_ref();
  local_strand<void> sender(send_and_count(actor_ref<int>(&receiver), many, &sent));
  sender.run(256);
  receiver.run_once(100);
  sender.run(256);
  CHECK(sent == 127);
  receiver.run_once(100);
  sender.run(256);
  CHECK(sent == 255);
  sender.end();
  receiver.end();
}

TEST_CASE("an inbox holds no more than its bound, however short the turns of its senders") {
  const std::uint32_t capacity = GENERATE(1U, 2U, 5U);
  std::uint32_t most = 0;
  story events;
  simulated_runtime world(0, {.budget = 1});
  const auto asleep = world.spawn_bounded<int>(capacity, sleep_only<int>, duration(1h));
  for (int i = 0; i < 4; ++i) world.spawn<int>(send_numbers, asleep, i * 10, 5, &events);
  while (world.step()) most = std::max(most, asleep.strand()->unread());
  CHECK(most == capacity);
  CHECK(events.size() == capacity);
}

TEST_CASE("senders that wait get in although others send without waiting") {
  numbers got;
  simulated_runtime world;
  const auto reader = world.spawn_bounded<int>(64, look_in_passing, 1'000, &got);
  for (int i = 0; i < 20; ++i) world.spawn<int>(press, reader, 2'000);
  while (reader.strand()->unread() < 64) world.step();
  for (int i = 1; i <= 10; ++i) world.spawn<int>(send_one, reader, i);
  world.run();
  CHECK(std::count(got.begin(), got.end(), 0) < 1'000);
  CHECK(got.size() - static_cast<std::size_t>(std::count(got.begin(), got.end(), 0)) == 10);
}

TEST_CASE("without a bound, actors that send to each other before they read do not wait for ever") {
  numbers first;
  numbers second;
  actor_ref<int> to_first;
  actor_ref<int> to_second;
  simulated_runtime world;
  to_first = world.spawn<int>(talk_first, &to_second, &first);
  to_second = world.spawn<int>(talk_first, &to_first, &second);
  world.run();
  CHECK(first.size() == many);
  CHECK(second.size() == many);
  CHECK(std::is_sorted(first.begin(), first.end()));
}

TEST_CASE("without a bound nobody waits for a body that does something else") {
  story events;
  simulated_runtime world;
  SECTION("it sleeps") {
    world.spawn<int>(send_numbers, world.spawn<int>(sleep_only<int>, duration(1h)), 0, many,
                     &events);
  }
  SECTION("it takes turn after turn") {
    world.spawn<int>(send_numbers, world.spawn<int>(turn_round, 100 * many), 0, many, &events);
  }
  world.advance(1min);
  REQUIRE(events.size() == many);
  CHECK(events.back() == "sent 9999");
}

TEST_CASE("an actor that awaits sends to itself goes on, and finds all of them") {
  numbers got;
  simulated_runtime world;
  world.spawn<int>(talk_to_itself, &got);
  world.run();
  CHECK(got.size() == many);
  CHECK(std::is_sorted(got.begin(), got.end()));
}

TEST_CASE("a receiver that closes or ends refuses those that wait, and they keep their message") {
  story events;
  simulated_runtime world;
  const auto asleep = world.spawn_bounded<parcel>(1, sleep_only<parcel>, duration(1h));
  for (const int number : {1, 2, 3}) {
    world.spawn<int>(send_parcel, asleep, number, &events);
    world.run();
  }
  REQUIRE(events == story{"sent 1, gone"});
  SECTION("it closes its inbox") { asleep.close_inbox(); }
  SECTION("it is stopped") { asleep.stop(); }
  SECTION("it ends") { world.advance(2h); }
  world.run();
  std::sort(events.begin(), events.end());  // they go on in any order
  CHECK(events == story{"not sent 2, still here", "not sent 3, still here", "sent 1, gone"});
}

TEST_CASE("a body that closes its inbox and reads on is not given what waited") {
  story events;
  completion<> told;
  simulated_runtime world;
  const auto reader = world.spawn_bounded<int>(2, close_and_read, &told, &events);
  world.run();
  for (const int first : {1, 11, 21}) {
    world.spawn<int>(send_numbers, reader, first, 1, &events);
    world.run();
  }
  REQUIRE(events == story{"sent 1", "sent 11"});
  told.get_completer().set_value();
  world.run();
  CHECK(events == story{"sent 1", "sent 11", "got 1", "got 11", "kept 21"});
}

TEST_CASE("a receiver that has ended takes no awaited send") {
  story events;
  simulated_runtime world;
  const auto ended = world.spawn<parcel>(sleep_only<parcel>, duration(1s));
  world.run_until_quiet();
  world.spawn<int>(send_parcel, ended, 1, &events);
  world.run();
  CHECK(events == story{"not sent 1, still here"});
}

TEST_CASE("a send that is cancelled while it waits was not sent, and the message is still there") {
  story events;
  simulated_runtime world;
  const auto asleep = world.spawn_bounded<parcel>(1, sleep_only<parcel>, duration(1h));
  world.spawn<int>(send_parcel, asleep, 1, &events);
  world.run();
  const auto sender = world.spawn<int>(send_parcel, asleep, 2, &events);
  world.run();
  sender.stop();
  world.run();
  CHECK(events == story{"sent 1, gone", "cancelled", "not sent 2, still here"});
}

TEST_CASE("a message whose sender has given up does not come when there is room again") {
  street at(1);
  at.send(1, 1);
  const auto sender = at.world.spawn<int>(send_numbers, at.reader, 2, 1, &at.events);
  at.world.spawn<int>(send_in_time, at.reader, 3, &at.events);
  at.world.run();
  sender.stop();
  at.world.advance(2s);
  CHECK(at.events == story{"sent 1", "too late"});
  at.read();
  CHECK(at.events == story{"sent 1", "too late", "got 1"});
}

TEST_CASE("awaited sends can be branches of a combinator") {
  street at(1);
  at.world.spawn<int>(send_two, at.reader, 1, &at.events);
  at.world.run();
  CHECK(at.events.empty());
  at.read();
  CHECK(at.events == story{"got 1", "got 2", "both"});
}

TEST_CASE("a message that is moved into a branch which gives up is still there") {
  story events;
  simulated_runtime world;
  const auto asleep = world.spawn_bounded<parcel>(1, sleep_only<parcel>, duration(1h));
  world.spawn<int>(send_parcel, asleep, 1, &events);
  world.run();
  world.spawn<int>(send_parcel_in_time, asleep, 2, &events);
  world.advance(2s);
  CHECK(events == story{"sent 1, gone", "too late 2, still here"});
}

TEST_CASE("a world that ends while sends wait leaves nothing behind") {
  const auto cargo = std::make_shared<int>(0);
  {
    simulated_runtime world;
    const auto asleep = world.spawn_bounded<freight>(1, sleep_only<freight>, duration(1h));
    for (int i = 0; i < 10; ++i) world.spawn<int>(send_freight, asleep, cargo);
    world.run();
    CHECK(cargo.use_count() > 10);
  }
  CHECK(cargo.use_count() == 1);
}

namespace {

// --- On threads

struct crossing {
  std::atomic<std::int64_t> sent{0};
  std::atomic<std::int64_t> sum_sent{0};
  std::atomic<std::int64_t> got{0};
  std::atomic<std::int64_t> sum_got{0};
  tally senders_done;
  tally reader_done;
};

coroutine<void> send_or_give_up(actor_context<int>, actor_ref<int> to, int first, int count,
                                crossing* at) {
  for (int i = first; i < first + count; ++i) {
    bool sent = false;
    if (i % 3 == 0) {
      sent = to.send(i);
    } else if (i % 3 == 1) {
      const auto in_time =
          co_await with_timeout(std::chrono::microseconds(i % 50), to.async_send(i));
      // One that was too late may have been taken as the time ran out: it says so, or was not.
      sent = in_time.value_or(false);
    } else {
      sent = co_await to.async_send(i);
    }
    if (sent) {
      at->sent.fetch_add(1, std::memory_order_relaxed);
      at->sum_sent.fetch_add(i, std::memory_order_relaxed);
    }
  }
  at->senders_done.add();
}

coroutine<void> add_up(actor_context<int> self, crossing* at) {
  while (const auto message = co_await self.receive()) {
    at->got.fetch_add(1, std::memory_order_relaxed);
    at->sum_got.fetch_add(*message, std::memory_order_relaxed);
    if (*message % 64 == 0) co_await sleep_for(std::chrono::microseconds(1));
  }
  at->reader_done.add();
}

}  // namespace

TEST_CASE("on threads, what was sent arrives once, and what was given up does not") {
  const std::uint32_t capacity = GENERATE(0U, 1U, 4U);
  constexpr int senders = 8;
  constexpr int each = 3'000;
  crossing at;
  runtime world({.workers = 4});
  const auto reader = capacity == 0 ? world.spawn<int>(add_up, &at)
                                    : world.spawn_bounded<int>(capacity, add_up, &at);
  for (int i = 0; i < senders; ++i) {
    world.spawn<int>(send_or_give_up, reader, i * each, each, &at);
  }
  REQUIRE(at.senders_done.reaches(senders));
  reader.close_inbox();
  REQUIRE(at.reader_done.reaches(1));
  CHECK(at.got.load() == at.sent.load());
  CHECK(at.sum_got.load() == at.sum_sent.load());
}

}  // namespace actors::test
