#include "actors/mail.hpp"

#include <functional>
#include <memory>
#include <semaphore>
#include <thread>

#include "actors/runtime.hpp"
#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/bodies.hpp"
#include "support/printers.hpp"
#include "support/tally.hpp"
#include "support/task_bodies.hpp"

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::recorder;
using testing::simulated_runtime;

namespace {
struct event_and_more : event {
  std::shared_ptr<int> more;
};
}  // namespace

TEST_CASE("what derives from an event or a mail is destroyed as it says itself", "[mail]") {
  STATIC_REQUIRE(detail::is_empty_once_moved<event>());
  STATIC_REQUIRE(detail::is_empty_once_moved<mail>());
  STATIC_REQUIRE(detail::is_empty_once_moved<int>());
  STATIC_REQUIRE_FALSE(detail::is_empty_once_moved<event_and_more>());
  STATIC_REQUIRE_FALSE(detail::is_empty_once_moved<std::string>());
}

TEST_CASE("a message that was sent has no error, and nothing comes back", "[mail]") {
  send_result sent;
  CHECK(sent);
  CHECK(sent.error() == error());
  CHECK(sent.returned().is_null());
  CHECK(std::move(sent).returned().is_null());
  CHECK(send_result(error(), "not refused"));
}

TEST_CASE("a message that was refused comes back with the reason", "[mail]") {
  const error why{error_code::inbox_full, "full"};
  send_result refused(why, {{"n", 1}});
  CHECK_FALSE(refused);
  CHECK(refused.error() == why);
  CHECK(refused.returned() == json{{"n", 1}});
  CHECK(std::move(refused).returned() == json{{"n", 1}});
}

TEST_CASE("messages arrive in the order in which they were sent", "[mail][B25]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, test::collect);
  for (int i = 0; i < 100; ++i) CHECK(owner->send(task.id(), i));
  CHECK(task.send(nullptr));
  CHECK(task.send(""));
  task.close_inbox();
  sim.run();
  const auto got = end_of(task).result;
  REQUIRE(got.size() == 102);
  for (int i = 0; i < 100; ++i) CHECK(got[static_cast<std::size_t>(i)] == i);
  CHECK(got[100].is_null());
  CHECK(got[101] == "");
}

TEST_CASE("messages to several tasks never cross", "[mail][B25]") {
  simulated_runtime sim;
  recorder owner(sim);
  std::vector<task_handle> tasks;
  for (int i = 0; i < 10; ++i) tasks.push_back(*owner->spawn({}, test::collect));
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < tasks.size(); ++i) CHECK(tasks[i].send(i));
    sim.step();
  }
  for (const auto& task : tasks) task.close_inbox();
  sim.run();
  for (std::size_t i = 0; i < tasks.size(); ++i) CHECK(end_of(tasks[i]).result == json(5, i));
}

namespace {

coroutine<json> talk_to_parent(task_context self) {
  self.parent().send({{"from the child", to_string(self.id())}});
  const auto reply = co_await self.inbox().next();
  co_return json{reply->content, to_string(reply->from)};
}

coroutine<json> talk_to_child(task_context self) {
  const auto child = *self.spawn({}, talk_to_parent);
  const auto heard = co_await self.inbox().next();
  child.send("from the parent");
  const auto end = co_await child.ended();
  co_return json{heard->content, to_string(heard->from), end.result};
}

}  // namespace

TEST_CASE("parent and child talk to each other", "[mail][B23]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, talk_to_child);
  sim.run();
  CHECK(end_of(task).result ==
        json{{{"from the child", "bg_1"}}, "bg_1", {"from the parent", "bg_0"}});
}

TEST_CASE("a message says which body sent it, by a handle or through an owner", "[mail][B23]") {
  struct bodies {
    static coroutine<void> send_both_ways(task_context, task_handle to, owner by) {
      to.send("by a handle");
      by.send(to.id(), "through an owner");
      co_return;
    }
    static coroutine<json> senders(task_context self) {
      json from = json::array();
      while (auto message = co_await self.inbox().next()) from.push_back(to_string(message->from));
      co_return from;
    }
  };
  simulated_runtime sim;
  recorder owner(sim);
  const auto receiver = *owner->spawn({}, bodies::senders);
  const auto sender = *owner->spawn({}, bodies::send_both_ways, receiver, owner.get());
  sim.run();
  receiver.send("from outside");
  owner->send(receiver.id(), "from outside");
  receiver.close_inbox();
  sim.run();
  const auto id = to_string(sender.id());
  CHECK(end_of(receiver).result == json{id, id, "", ""});
}

namespace {

coroutine<json> ask_child(task_context self, json question, duration patience) {
  const auto child = *self.spawn({}, echo);
  auto answer = co_await child.ask(question, patience);
  child.close_inbox();
  co_return answer ? answer.value() : json(answer.error().message);
}

coroutine<json> ask_other(task_context, task_handle other, duration patience) {
  auto answer = co_await other.ask("?", patience);
  if (answer) co_return answer.value();
  co_return std::string(to_string(answer.error().code));
}

coroutine<void> drop_one_question(task_context self) {
  static_cast<void>(co_await self.inbox().next());
  co_await until_cancelled();
}

coroutine<json> reply_twice(task_context self) {
  const auto question = co_await self.inbox().next();
  co_return json{question->wants_reply(), question->reply(1), question->reply(2)};
}

}  // namespace

TEST_CASE("a question is answered", "[mail]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, ask_child, "really?", 5s);
  sim.run();
  CHECK(end_of(task).result == "really?");
}

TEST_CASE("only the first reply counts", "[mail]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto replies = *owner->spawn({}, reply_twice);
  const auto asks = *owner->spawn({}, ask_other, replies, 5s);
  sim.run();
  CHECK(end_of(replies).result == json{true, true, false});
  CHECK(end_of(asks).result == 1);
}

TEST_CASE("a message that is no question takes no reply", "[mail]") {
  const mail plain;
  CHECK_FALSE(plain.wants_reply());
  CHECK_FALSE(plain.reply(1));
}

TEST_CASE("a question that is dropped says so at once", "[mail]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto drops = *owner->spawn({}, drop_one_question);
  const auto asks = *owner->spawn({}, ask_other, drops, 1h);
  sim.run();
  CHECK(end_of(asks).result == "unanswered");
}

TEST_CASE("a question that was never read is unanswered when its receiver ends", "[mail]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto busy = *owner->spawn({}, work_for, 2s, 1);
  const auto asks = *owner->spawn({}, ask_other, busy, 1h);
  sim.advance(1s);
  CHECK_FALSE(asks.has_ended());
  sim.advance(1s);
  CHECK(end_of(asks).result == "unanswered");
}

TEST_CASE("a question to a queued task is unanswered when that is cancelled", "[mail]") {
  runtime_options options;
  options.manager.limits = {.max_running = 1, .when_full = on_full::queue};
  simulated_runtime sim(1, options);
  recorder owner(sim);
  REQUIRE(owner->spawn({}, wait_for_cancel));
  const auto queued = *owner->spawn({}, echo);
  REQUIRE(queued.state() == task_state::queued);
  struct bodies {
    static coroutine<void> ask_and_tell(actor_context<int>, task_handle other, std::string* what) {
      const auto answer = co_await other.ask("?", 1h);
      *what = to_string(answer.error().code);
    }
  };
  std::string answer;
  sim.spawn<int>(bodies::ask_and_tell, queued, &answer);
  sim.run();
  queued.cancel();
  sim.run();
  CHECK(answer == "unanswered");
}

TEST_CASE("an answer that does not come in time is timed_out", "[mail]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto busy = *owner->spawn({}, wait_for_cancel);
  const auto asks = *owner->spawn({}, ask_other, busy, 3s);
  sim.advance(2s);
  CHECK_FALSE(asks.has_ended());
  sim.advance(1s);
  CHECK(end_of(asks).result == "timed_out");
}

TEST_CASE("a question to an ended task is refused with the reason", "[mail]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto done = *owner->spawn({}, nothing);
  sim.run();
  const auto asks = *owner->spawn({}, ask_other, done, 3s);
  sim.run();
  CHECK(end_of(asks).result == "task_ended");
}

TEST_CASE("a message to an ended task comes back", "[mail][B24]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto done = *owner->spawn({}, nothing);
  const auto failed = *owner->spawn({}, raise, "no");
  sim.run();
  auto sent = owner->send(done.id(), {{"a", 1}});
  CHECK_FALSE(sent);
  CHECK(sent.error() == error{error_code::task_ended, "task already completed"});
  CHECK(std::move(sent).returned() == json{{"a", 1}});
  CHECK(failed.send(1).error().message == "task already failed");
}

TEST_CASE("a message to a task that closed its inbox comes back", "[mail][B24][B26]") {
  struct bodies {
    static coroutine<void> deaf(task_context self) {
      self.inbox().close();
      co_await until_cancelled();
    }
  };
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, bodies::deaf);
  sim.run();
  const auto sent = owner->send(task.id(), "hello");
  CHECK(sent.error() == error{error_code::inbox_closed, "the inbox of bg_0 is closed"});
  CHECK(sent.returned() == "hello");
}

TEST_CASE("a refused message names the first reason that applies", "[mail][B24]") {
  struct bodies {
    static coroutine<void> close_and_end(task_context self) {
      self.inbox().close();
      co_return;
    }
  };
  simulated_runtime sim;
  recorder owner(sim);
  recorder other(sim, "other");
  const auto done = *owner->spawn({}, bodies::close_and_end);
  sim.run();
  const auto full = *owner->spawn({.inbox_capacity = 1}, wait_for_cancel);
  CHECK(full.send(1));
  CHECK(full.send(2).error().code == error_code::inbox_full);
  full.close_inbox();
  CHECK(other->send(done.id(), 1).error().message == "task not found");
  CHECK(owner->send(done.id(), 1).error().message == "task already completed");
  CHECK(owner->send(full.id(), 2).error().code == error_code::inbox_closed);
}

TEST_CASE("every task has an inbox, whatever its type", "[mail][B21][E1]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({.type = "sub_agent"}, test::collect);
  CHECK(owner->send(task.id(), "hello"));
  task.close_inbox();
  sim.run();
  CHECK(end_of(task).result == json{"hello"});
  CHECK(task.record().what.type == "sub_agent");
}

TEST_CASE("a message to a full inbox comes back, and room is room again", "[mail][B57]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({.inbox_capacity = 2}, test::collect);
  CHECK(task.send(1));
  CHECK(task.send(2));
  const auto sent = task.send(3);
  CHECK(sent.error() == error{error_code::inbox_full, "the inbox of bg_0 is full"});
  CHECK(sent.returned() == 3);
  sim.run();
  CHECK(task.send(4));
  task.close_inbox();
  sim.run();
  CHECK(end_of(task).result == json{1, 2, 4});
}

TEST_CASE("a question to a full inbox is refused with the reason", "[mail]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({.inbox_capacity = 1}, wait_for_cancel);
  REQUIRE(task.send(1));
  const auto asks = *owner->spawn({}, ask_other, task, 3s);
  sim.run();
  CHECK(end_of(asks).result == "inbox_full");
}

TEST_CASE("a task without parent is told so when it sends to it", "[mail]") {
  struct bodies {
    static coroutine<json> call_home(task_context self) {
      co_return json{self.parent().exists(), to_string(self.parent().id()),
                     to_string(self.parent().send("anyone?").error().code)};
    }
    static coroutine<json> ask_home(task_context self) {
      const auto answer = co_await self.parent().ask("anyone?", 1s);
      co_return answer.value();
    }
  };
  simulated_runtime sim;
  recorder owner(sim);
  const auto sends = *owner->spawn({}, bodies::call_home);
  const auto asks = *owner->spawn({}, bodies::ask_home);
  sim.run();
  CHECK(end_of(sends).result == json{false, "", "no_parent"});
  CHECK(end_of(asks) ==
        outcome{task_state::failed, nullptr, "the task has no parent to ask", "actors::failure"});
}

namespace {

/// Reads one message a second.
coroutine<json> read_slowly(task_context self) {
  json got = json::array();
  for (;;) {
    co_await sleep_for(1s);
    const auto message = co_await self.inbox().next();
    if (!message) co_return got;
    got.push_back(message->content);
  }
}

coroutine<json> feed(task_context, task_handle to, int count) {
  for (int i = 0; i < count; ++i) {
    const auto sent = co_await to.async_send(i);
    if (!sent) co_return json{to_string(sent.error().code), sent.returned()};
  }
  to.close_inbox();
  co_return "all";
}

coroutine<json> tell_parent(task_context self, int count) {
  for (int i = 0; i < count; ++i) {
    const auto sent = co_await self.parent().async_send(i);
    if (!sent) co_return json{to_string(sent.error().code), sent.returned()};
  }
  co_return "all";
}

coroutine<json> hear_child(task_context self, int count) {
  const auto child = *self.spawn({}, tell_parent, count);
  json got = json::array();
  for (int i = 0; i < count; ++i) {
    co_await sleep_for(1s);
    got.push_back((co_await self.inbox().next())->content);
  }
  got.push_back((co_await child.ended()).result);
  co_return got;
}

coroutine<void> feed_from_outside(actor_context<int>, task_handle to, story* events) {
  for (int i = 0; i < 4; ++i) {
    const auto sent = co_await to.async_send(i);
    events->push_back(sent ? "sent" : std::string(to_string(sent.error().code)));
    if (!sent) co_return;
  }
}

coroutine<void> get_stuck(task_context, std::reference_wrapper<std::binary_semaphore> may_go,
                          std::reference_wrapper<tally> began) {
  began.get().add();
  may_go.get().acquire();
  co_return;
}

coroutine<void> cancel_itself_and_send(task_context self, task_handle to) {
  self.handle().cancel();
  co_await to.async_send("too late");
}

spec small_inbox(inbox_policy when_full = inbox_policy::reject) {
  return {.inbox_capacity = 2, .inbox = when_full};
}

/// One that sends eight to a slow reader, and waits: two of them are in the inbox.
struct waiting_sender {
  waiting_sender() { sim.run(); }

  simulated_runtime sim;
  recorder owner{sim};
  task_handle reader = *owner->spawn(small_inbox(), read_slowly);
  task_handle sender = *owner->spawn({}, feed, reader, 8);
};

}  // namespace

TEST_CASE("an awaited send waits while the inbox is full, and nothing is lost", "[mail]") {
  waiting_sender at;
  CHECK(at.sender.record().awaiting == "room in an inbox");
  CHECK(at.reader.record().unread_messages == 2);
  at.sim.run_until_quiet();
  CHECK(end_of(at.reader).result == json{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(end_of(at.sender).is_success());
}

TEST_CASE("a child waits for room in the inbox of its parent", "[mail]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn(small_inbox(), hear_child, 6);
  sim.run_until_quiet();
  CHECK(end_of(task).result == json{0, 1, 2, 3, 4, 5, "all"});
}

TEST_CASE("an awaited send to a task that goes comes back with the reason", "[mail]") {
  waiting_sender at;
  std::string why = "task_ended";
  SECTION("it is cancelled") { at.reader.cancel(); }
  SECTION("it takes no more") {
    at.reader.close_inbox();
    why = "inbox_closed";
  }
  SECTION("it has ended before") {
    at.sender.cancel();
    at.reader.cancel();
    at.sim.run();
    const auto late = *at.owner->spawn({}, feed, at.reader, 1);
    at.sim.run();
    CHECK(end_of(late).result == json{why, 0});
    return;
  }
  at.sim.run();
  CHECK(end_of(at.sender).result == json{why, 2});
}

TEST_CASE("an awaited send to a task that ends before it began comes back", "[mail]") {
  simulated_runtime sim(0,
                        {.manager = {.limits = {.max_running = 1, .when_full = on_full::queue}}});
  recorder owner(sim);
  const auto running = *owner->spawn({}, read_slowly);
  const auto queued = *owner->spawn(small_inbox(), read_slowly);
  REQUIRE(queued.state() == task_state::queued);
  story events;
  sim.spawn<int>(feed_from_outside, queued, &events);
  sim.run();
  REQUIRE(events == story{"sent", "sent"});
  queued.cancel();
  sim.run();
  CHECK(events == story{"sent", "sent", "task_ended"});
}

TEST_CASE("an awaited send to a task that was given up comes back, although its body is stuck",
          "[mail]") {
  std::binary_semaphore may_go{0};
  tally began;
  {
    runtime world({.workers = 2, .manager = {.grace = 0s}});
    const auto owner = world.open_owner("owner");
    const auto stuck = *owner.spawn(small_inbox(), get_stuck, std::ref(may_go), std::ref(began));
    REQUIRE(began.reaches(1));
    const auto sender = *owner.spawn({}, feed, stuck, 8);
    const auto deadline = clock_type::now() + patience;
    while (sender.record().awaiting != "room in an inbox" && clock_type::now() < deadline) {
      std::this_thread::yield();
    }
    stuck.cancel();
    const auto end = sender.wait(patience);
    may_go.release();
    REQUIRE(end);
    CHECK(end->result == json{"task_ended", 2});
  }
}

TEST_CASE("a cancelled task that awaits its sends raises at the next one", "[mail]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto reader = *owner->spawn({}, test::collect);
  const auto sender = *owner->spawn({}, cancel_itself_and_send, reader);
  sim.run();
  CHECK(end_of(sender).state == task_state::cancelled);
  CHECK(reader.record().unread_messages == 0);
  reader.close_inbox();
  sim.run();
  CHECK(end_of(reader).result == json::array());
}

TEST_CASE("awaited sends let others have their turn", "[mail]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto reader = *owner->spawn({}, read_slowly);
  const auto sender = *owner->spawn({}, feed, reader, 10'000);
  bool was_between = false;
  while (sim.step()) {
    const auto unread = reader.record().unread_messages;
    was_between = was_between || (unread > 0 && unread < 9'000);
  }
  CHECK(end_of(sender).is_success());
  CHECK(was_between);
}

TEST_CASE("an inbox that drops is never full for an awaited send", "[mail]") {
  const auto policy = GENERATE(inbox_policy::drop_oldest, inbox_policy::drop_newest);
  simulated_runtime sim;
  recorder owner(sim);
  const auto reader = *owner->spawn(small_inbox(policy), read_slowly);
  const auto sender = *owner->spawn({}, feed, reader, 8);
  sim.run();
  CHECK(end_of(sender).is_success());
  CHECK(reader.record().dropped_messages == 6);
  sim.run_until_quiet();
  CHECK(end_of(reader).result == (policy == inbox_policy::drop_oldest ? json{6, 7} : json{0, 1}));
}

TEST_CASE("an awaited send without a parent says so", "[mail]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, tell_parent, 1);
  sim.run();
  CHECK(end_of(task).result == json{"no_parent", 0});
}

TEST_CASE("a task that is cancelled while it waits for room has not sent", "[mail]") {
  waiting_sender at;
  at.sender.cancel();
  at.sim.run();
  CHECK(end_of(at.sender).state == task_state::cancelled);
  at.reader.close_inbox();
  at.sim.run_until_quiet();
  CHECK(end_of(at.reader).result == json{0, 1});
}

}  // namespace actors
