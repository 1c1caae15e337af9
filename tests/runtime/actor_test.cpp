#include "actors/actor.hpp"

#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "actors/runtime.hpp"
#include "actors/sleep.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/tally.hpp"

using namespace std::chrono_literals;

namespace actors::test {

namespace {

using testing::simulated_runtime;
using numbers = std::vector<int>;

coroutine<void> collect(actor_context<int> self, numbers* got) {
  while (const auto message = co_await self.receive()) got->push_back(*message);
  got->push_back(-1);
}

coroutine<void> collect_two(actor_context<int> self, numbers* got) {
  for (int i = 0; i < 2; ++i) got->push_back((co_await self.receive()).value_or(-1));
}

/// Lives in the frame of a body, and is told about by whoever holds a weak pointer to it.
using life = std::shared_ptr<int>;

coroutine<void> wait_for_mail(actor_context<int> self, life kept) {
  while (const auto message = co_await self.receive()) {
  }
  *kept = 1;
}

coroutine<void> nap(actor_context<int>, duration time, life kept) {
  co_await sleep_for(time);
  *kept = 1;
}

coroutine<void> forward(actor_context<int> self, actor_ref<int> to) {
  while (const auto message = co_await self.receive()) to.send(*message + 1);
}

coroutine<void> head_of_chain(actor_context<int> self, numbers* got) {
  const auto last = self.spawn<int>(collect, got);
  const auto middle = self.spawn<int>(forward, last);
  while (const auto message = co_await self.receive()) middle.send(*message);
}

coroutine<void> count_down(actor_context<int> self, numbers* got) {
  const auto me = self.ref();
  me.send(3);
  while (const auto message = co_await self.receive()) {
    got->push_back(*message);
    if (*message == 0) co_return;
    me.send(*message - 1);
  }
}

struct question {
  int number;
  completer<int> answer;
};

coroutine<void> doubler(actor_context<question> self) {
  while (const auto asked = co_await self.receive()) asked->answer.set_value(asked->number * 2);
}

coroutine<void> collector_of_questions(actor_context<question> self, bool keep) {
  std::vector<question> kept;
  while (auto asked = co_await self.receive()) {
    if (keep) kept.push_back(std::move(*asked));
  }
}

coroutine<void> ignore_mail(actor_context<question>) { co_await until_cancelled(); }

question ask_about_21(completer<int> answer) { return {21, std::move(answer)}; }

coroutine<void> asker(actor_context<int> self, actor_ref<question> whom,
                      std::vector<std::string>* heard) {
  const auto began = self.now();
  const auto answer = co_await ask<int>(whom, ask_about_21, 2s);
  const auto took = self.now() - began;
  heard->push_back(answer ? std::to_string(*answer) : std::string(to_string(answer.error().code)));
  heard->push_back(std::to_string(took / 1s) + "s");
}

std::vector<std::string> ask_in(simulated_runtime& world, const actor_ref<question>& whom) {
  std::vector<std::string> heard;
  world.spawn<int>(asker, whom, &heard);
  world.run_until_quiet();
  return heard;
}

coroutine<void> raise(actor_context<int>, bool standard) {
  if (standard) throw std::runtime_error("out of ideas");
  throw 7;
  co_return;
}

coroutine<void> note_stop(actor_context<int> self, std::string* why) {
  try {
    co_await self.receive();
  } catch (const cancelled& stop) {
    *why = std::string(to_string(stop.reason()));
    if (self.is_cancelled()) *why += ", and knows it";
    throw;
  }
}

coroutine<void> take_unique(actor_context<std::unique_ptr<int>> self, numbers* got) {
  while (const auto message = co_await self.receive()) got->push_back(**message);
}

/// An argument that cannot be moved more than so often.
struct fragile {
  explicit fragile(int moves) : moves_left(moves) {}
  fragile(fragile&& other) : moves_left(other.moves_left - 1), kept(other.kept) {
    if (moves_left < 0) throw std::runtime_error("broken on the way");
  }
  fragile(const fragile& other) : moves_left(other.moves_left), kept(other.kept) {}
  int moves_left;
  life kept = std::make_shared<int>(0);
};

coroutine<void> hold(actor_context<int>, fragile value, bool* began) {
  *began = value.moves_left >= 0;
  co_return;
}

/// The body's frame stands behind the cell in one block: at an address that the compiler may have
/// relied on.
coroutine<void> find_misaligned(actor_context<int>, std::size_t* found) {
  std::max_align_t widest{};
  auto* volatile address = &widest;
  const auto misaligned = reinterpret_cast<std::uintptr_t>(address) % alignof(std::max_align_t);
  co_await sleep_for(0s);
  *found += misaligned;
  *found += reinterpret_cast<std::uintptr_t>(address) % alignof(std::max_align_t);
}

}  // namespace

TEST_CASE("an actor that waits, and that nobody refers to, does not wait for its runtime's end",
          "[actor]") {
  std::promise<void> gone;
  runtime home({.workers = 2});
  life kept(new int(0), [&gone](const int* memory) {
    delete memory;
    gone.set_value();
  });
  auto only = home.spawn<int>(wait_for_mail, std::move(kept));
  only.send(1);
  only = {};
  CHECK(gone.get_future().wait_for(30s) == std::future_status::ready);
}

TEST_CASE("a chain of a hundred thousand actors goes without a deep stack", "[actor]") {
  simulated_runtime sim;
  auto last = sim.spawn<int>(forward, actor_ref<int>());
  for (int i = 0; i < 100'000; ++i) last = sim.spawn<int>(forward, std::move(last));
  sim.run();
  last = {};
  CHECK(sim.shutdown(0s).is_clean());
}

TEST_CASE("the variables of a body are aligned", "[actor]") {
  std::size_t misaligned = 0;
  simulated_runtime sim;
  sim.spawn<int>(find_misaligned, &misaligned);
  sim.run();
  CHECK(misaligned == 0);
}

TEST_CASE("an actor receives what was sent to it, in order, also from before its first step",
          "[actor]") {
  simulated_runtime world;
  numbers got;
  const auto actor = world.spawn<int>(collect, &got);
  for (int i = 1; i <= 3; ++i) CHECK(actor.send(i));
  CHECK(got.empty());
  world.run();
  actor.send(4);
  world.run();
  CHECK(got == numbers{1, 2, 3, 4});
}

TEST_CASE("an actor whose inbox is closed reads what is left and ends", "[actor]") {
  simulated_runtime world;
  numbers got;
  const auto actor = world.spawn<int>(collect, &got);
  actor.send(1);
  actor.close_inbox();
  CHECK_FALSE(actor.send(2));
  world.run();
  CHECK(got == numbers{1, -1});
}

TEST_CASE("an actor starts others and talks to them", "[actor]") {
  simulated_runtime world;
  numbers got;
  const auto head = world.spawn<int>(head_of_chain, &got);
  head.send(1);
  head.send(2);
  world.run();
  CHECK(got == numbers{2, 3});
}

TEST_CASE("an actor sends to itself", "[actor]") {
  simulated_runtime world;
  numbers got;
  world.spawn<int>(count_down, &got);
  world.run();
  CHECK(got == numbers{3, 2, 1, 0});
}

TEST_CASE("a message that can only be moved arrives", "[actor]") {
  simulated_runtime world;
  numbers got;
  const auto actor = world.spawn<std::unique_ptr<int>>(take_unique, &got);
  CHECK(actor.send(std::make_unique<int>(5)));
  world.run();
  CHECK(got == numbers{5});
}

TEST_CASE("whoever asks gets the answer", "[actor][ask]") {
  simulated_runtime world;
  const auto whom = world.spawn<question>(doubler);
  CHECK(ask_in(world, whom) == std::vector<std::string>{"42", "0s"});
}

TEST_CASE("an actor nobody refers to is destroyed while it waits for mail", "[actor]") {
  simulated_runtime world;
  auto kept = std::make_shared<int>(0);
  const std::weak_ptr<int> frame = kept;
  {
    const auto actor = world.spawn<int>(wait_for_mail, std::move(kept));
    world.run();
    CHECK_FALSE(frame.expired());
  }
  CHECK(frame.expired());
  CHECK(world.shutdown(0s).is_clean());
}

TEST_CASE("an actor nobody refers to reads its mail before it goes", "[actor]") {
  simulated_runtime world;
  numbers got;
  world.spawn<int>(collect, &got).send(1);
  world.run();
  CHECK(got == numbers{1});
}

TEST_CASE("an actor nobody refers to lives on while it sleeps", "[actor]") {
  simulated_runtime world;
  auto kept = std::make_shared<int>(0);
  const std::weak_ptr<int> frame = kept;
  world.spawn<int>(nap, duration(1h), std::move(kept));
  world.advance(59min);
  CHECK_FALSE(frame.expired());
  world.advance(1min);
  CHECK(frame.expired());
}

TEST_CASE("references are counted", "[actor]") {
  simulated_runtime world;
  auto kept = std::make_shared<int>(0);
  const std::weak_ptr<int> frame = kept;
  auto first = world.spawn<int>(wait_for_mail, std::move(kept));
  auto second = first;
  auto third = std::move(first);
  CHECK_FALSE(first);
  CHECK(second == third);
  world.run();
  third = {};
  CHECK_FALSE(frame.expired());
  second = {};
  CHECK(frame.expired());
}

// Errors.

TEST_CASE("a full inbox gives the message back", "[actor]") {
  simulated_runtime world;
  numbers got;
  const auto actor = world.spawn_bounded<std::unique_ptr<int>>(2, take_unique, &got);
  CHECK(actor.send(std::make_unique<int>(1)));
  CHECK(actor.send(std::make_unique<int>(2)));
  auto third = std::make_unique<int>(3);
  CHECK_FALSE(actor.send(std::move(third)));
  REQUIRE(third != nullptr);
  CHECK(*third == 3);
  world.run();
  CHECK(actor.send(std::move(third)));
  world.run();
  CHECK(got == numbers{1, 2, 3});
}

TEST_CASE("an ended actor gives further messages back", "[actor]") {
  simulated_runtime world;
  numbers got;
  const auto actor = world.spawn<int>(collect_two, &got);
  for (int i = 1; i <= 3; ++i) CHECK(actor.send(i));
  world.run();
  CHECK(got == numbers{1, 2});
  CHECK_FALSE(actor.send(4));
  const auto other = world.spawn<std::unique_ptr<int>>(take_unique, &got);
  other.stop();
  world.run();
  auto refused = std::make_unique<int>(5);
  CHECK_FALSE(other.send(std::move(refused)));
  CHECK(refused != nullptr);
}

TEST_CASE("a stopped actor's wait raises the stop", "[actor]") {
  simulated_runtime world;
  std::string why;
  const auto actor = world.spawn<int>(note_stop, &why);
  world.run();
  CHECK(why.empty());
  actor.stop();
  world.run();
  CHECK(why == "requested, and knows it");
}

TEST_CASE("an actor that is stopped before its first step never begins", "[actor]") {
  simulated_runtime world;
  numbers got;
  const auto actor = world.spawn<int>(collect, &got);
  actor.send(1);
  actor.stop();
  world.run();
  CHECK(got.empty());
  CHECK_FALSE(actor.send(2));
}

TEST_CASE("asking an actor that has ended fails at once", "[actor][ask]") {
  simulated_runtime world;
  const auto whom = world.spawn<question>(doubler);
  whom.close_inbox();
  world.run();
  CHECK(ask_in(world, whom) == std::vector<std::string>{"inbox_closed", "0s"});
}

TEST_CASE("asking an actor whose inbox is full says so at once", "[actor][ask]") {
  simulated_runtime world;
  const auto busy = world.spawn_bounded<question>(1, ignore_mail);
  CHECK(ask_in(world, busy) == std::vector<std::string>{"timed_out", "2s"});
  CHECK(ask_in(world, busy) == std::vector<std::string>{"inbox_full", "0s"});
}

TEST_CASE("a question without an answer ends with the patience of whoever asked", "[actor][ask]") {
  for (const bool keep : {true, false}) {
    simulated_runtime world;
    const auto whom = world.spawn<question>(collector_of_questions, keep);
    CHECK(ask_in(world, whom) == std::vector<std::string>{"timed_out", "2s"});
  }
}

TEST_CASE("an exception that leaves an actor is reported", "[actor]") {
  std::vector<std::string> reports;
  runtime_options options;
  options.on_unhandled = [&reports](const std::string& text) { reports.push_back(text); };
  simulated_runtime world(0, options);
  world.spawn<int>(raise, true);
  world.run();
  world.spawn<int>(raise, false);
  world.run();
  REQUIRE(reports.size() == 2);
  CHECK_THAT(reports[0], Catch::EndsWith("failed: out of ideas"));
  CHECK_THAT(reports[1], Catch::EndsWith("failed: not a std::exception"));
}

TEST_CASE("a report of a failure that throws does no harm", "[actor]") {
  runtime_options options;
  options.on_unhandled = [](const std::string&) { throw std::runtime_error("no"); };
  simulated_runtime world(0, options);
  world.spawn<int>(raise, true);
  world.run();
  CHECK(world.shutdown(0s).is_clean());
}

TEST_CASE("a stop is no failure and is not reported", "[actor]") {
  int reports = 0;
  runtime_options options;
  options.on_unhandled = [&reports](const std::string&) { ++reports; };
  simulated_runtime world(0, options);
  const auto actor = world.spawn<int>(wait_for_mail, std::make_shared<int>(0));
  world.run();
  actor.stop();
  world.run();
  CHECK(reports == 0);
}

TEST_CASE("an argument that cannot be moved into the body starts nothing", "[actor]") {
  simulated_runtime world;
  int refused = 0;
  int started = 0;
  for (int moves = 0; moves < 8; ++moves) {
    bool began = false;
    fragile value(moves);
    const std::weak_ptr<int> kept = value.kept;
    try {
      world.spawn<int>(hold, value, &began);
      ++started;
    } catch (const std::runtime_error&) {
      ++refused;
    }
    value.kept.reset();
    world.run();
    CHECK(began == (started > 0));
    CHECK(kept.expired());
  }
  CHECK(refused > 0);
  CHECK(started > 0);
  CHECK(world.shutdown(0s).is_clean());
}

TEST_CASE("a reference outlives the actor's runtime", "[actor]") {
  actor_ref<int> actor;
  numbers got;
  {
    runtime home;
    actor = home.spawn<int>(collect, &got);
    actor.send(1);
  }
  CHECK_FALSE(actor.send(2));
  actor.stop();
  actor.close_inbox();
  const auto copy = actor;
  CHECK(copy == actor);
}

}  // namespace actors::test
