#include "actors/cancel.hpp"

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "actors/blocking.hpp"
#include "actors/completion.hpp"
#include "actors/inbox.hpp"
#include "actors/sleep.hpp"
#include "actors/timeout.hpp"
#include "actors/when_all.hpp"
#include "actors/when_any.hpp"
#include "catch.hpp"
#include "support/bodies.hpp"
#include "support/local_strand.hpp"

using namespace std::chrono_literals;

namespace actors::test {

namespace {

using detail::cancel_scope;
using detail::nested_scope;

// One body for each kind of suspension point. Without a cancel none of them ends by itself, but
// those that only take a turn.

coroutine<void> yield_on(inbox<int>) {
  for (;;) co_await yield();
}

coroutine<void> sleep_long(inbox<int>) { co_await sleep_for(1h); }

coroutine<void> wait_for_cancel(inbox<int>) { co_await until_cancelled(); }

coroutine<void> wait_for_message(inbox<int> mail) { co_await mail.next(); }

coroutine<void> wait_for_message_in_time(inbox<int> mail) { co_await mail.next(1h); }

coroutine<void> wait_for_completion(inbox<int>) {
  const completion<int> answer;
  co_await answer.wait();
}

coroutine<void> wait_for_completion_in_time(inbox<int>) {
  const completion<int> answer;
  co_await answer.wait_for(1h);
}

coroutine<void> wait_for_fulfilled_completion(inbox<int> mail) {
  const completion<int> answer;
  answer.get_completer().set_value(1);
  co_await yield();
  co_await answer.wait();
  co_await wait_for_cancel(mail);
}

coroutine<void> wait_for_all(inbox<int> mail) {
  co_await when_all(sleep_long(mail), wait_for_message(mail));
}

coroutine<void> wait_for_all_of_list(inbox<int> mail) {
  std::vector<coroutine<void>> work;
  work.push_back(sleep_long(mail));
  work.push_back(wait_for_message(mail));
  co_await when_all(std::move(work));
}

coroutine<void> wait_for_any(inbox<int> mail) {
  co_await when_any(sleep_long(mail), wait_for_message(mail));
}

coroutine<void> wait_for_deadline(inbox<int> mail) {
  co_await with_timeout(1h, wait_for_message(mail));
}

coroutine<void> nothing() { co_return; }

coroutine<void> leave_shield(inbox<int> mail) {
  co_await shield(1h, nothing());
  co_await wait_for_message(mail);
}

coroutine<void> wait_in_shield_below_deadline(inbox<int> mail) {
  co_await shield(0s, wait_for_deadline(mail));
}

coroutine<void> wait_for_blocking_work(inbox<int>) {
  const auto work = [] { return 1; };
  co_await blocking(work);
}

coroutine<void> call_deeply(inbox<int> mail) { co_await wait_for_any(mail); }

struct suspension_point {
  const char* name;
  coroutine<void> (*body)(inbox<int>);
};

const std::vector<suspension_point> suspension_points{
    {"yield", yield_on},
    {"sleep_for", sleep_long},
    {"until_cancelled", wait_for_cancel},
    {"inbox::next", wait_for_message},
    {"inbox::next with a limit", wait_for_message_in_time},
    {"completion::wait", wait_for_completion},
    {"completion::wait_for", wait_for_completion_in_time},
    {"completion::wait, fulfilled", wait_for_fulfilled_completion},
    {"when_all", wait_for_all},
    {"when_all of a list", wait_for_all_of_list},
    {"when_any", wait_for_any},
    {"with_timeout", wait_for_deadline},
    {"after a shield", leave_shield},
    {"inside a shield that is down", wait_in_shield_below_deadline},
    {"blocking", wait_for_blocking_work},
    {"a nested call", call_deeply},
};

// Goes on after every cancel, as a body that is cleaning up does.
coroutine<int> try_everything(inbox<int> mail) {
  int raised = 0;
  for (const auto& point : suspension_points) {
    const auto why = co_await reason_of(point.body(mail));
    if (why == cancel_reason::requested) ++raised;
  }
  co_return raised;
}

coroutine<int> wait_then_try_everything(inbox<int> mail) {
  const auto why = co_await reason_of(wait_for_message(mail));
  if (why != cancel_reason::requested) co_return -1;
  co_return co_await try_everything(mail);
}

// Ignores every cancel, and waits again at once.
coroutine<void> ignore_cancel(coroutine<void> (*body)(inbox<int>), inbox<int> mail) {
  for (;;) co_await reason_of(body(mail));
}

coroutine<int> succeed_after_cancel() {
  const auto why = co_await reason_of(wait_for_ever());
  co_return why == cancel_reason::requested ? 42 : 0;
}

coroutine<bool> swallow_standard_exceptions() {
  try {
    co_await until_cancelled();
  } catch (const std::exception&) {
    co_return true;
  }
  co_return false;
}

coroutine<cancel_reason> stop_itself(detail::strand* self) {
  self->request_stop(cancel_reason::shutdown);
  co_return co_await reason_of(nap(1h));
}

coroutine<int> note_begin(bool* begun) {
  *begun = true;
  co_return 1;
}

}  // namespace

TEST_CASE("a cancel ends every kind of wait", "[cancel]") {
  for (const auto& point : suspension_points) {
    CAPTURE(point.name);
    local_strand<cancel_reason> strand;
    strand.hold_blocking_work();
    strand.start(reason_of(point.body(strand.mail())));
    for (int i = 0; i < 4; ++i) strand.run_once(64);
    strand.move_clock(0s);  // lowers the shield that holds for no time
    strand.run_once(64);
    CHECK_FALSE(strand.has_ended());

    CHECK(strand.request_stop(cancel_reason::requested));

    REQUIRE(strand.run());
    CHECK(strand.result() == cancel_reason::requested);
  }
}

TEST_CASE("every further wait of cancelled work is cancelled at once", "[cancel]") {
  local_strand<int> strand;
  strand.start(wait_then_try_everything(strand.mail()));
  CHECK_FALSE(strand.run());

  strand.request_stop(cancel_reason::requested);

  strand.run();
  REQUIRE(strand.advance(0s));
  CHECK(strand.result() == static_cast<int>(suspension_points.size()));
}

TEST_CASE("a body that ignores its cancel lets go of its thread for a moment", "[cancel]") {
  for (const auto& point : suspension_points) {
    if (point.body == wait_in_shield_below_deadline) continue;  // waits for its shield each time
    CAPTURE(point.name);
    local_strand<void> strand;
    strand.hold_blocking_work();
    strand.start(ignore_cancel(point.body, strand.mail()));
    strand.run_once(64);
    strand.request_stop(cancel_reason::requested);
    bool is_waiting = false;
    for (int i = 0; i < 4 && !is_waiting; ++i) {
      is_waiting = strand.run_once(64);
      strand.move_clock(0s);
    }
    CHECK(is_waiting);
    CHECK(strand.wake_at() == time_point(1ms));
    CHECK_FALSE(strand.advance(1ms));
    CHECK(strand.wake_at() == time_point(2ms));
  }
}

TEST_CASE("work that was cancelled may still succeed", "[cancel]") {
  local_strand<int> strand(succeed_after_cancel());
  strand.run();
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK(strand.result() == 42);
}

TEST_CASE("the first reason to stop stays", "[cancel]") {
  local_strand<cancel_reason> strand(reason_of(nap(1h)));
  strand.run();
  CHECK(strand.stop_reason() == cancel_reason::none);
  CHECK(strand.request_stop(cancel_reason::deadline));
  CHECK_FALSE(strand.request_stop(cancel_reason::shutdown));
  CHECK(strand.stop_reason() == cancel_reason::deadline);
  strand.run();
  CHECK(strand.result() == cancel_reason::deadline);
}

TEST_CASE("a body that is told to stop while it runs learns so at its next wait", "[cancel]") {
  local_strand<cancel_reason> strand;
  strand.start(stop_itself(&strand));
  CHECK(strand.run());
  CHECK(strand.turns() == 1);
  CHECK(strand.result() == cancel_reason::shutdown);
}

TEST_CASE("a body that is cancelled before its first step never begins", "[cancel]") {
  bool begun = false;
  local_strand<int> strand(note_begin(&begun));
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK_FALSE(begun);
  CHECK_THROWS_AS(strand.result(), cancelled);
}

TEST_CASE("a cancel is not caught as a std::exception", "[cancel]") {
  STATIC_REQUIRE_FALSE(std::is_base_of_v<std::exception, cancelled>);
  local_strand<bool> strand(swallow_standard_exceptions());
  strand.run();
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK_THROWS_AS(strand.result(), cancelled);
}

TEST_CASE("an abandoned body gets no further step", "[cancel]") {
  story events;
  local_strand<cancel_reason> strand(reason_of(nap(1h)));
  strand.run();
  strand.request_abandon();
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK(strand.turns() == 2);
}

TEST_CASE("a body that is abandoned before its first step never begins", "[cancel]") {
  bool begun = false;
  local_strand<int> strand(note_begin(&begun));
  strand.request_abandon();
  CHECK(strand.run());
  CHECK_FALSE(begun);
}

TEST_CASE("every reason has a word", "[cancel]") {
  CHECK(to_string(cancel_reason::none) == "none");
  CHECK(to_string(cancel_reason::requested) == "requested");
  CHECK(to_string(cancel_reason::deadline) == "deadline");
  CHECK(to_string(cancel_reason::sibling) == "sibling");
  CHECK(to_string(cancel_reason::shutdown) == "shutdown");
}

// The scopes themselves.
//
//           root
//          /    |
//       left   right
//        |
//      shield
//        |
//       leaf

TEST_CASE("cancelling a scope reaches everything below it and nothing beside it", "[cancel]") {
  cancel_scope root;
  nested_scope left(&root);
  nested_scope right(&root);
  nested_scope leaf(&left);

  left.cancel(cancel_reason::requested);

  CHECK(left.is_cancelled());
  CHECK(leaf.reason() == cancel_reason::requested);
  CHECK_FALSE(right.is_cancelled());
  CHECK_FALSE(root.is_cancelled());
}

TEST_CASE("a scope below a cancelled one is born cancelled", "[cancel]") {
  cancel_scope root;
  root.cancel(cancel_reason::shutdown);
  const nested_scope child(&root);
  CHECK(child.reason() == cancel_reason::shutdown);
}

TEST_CASE("a scope that was cancelled keeps its reason", "[cancel]") {
  cancel_scope root;
  nested_scope child(&root);
  child.cancel(cancel_reason::deadline);
  root.cancel(cancel_reason::requested);
  CHECK(child.reason() == cancel_reason::deadline);
  CHECK(root.reason() == cancel_reason::requested);
}

TEST_CASE("a cancel does not pass a shield until it is lowered", "[cancel]") {
  cancel_scope root;
  nested_scope left(&root);
  nested_scope shielded(&left, nested_scope::kind::shield);
  nested_scope leaf(&shielded);
  nested_scope right(&root);

  root.cancel(cancel_reason::requested);

  CHECK(left.is_cancelled());
  CHECK(right.is_cancelled());
  CHECK_FALSE(shielded.is_cancelled());
  CHECK_FALSE(leaf.is_cancelled());
  const nested_scope late(&shielded);
  CHECK_FALSE(late.is_cancelled());

  shielded.lower_shield();

  CHECK(shielded.reason() == cancel_reason::requested);
  CHECK(leaf.reason() == cancel_reason::requested);
  CHECK(late.reason() == cancel_reason::requested);
}

TEST_CASE("a shield that was lowered before lets a cancel through", "[cancel]") {
  cancel_scope root;
  nested_scope shielded(&root, nested_scope::kind::shield);
  shielded.lower_shield();
  CHECK_FALSE(shielded.is_cancelled());
  root.cancel(cancel_reason::requested);
  CHECK(shielded.is_cancelled());
}

TEST_CASE("a scope that has gone is not reached", "[cancel]") {
  cancel_scope root;
  nested_scope first(&root);
  auto second = std::make_unique<nested_scope>(&root);
  const nested_scope third(&root);
  second.reset();
  root.cancel(cancel_reason::requested);
  CHECK(first.is_cancelled());
  CHECK(third.is_cancelled());
}

TEST_CASE("a cancel goes down a tree of a hundred thousand levels without a deep stack",
          "[cancel]") {
  cancel_scope root;
  std::vector<std::unique_ptr<nested_scope>> levels;
  auto* above = &root;
  for (int i = 0; i < 100'000; ++i) {
    levels.push_back(std::make_unique<nested_scope>(above));
    above = levels.back().get();
  }
  const nested_scope beside(levels.front().get());

  root.cancel(cancel_reason::requested);

  CHECK(above->is_cancelled());
  CHECK(beside.is_cancelled());
  while (!levels.empty()) levels.pop_back();
}

}  // namespace actors::test
