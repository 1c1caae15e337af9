#include "actors/receipt.hpp"

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::recorder;
using testing::simulated_runtime;
using state = receipt_state;

namespace {

/// Takes what is there after each nap.
coroutine<json> collect_after(task_context self, duration nap, int naps) {
  json all = json::array();
  for (int i = 0; i < naps; ++i) {
    co_await sleep_for(nap);
    for (const auto& message : self.inbox().drain()) all.push_back(message.content);
  }
  co_return all;
}

coroutine<json> await_settled(task_context, receipt sent) {
  co_return std::string(to_string(co_await sent.settled()));
}

coroutine<json> drain_when_cancelled(task_context self, duration pause) {
  try {
    static_cast<void>(co_await self.inbox().next());
  } catch (const cancelled&) {
    // What it was given is in the inbox again.
  }
  co_await shield(1h, nap_of(pause));
  json all = json::array();
  for (const auto& message : self.inbox().drain()) all.push_back(message.content);
  co_return all;
}

}  // namespace

TEST_CASE("a receipt tells that the body took the message", "[receipt][B40]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, collect_after, 1s, 2);
  const auto sent = task.send_with_receipt("hello");
  const auto by_id = owner->send_with_receipt(task.id(), "you");
  sim.run();
  CHECK(sent.state() == state::queued);
  sim.advance(1s);
  CHECK(sent.state() == state::delivered);
  CHECK(by_id.state() == state::delivered);
  CHECK(sent.error() == error{});
  CHECK(sent.returned().is_null());
  sim.advance(1s);
  CHECK(end_of(task).result == json{"hello", "you"});
  CHECK(sent.state() == state::delivered);
}

TEST_CASE("a followed message is a plain one to the body, and stands in line", "[receipt]") {
  struct bodies {
    static coroutine<json> look(task_context self) {
      json all = json::array();
      while (auto message = co_await self.inbox().next()) {
        all.push_back({message->content, to_string(message->from), message->wants_reply()});
      }
      co_return all;
    }
  };
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, bodies::look);
  task.send(1);
  const auto followed = task.send_with_receipt(2);
  task.send(3);
  sim.run();
  const auto to_waiting = task.send_with_receipt(4);
  sim.run();
  CHECK(to_waiting.state() == state::delivered);
  task.close_inbox();
  sim.run();
  CHECK(end_of(task).result ==
        json{{1, "", false}, {2, "", false}, {3, "", false}, {4, "", false}});
}

TEST_CASE("a message that was not taken in time expires and is not handed over", "[receipt]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, collect_after, 5s, 1);
  const auto early = task.send_with_receipt("early", 5s);
  const auto in_time = task.send_with_receipt("in time", 6s);
  const auto unseen = task.send_with_receipt("nobody looks", 1s);
  const auto at_once = task.send_with_receipt("at once", 0s);
  CHECK(at_once.state() == state::expired);
  sim.advance(5s - 1ms);
  CHECK(early.state() == state::queued);
  CHECK(in_time.state() == state::queued);
  sim.advance(1ms);
  CHECK(early.state() == state::expired);
  CHECK(in_time.state() == state::delivered);
  CHECK(unseen.state() == state::expired);
  CHECK(end_of(task).result == json{"in time"});
  CHECK(early.error().code == error_code::none);
}

TEST_CASE("a receipt whose time has passed stays expired when the task ends", "[receipt]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, work_for, 5s, 1);
  const auto sent = task.send_with_receipt("x", 1s);
  sim.advance(2s);
  CHECK(sent.state() == state::expired);
  sim.run_until_quiet();
  CHECK(sent.state() == state::expired);
}

TEST_CASE("a wait goes on when what woke it had expired", "[receipt]") {
  struct bodies {
    static coroutine<json> busy_then_wait(task_context self) {
      co_await sleep_for(5s);
      const auto message = co_await self.inbox().next(10s);
      co_return message ? message->content : json("nothing");
    }
  };
  simulated_runtime sim;
  recorder owner(sim);
  const auto hears = *owner->spawn({}, bodies::busy_then_wait);
  const auto hears_not = *owner->spawn({}, bodies::busy_then_wait);
  const auto lone = hears_not.send_with_receipt("late", 1s);
  const auto late = hears.send_with_receipt("late", 1s);
  sim.advance(6s);
  CHECK_FALSE(hears.has_ended());
  hears.send("fresh");
  sim.run();
  CHECK(end_of(hears).result == "fresh");
  sim.advance(9s);
  CHECK(end_of(hears_not).result == "nothing");
}

TEST_CASE("the loop over a closed inbox ends when all that is left has expired", "[receipt]") {
  struct bodies {
    static coroutine<json> late_loop(task_context self) {
      co_await sleep_for(5s);
      co_return co_await test::collect(self);
    }
  };
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, bodies::late_loop);
  const auto sent = task.send_with_receipt("late", 1s);
  task.close_inbox();
  sim.advance(5s);
  CHECK(end_of(task).result == json::array());
}

TEST_CASE("a message that is refused at once comes back with its receipt", "[receipt][B24]") {
  simulated_runtime sim;
  recorder owner(sim);
  recorder other(sim, "other");
  const auto ended = *owner->spawn({}, nothing);
  const auto none = *owner->spawn({.inbox = inbox_policy::none}, wait_for_cancel);
  const auto closed = *owner->spawn({}, wait_for_cancel);
  closed.close_inbox();
  const auto full = *owner->spawn({.inbox_capacity = 1}, wait_for_cancel);
  REQUIRE(full.send(1));
  sim.run();
  const std::vector<std::pair<receipt, error_code>> refused{
      {other->send_with_receipt(closed.id(), "m"), error_code::not_found},
      {ended.send_with_receipt("m"), error_code::task_ended},
      {none.send_with_receipt("m"), error_code::no_inbox},
      {closed.send_with_receipt("m"), error_code::inbox_closed},
      {full.send_with_receipt("m", 1s), error_code::inbox_full},
  };
  for (const auto& [sent, why] : refused) {
    CHECK(sent.state() == state::refused);
    CHECK(sent.error().code == why);
    CHECK(sent.returned() == "m");
  }
}

TEST_CASE("a message is refused when its task ends before it took it", "[receipt]") {
  simulated_runtime sim(1, {.manager = {.grace = 1s}});
  recorder owner(sim);
  for (const auto policy : {inbox_policy::reject, inbox_policy::drop_oldest}) {
    const auto ends = *owner->spawn({.inbox = policy}, work_for, 5s, 1);
    const auto abandoned = *owner->spawn({.inbox = policy}, work_undisturbed, 1h, 1);
    const auto one = ends.send_with_receipt(1);
    const auto two = abandoned.send_with_receipt(2);
    sim.run();
    CHECK(one.state() == state::queued);
    CHECK(two.state() == state::queued);
    abandoned.cancel();
    sim.advance(5s);
    CHECK(one.state() == state::refused);
    CHECK(two.state() == state::refused);
    CHECK(one.error() ==
          error{error_code::task_ended, "the task ended before it took the message"});
  }
}

TEST_CASE("a message that a full inbox drops is refused", "[receipt][B57]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto oldest =
      *owner->spawn({.inbox_capacity = 1, .inbox = inbox_policy::drop_oldest}, test::collect);
  const auto newest =
      *owner->spawn({.inbox_capacity = 1, .inbox = inbox_policy::drop_newest}, test::collect);
  const auto first = oldest.send_with_receipt(1);
  const auto second = oldest.send_with_receipt(2);
  const auto third = newest.send_with_receipt(3);
  const auto fourth = newest.send_with_receipt(4);
  CHECK(first.state() == state::refused);
  CHECK(first.error().code == error_code::inbox_full);
  CHECK(fourth.state() == state::refused);
  CHECK(fourth.error() == error{error_code::inbox_full, "the inbox of bg_1 is full"});
  sim.run();
  CHECK(second.state() == state::delivered);
  CHECK(third.state() == state::delivered);
}

TEST_CASE("a message that comes back from a cancelled wait is queued until it is taken",
          "[receipt]") {
  for (const auto policy : {inbox_policy::reject, inbox_policy::drop_oldest}) {
    simulated_runtime sim;
    recorder owner(sim);
    const auto task = *owner->spawn({.inbox = policy}, drain_when_cancelled, 2s);
    sim.run();
    const auto lasts = task.send_with_receipt("lasts");
    const auto expires = task.send_with_receipt("expires", 1s);
    task.cancel();
    sim.run();
    CHECK(lasts.state() == state::queued);
    CHECK(expires.state() == state::queued);
    sim.advance(1s);
    CHECK(lasts.state() == state::queued);
    CHECK(expires.state() == state::expired);
    sim.advance(1s);
    CHECK(lasts.state() == state::delivered);
    CHECK(end_of(task).result == json{"lasts"});
  }
}

TEST_CASE("a message that came back and expires there is not handed over", "[receipt]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, drain_when_cancelled, 2s);
  sim.run();
  const auto sent = task.send_with_receipt("given, then late", 1s);
  task.cancel();
  sim.advance(2s);
  CHECK(sent.state() == state::expired);
  CHECK(end_of(task).result == json::array());
}

TEST_CASE("a body awaits each final state", "[receipt]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto takes = *owner->spawn({}, collect_after, 3s, 1);
  const auto ends = *owner->spawn({}, work_for, 4s, 1);
  const std::vector<std::pair<task_handle, std::string>> waits{
      {*owner->spawn({}, await_settled, takes.send_with_receipt(1)), "delivered"},
      {*owner->spawn({}, await_settled, takes.send_with_receipt(1, 10s)), "delivered"},
      {*owner->spawn({}, await_settled, takes.send_with_receipt(1, 2s)), "expired"},
      {*owner->spawn({}, await_settled, ends.send_with_receipt(1)), "refused"},
  };
  sim.advance(2s - 1ms);
  for (const auto& [task, word] : waits) CHECK_FALSE(task.has_ended());
  sim.advance(1ms);
  CHECK(waits[2].first.has_ended());
  sim.advance(1s - 1ms);
  CHECK_FALSE(waits[0].first.has_ended());
  CHECK(waits[0].first.record().awaiting == "receipt");
  sim.advance(1s + 1ms);
  for (const auto& [task, word] : waits) CHECK(end_of(task).result == word);

  const auto after = *owner->spawn({}, await_settled, takes.send_with_receipt(1));
  sim.run();
  CHECK(end_of(after).result == "refused");
}

TEST_CASE("a cancel ends the wait for a receipt and leaves the message alone", "[receipt][B53]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto takes = *owner->spawn({}, collect_after, 3s, 1);
  const auto sent = takes.send_with_receipt("m");
  const auto waits = *owner->spawn({}, await_settled, sent);
  sim.run();
  waits.cancel();
  sim.run();
  CHECK(waits.state() == task_state::cancelled);
  CHECK(sent.state() == state::queued);
  sim.advance(3s);
  CHECK(sent.state() == state::delivered);
}

TEST_CASE("a thread outside waits for a receipt, as long as it likes", "[receipt]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto takes = *owner->spawn({}, collect_after, 5s, 1);
  const auto sent = takes.send_with_receipt("m");
  const auto expires = takes.send_with_receipt("m", 2s);
  CHECK_FALSE(sent.wait(1s));
  CHECK(expires.wait() == state::expired);
  CHECK(sent.wait() == state::delivered);
  const auto deaf = *owner->spawn({}, wait_for_cancel);
  CHECK_FALSE(deaf.send_with_receipt("m").wait());  // nobody will ever take it
}

TEST_CASE("a receipt outlives the runtime", "[receipt]") {
  std::optional<receipt> unread;
  std::optional<receipt> taken;
  {
    simulated_runtime sim;
    recorder owner(sim);
    taken = owner->spawn({}, test::collect)->send_with_receipt(1);
    unread = owner->spawn({}, wait_for_cancel)->send_with_receipt(1, 1h);
    sim.run();
  }
  CHECK(taken->state() == state::delivered);
  CHECK(unread->state() == state::refused);
  CHECK(unread->wait(1s) == state::refused);
}

TEST_CASE("under threads each receipt ends in one final state, and as many are delivered as came",
          "[receipt][stress]") {
  struct bodies {
    static coroutine<json> count_some(task_context self, int enough) {
      int count = 0;
      while (count < enough) {
        const auto message = co_await self.inbox().next();
        if (!message) break;
        ++count;
      }
      co_return count;
    }
  };
  for (const auto policy :
       {inbox_policy::reject, inbox_policy::drop_oldest, inbox_policy::drop_newest}) {
    runtime real({.workers = 2});
    const auto owner = real.open_owner("o");
    const spec what{.inbox_capacity = 16, .inbox = policy};
    const auto task = *owner.spawn(what, bodies::count_some, 2'000);
    std::vector<receipt> sent;
    while (!task.has_ended()) {
      // Every third one lives about as long as it takes to be read.
      const auto expiry = sent.size() % 3 == 0 ? duration(2us) : duration::max();
      sent.push_back(task.send_with_receipt(1, expiry));
      static_cast<void>(sent.back().state());
    }
    std::size_t delivered = 0;
    for (const auto& one : sent) {
      const auto end = one.wait();
      REQUIRE(end);
      CHECK(one.state() == end);
      delivered += *end == state::delivered ? 1U : 0U;
    }
    CHECK(task.wait()->result == delivered);
  }
}

}  // namespace actors
