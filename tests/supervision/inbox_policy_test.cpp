#include <thread>

#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

// What a send answers, in its order, and what gives way when an inbox is full.

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::recorder;
using testing::simulated_runtime;

namespace {

coroutine<void> deaf(task_context self) {
  self.inbox().close();
  co_await until_cancelled();
}

coroutine<json> drain_at_once(task_context self) {
  json all = json::array();
  for (const auto& message : self.inbox().drain()) all.push_back(message.content);
  all.push_back(self.inbox().drain().size());
  co_return all;
}

coroutine<json> ask_it(task_context, task_handle other) {
  auto answer = co_await other.ask("?", 1h);
  co_return answer ? answer.value() : json(to_string(answer.error().code));
}

/// Is cancelled in the turn in which its wait is given a message, which comes back; then it reads.
coroutine<json> drain_when_cancelled(task_context self) {
  try {
    static_cast<void>(co_await self.inbox().next());
  } catch (const cancelled&) {
    // What it was given is in the inbox again.
  }
  json all = json::array();
  for (const auto& message : self.inbox().drain()) all.push_back(message.content);
  co_return all;
}

std::string code_of(const send_result& sent) { return std::string(to_string(sent.error().code)); }

}  // namespace

TEST_CASE("a task that takes no messages gives each back", "[mail][B24]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({.inbox = inbox_policy::none}, wait_for_cancel);
  for (int i = 0; i < 2; ++i) {
    const auto sent = owner->send(task.id(), "hello");
    CHECK(sent.error() == error{error_code::no_inbox, "task has no inbox"});
    CHECK(sent.returned() == "hello");
    sim.run();
  }
  const auto asks = *owner->spawn({}, ask_it, task);
  sim.run();
  CHECK(end_of(asks).result == "no_inbox");
}

TEST_CASE("the loop over the inbox of a task that takes no messages ends at once", "[mail][B24]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({.inbox = inbox_policy::none}, test::collect);
  sim.run();
  CHECK(end_of(task).result == json::array());
}

TEST_CASE("the reasons to refuse a message are looked for in one order", "[mail][B24]") {
  simulated_runtime sim;
  recorder owner(sim);
  recorder other(sim, "other");
  const spec small{.inbox_capacity = 1};
  const auto ended = *owner->spawn({.inbox_capacity = 1, .inbox = inbox_policy::none}, nothing);
  const auto none =
      *owner->spawn({.inbox_capacity = 1, .inbox = inbox_policy::none}, wait_for_cancel);
  const auto closed = *owner->spawn(small, deaf);
  const auto full = *owner->spawn(small, wait_for_cancel);
  CHECK(closed.send(1));
  CHECK(full.send(1));
  none.close_inbox();
  sim.run();

  CHECK(code_of(other->send(ended.id(), 2)) == "not_found");
  CHECK(code_of(owner->send(ended.id(), 2)) == "task_ended");
  CHECK(code_of(owner->send(none.id(), 2)) == "no_inbox");
  CHECK(code_of(owner->send(closed.id(), 2)) == "inbox_closed");
  CHECK(code_of(owner->send(full.id(), 2)) == "inbox_full");
  CHECK(owner->send(ended.id(), 2).error().message == "task already completed");
  for (const auto& task : {ended, none, closed, full}) CHECK(task.send(2).returned() == 2);
}

TEST_CASE("a full inbox that drops the oldest keeps the newest, in order", "[mail][B57]") {
  simulated_runtime sim;
  recorder owner(sim);
  const spec what{.inbox_capacity = 3, .inbox = inbox_policy::drop_oldest};
  const auto task = *owner->spawn(what, test::collect);
  for (int i = 1; i <= 10; ++i) CHECK(task.send(i));
  CHECK(task.record().unread_messages == 3);
  CHECK(task.record().dropped_messages == 7);
  sim.run();
  CHECK(task.record().unread_messages == 0);
  CHECK(task.send(11));
  task.close_inbox();
  const auto late = task.send(12);
  CHECK(late.error().code == error_code::inbox_closed);
  CHECK(late.returned() == 12);
  sim.run();
  CHECK(end_of(task).result == json{8, 9, 10, 11});
  CHECK(task.record().dropped_messages == 7);
}

TEST_CASE("a full inbox that drops the newest keeps the oldest", "[mail][B57]") {
  simulated_runtime sim;
  recorder owner(sim);
  const spec what{.inbox_capacity = 3, .inbox = inbox_policy::drop_newest};
  const auto task = *owner->spawn(what, test::collect);
  for (int i = 1; i <= 10; ++i) CHECK(task.send(i));
  CHECK(task.record().dropped_messages == 7);
  sim.run();
  CHECK(task.send(11));
  task.close_inbox();
  sim.run();
  CHECK(end_of(task).result == json{1, 2, 3, 11});
}

TEST_CASE("a question that a full inbox drops learns it at once", "[mail][B57]") {
  for (const auto policy : {inbox_policy::drop_oldest, inbox_policy::drop_newest}) {
    simulated_runtime sim;
    recorder owner(sim);
    const auto task = *owner->spawn({.inbox_capacity = 1, .inbox = policy}, wait_for_cancel);
    if (policy == inbox_policy::drop_newest) REQUIRE(task.send(1));
    const auto asks = *owner->spawn({}, ask_it, task);
    sim.run();
    if (policy == inbox_policy::drop_oldest) REQUIRE(task.send(1));
    sim.run();
    CHECK(end_of(asks).result == "inbox_full");
  }
}

TEST_CASE("what is unread in an inbox that drops the oldest goes with its task", "[mail]") {
  simulated_runtime sim(1, {.manager = {.grace = 1s}});
  recorder owner(sim);
  const spec what{.inbox_capacity = 2, .inbox = inbox_policy::drop_oldest};
  const auto ends = *owner->spawn(what, wait_for_cancel);
  const auto abandoned = *owner->spawn(what, work_undisturbed, 1h, 1);
  const auto one = *owner->spawn({}, ask_it, ends);
  const auto two = *owner->spawn({}, ask_it, abandoned);
  sim.run();
  ends.cancel();
  abandoned.cancel();
  sim.run();
  CHECK(end_of(one).result == "unanswered");
  CHECK_FALSE(two.has_ended());
  sim.advance(1s);
  CHECK(end_of(two).result == "unanswered");
}

TEST_CASE("a message that came back from a cancelled wait is still the oldest", "[mail][B57]") {
  simulated_runtime sim;
  recorder owner(sim);
  const spec what{.inbox_capacity = 2, .inbox = inbox_policy::drop_oldest};
  const auto task = *owner->spawn(what, drain_when_cancelled);
  sim.run();
  for (int i = 1; i <= 4; ++i) CHECK(task.send(i));
  task.cancel();
  sim.run();
  CHECK(end_of(task).result == json{3, 4});
}

TEST_CASE("an inbox that gets deep is reported, at each multiple of what was asked for",
          "[inbox][B27]") {
  const auto capacity = GENERATE(0U, 100U);
  std::vector<std::string> reports;
  simulated_runtime sim(
      1, {.manager = {.inbox_capacity = capacity,
                      .inbox_warning = 10,
                      .on_report = [&](const std::string& line) { reports.push_back(line); }}});
  recorder owner(sim);
  const auto task = *owner->spawn({.name = "slow"}, test::collect);
  for (int i = 0; i < 25; ++i) REQUIRE(task.send(i));
  CHECK(reports == std::vector<std::string>{"the inbox of bg_0 slow holds 10 messages",
                                            "the inbox of bg_0 slow holds 20 messages"});
  sim.run();
  for (int i = 0; i < 9; ++i) REQUIRE(task.send(i));
  CHECK(reports.size() == 2);
}

TEST_CASE("an inbox that stays at a depth is reported once", "[inbox][B27]") {
  struct bodies {
    static coroutine<void> take_one_by_one(task_context self) {
      while (const auto message = co_await self.inbox().next()) co_await sleep_for(1s);
    }
  };
  const auto policy = GENERATE(inbox_policy::reject, inbox_policy::drop_oldest);
  std::size_t reports = 0;
  simulated_runtime sim(1, {.manager = {.inbox_capacity = 100,
                                        .inbox_warning = 4,
                                        .on_report = [&](const std::string&) { ++reports; }}});
  recorder owner(sim);
  const auto task = *owner->spawn({.inbox = policy}, bodies::take_one_by_one);
  for (int i = 0; i < 5; ++i) REQUIRE(task.send(i));
  for (int i = 0; i < 100; ++i) {
    sim.advance(1s);
    REQUIRE(task.send(i));
  }
  CHECK(reports == 1);
  sim.advance(10s);
  for (int i = 0; i < 5; ++i) REQUIRE(task.send(i));
  CHECK(reports == 2);
}

TEST_CASE("a drain takes all that is there, in order", "[mail][B27]") {
  for (const auto policy : {inbox_policy::reject, inbox_policy::drop_oldest}) {
    simulated_runtime sim;
    recorder owner(sim);
    const auto task = *owner->spawn({.inbox_capacity = 3, .inbox = policy}, drain_at_once);
    for (int i = 1; i <= 3; ++i) CHECK(task.send(i));
    sim.run();
    CHECK(end_of(task).result == json{1, 2, 3, 0});
  }
}

TEST_CASE("an inbox that drops under two senders hands over each message at most once, in order",
          "[mail][B57][stress]") {
  struct bodies {
    static coroutine<json> check_order(task_context self) {
      std::int64_t last[2] = {-1, -1};
      std::int64_t count = 0;
      while (auto message = co_await self.inbox().next()) {
        const auto from = message->content[0].get<std::size_t>();
        const auto number = message->content[1].get<std::int64_t>();
        if (number <= last[from]) co_return "out of order";
        last[from] = number;
        ++count;
      }
      co_return count;
    }
  };
  runtime real({.workers = 2});
  const auto owner = real.open_owner("o");
  constexpr std::int64_t each = 20'000;
  const spec what{.inbox_capacity = 8, .inbox = inbox_policy::drop_oldest};
  const auto task = *owner.spawn(what, bodies::check_order);
  const auto send_all = [&task](int from) {
    for (std::int64_t i = 0; i < each; ++i) static_cast<void>(task.send(json{from, i}));
  };
  std::thread other(send_all, 1);
  send_all(0);
  other.join();
  task.close_inbox();
  const auto end = task.wait();
  REQUIRE(end->state == task_state::completed);
  REQUIRE(end->result.is_number());
  CHECK(end->result.get<std::int64_t>() + task.record().dropped_messages == 2 * each);
}

}  // namespace actors
