#include <memory>
#include <thread>

#include "actors/runtime.hpp"
#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/tally.hpp"
#include "support/task_bodies.hpp"

// What is true of a task until its body begins.

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::recorder;
using testing::simulated_runtime;
using words = std::vector<std::string>;

namespace {

const runtime_options one_at_a_time = {
    .manager = {.limits = {.max_running = 1, .when_full = on_full::queue}}};

/// A body that is no coroutine, but gives one.
coroutine<json> note_and_answer(task_context self, words* notes) {
  notes->push_back("called by " + to_string(self.id()));
  return answer(self, "done");
}

coroutine<json> refuse_to_begin(task_context, std::string why) { throw std::domain_error(why); }

coroutine<json> write_to_itself(task_context self, words* notes) {
  const auto sent = self.handle().send("early");
  notes->push_back(std::string(to_string(sent.error().code)));
  return answer(self, "done");
}

coroutine<void> hold_argument(task_context, std::shared_ptr<int>) { co_await until_cancelled(); }

/// Fails when it is moved by a thread that takes it to its body.
struct unmovable {
  unmovable() = default;
  unmovable(const unmovable&) = default;
  unmovable(unmovable&& other) : moves(other.moves + 1) {
    if (moves == 4) throw std::domain_error("cannot be moved");
  }
  int moves = 0;
};

coroutine<void> take(task_context, unmovable) { co_return; }

coroutine<json> count_messages(task_context self, int expected) {
  int count = 0;
  while (const auto message = co_await self.inbox().next()) {
    if (++count == expected) break;
  }
  co_return count;
}

}  // namespace

TEST_CASE("a body is called when its turn comes, and not before", "[begin]") {
  words notes;
  simulated_runtime sim(1, one_at_a_time);
  recorder owner(sim);
  const auto first = *owner->spawn({}, wait_for_cancel);
  const auto second = *owner->spawn({}, note_and_answer, &notes);
  sim.run();
  CHECK(second.state() == task_state::queued);
  CHECK(notes.empty());
  first.cancel();
  sim.run();
  CHECK(notes == words{"called by bg_1"});
  CHECK(second.record().end->result == "done");
}

TEST_CASE("what a body raises instead of giving a coroutine fails the task", "[begin]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, refuse_to_begin, "no luck");
  sim.run();
  const auto end = task.record().end.value();
  CHECK(end.state == task_state::failed);
  CHECK(end.error == "no luck");
  CHECK(end.error_type == "std::domain_error");
  CHECK(owner.story_of(task.id()) == words{"failed"});
  CHECK(task.send("late").error().code == error_code::task_ended);
}

TEST_CASE("a body that cannot be called fails the task, also when a message came first",
          "[begin]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, refuse_to_begin, "no luck");
  const auto sent = task.send("hello");
  CHECK(sent.error().code == error_code::task_ended);
  CHECK(task.send("again").error().code == error_code::task_ended);
  CHECK(task.state() == task_state::running);
  sim.run();
  CHECK(task.record().end->error == "no luck");
  CHECK(owner.story_of(task.id()) == words{"failed"});
}

TEST_CASE("an argument that cannot be moved fails the task", "[begin]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, take, unmovable());
  sim.run();
  CHECK(task.record().end->error == "cannot be moved");
}

TEST_CASE("a message that comes before the body begins is its first", "[begin]") {
  simulated_runtime sim(1, one_at_a_time);
  recorder owner(sim);
  const auto first = *owner->spawn({}, wait_for_cancel);
  const bool is_queued = GENERATE(false, true);
  if (!is_queued) first.cancel();
  sim.run();
  const auto reader = *owner->spawn({}, collect);
  CHECK(reader.send(1));
  CHECK(reader.send(2));
  reader.close_inbox();
  CHECK(reader.send(3).error().code == error_code::inbox_closed);
  first.cancel();
  sim.run();
  CHECK(reader.record().end->result == json{1, 2});
}

TEST_CASE("an inbox that is closed before the body begins stays closed", "[begin]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto reader = *owner->spawn({}, collect);
  reader.close_inbox();
  CHECK(reader.send(1).error().code == error_code::inbox_closed);
  sim.run();
  CHECK(reader.record().end->result == json::array());
}

TEST_CASE("an inbox has its policy before the body begins", "[begin]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto send_three = [&](inbox_policy policy) {
    const auto reader = *owner->spawn({.inbox_capacity = 2, .inbox = policy}, collect);
    for (int i = 0; i < 3; ++i) reader.send(i);
    reader.close_inbox();
    sim.run();
    return reader.record().end->result;
  };
  CHECK(send_three(inbox_policy::reject) == json{0, 1});
  CHECK(send_three(inbox_policy::drop_oldest) == json{1, 2});
  CHECK(send_three(inbox_policy::drop_newest) == json{0, 1});
  CHECK(send_three(inbox_policy::none) == json::array());
}

TEST_CASE("a body that writes to itself before it is a coroutine is refused", "[begin]") {
  words notes;
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, write_to_itself, &notes);
  SECTION("called by its worker") {}
  SECTION("called for a message") { CHECK(task.send("hello")); }
  sim.run();
  CHECK(notes == words{"task_ended"});
  CHECK(task.record().end->result == "done");
}

TEST_CASE("the arguments of a body that never begins go with the end of its task", "[begin]") {
  const auto cargo = std::make_shared<int>();
  simulated_runtime sim(1, one_at_a_time);
  recorder owner(sim);
  const auto first = *owner->spawn({}, wait_for_cancel);
  const auto second = *owner->spawn({}, hold_argument, cargo);
  sim.run();
  CHECK(cargo.use_count() == 2);
  second.cancel();
  CHECK(cargo.use_count() == 1);
  CHECK_FALSE(owner->spawn({.name = "self"}, hold_argument, cargo));
  CHECK(cargo.use_count() == 1);
}

TEST_CASE("a task that is told to stop before its body begins runs nothing of it", "[begin]") {
  words notes;
  simulated_runtime sim(1, {.manager = {.grace = GENERATE(duration::zero(), duration(10s))}});
  recorder owner(sim);
  const auto task = *owner->spawn({}, hold_argument, std::make_shared<int>());
  const bool has_mail = GENERATE(false, true);
  if (has_mail) CHECK(task.send("hello"));
  CHECK(task.record().awaiting == "start");
  task.cancel();
  sim.run();
  CHECK(task.state() == task_state::cancelled);
  CHECK(owner.story_of(task.id()) == words{"cancelled"});
}

TEST_CASE("a world that ends before its tasks begin leaves nothing behind", "[begin]") {
  const auto cargo = std::make_shared<int>();
  {
    simulated_runtime sim;
    const auto owner = sim.open_owner("o");
    for (int i = 0; i < 10; ++i) REQUIRE(owner.spawn({}, hold_argument, cargo));
    CHECK(cargo.use_count() == 11);
  }
  CHECK(cargo.use_count() == 1);
}

TEST_CASE("messages of many threads to tasks that are about to begin all arrive", "[begin]") {
  constexpr int rounds = 200;
  constexpr int senders = 4;
  runtime home;
  const auto owner = home.open_owner("o");
  for (int round = 0; round < rounds; ++round) {
    std::atomic<bool> go{false};
    std::atomic<int> sent{0};
    std::optional<task_handle> reader;
    std::vector<std::thread> threads;
    for (int i = 0; i < senders; ++i) {
      threads.emplace_back([&] {
        go.wait(false);
        if (reader->send("hello")) ++sent;
      });
    }
    reader.emplace(*owner.spawn({}, count_messages, senders));
    go = true;
    go.notify_all();
    for (auto& each : threads) each.join();
    CHECK(sent == senders);
    const auto end = reader->wait(patience);
    REQUIRE(end);
    CHECK(end->result == senders);
  }
}

}  // namespace actors
