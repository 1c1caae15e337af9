#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include "actors/runtime.hpp"
#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/journals.hpp"
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

coroutine<json> read_sender(task_context self) {
  const auto message = co_await self.inbox().next();
  co_return to_string(message->from) + ": " + message->content.get<std::string>();
}

coroutine<json> write_to_itself(task_context self) {
  static_cast<void>(self.handle().send("early"));
  return read_sender(self);
}

coroutine<json> write_to(task_context self, std::optional<task_handle>* other) {
  static_cast<void>((*other)->send("from the other"));
  return read_sender(self);
}

coroutine<json> note_only(task_context, words* notes) {
  notes->push_back("begun");
  co_return nullptr;
}

coroutine<json> cancel_itself(task_context self, words* notes, bool raises) {
  self.handle().cancel();
  if (raises) throw std::domain_error("no luck");
  return note_only(self, notes);
}

coroutine<json> cancel_itself_later(task_context self, words* notes, bool raises) {
  auto made = note_only(self, notes);
  self.handle().cancel();
  if (raises) throw std::domain_error("no luck");
  return made;
}

/// Is copied where others are moved, and sends to its task with each copy that goes.
struct last_words {
  explicit last_words(std::optional<task_handle>* task) : to(task) {}
  last_words(const last_words&) = default;
  ~last_words() {
    if (to->has_value()) static_cast<void>((*to)->send("bye"));
  }
  std::optional<task_handle>* to;
};

coroutine<json> count_until_closed(task_context self, last_words) {
  int count = 0;
  while (const auto message = co_await self.inbox().next()) ++count;
  co_return count;
}

/// Knows whether all whence it was moved lay where it asked to lie.
struct alignas(64) wide {
  wide() = default;
  wide(wide&& other) noexcept
      : was_aligned(other.was_aligned &&
                    reinterpret_cast<std::uintptr_t>(&other) % alignof(wide) == 0) {}
  bool was_aligned = true;
};

/// Counts how many there are.
template <std::size_t Size, std::size_t Alignment>
struct alignas(Alignment) crate {
  explicit crate(int* count) : live(count) {
    content.fill('c');
    ++*live;
  }
  crate(crate&& other) noexcept : live(other.live), content(other.content) {
    other.content.fill('x');
    ++*live;
  }
  ~crate() { --*live; }

  int* live;
  std::array<char, Size> content;
};

template <std::size_t Size, std::size_t Alignment>
coroutine<json> unpack(task_context self, crate<Size, Alignment> given) {
  return answer(self, std::count(given.content.begin(), given.content.end(), 'c'));
}

coroutine<json> look_at(task_context self, wide given) { return answer(self, given.was_aligned); }

coroutine<void> note_and_wait(task_context, words* notes) {
  notes->push_back("begun");
  co_await until_cancelled();
}

coroutine<void> hold_argument(task_context, std::shared_ptr<int>) { co_await until_cancelled(); }

/// Can be moved as long as `may_move` says so.
struct movable_at_first {
  explicit movable_at_first(const bool* may) : may_move(may) {}
  movable_at_first(const movable_at_first&) = default;
  movable_at_first(movable_at_first&& other) : may_move(other.may_move) {
    if (!*may_move) throw std::domain_error("cannot be moved");
  }
  const bool* may_move;
};

coroutine<void> take(task_context, movable_at_first) { co_return; }

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
  CHECK(end_of(second).result == "done");
}

TEST_CASE("what a body raises instead of giving a coroutine fails the task", "[begin]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, refuse_to_begin, "no luck");
  sim.run();
  const auto end = end_of(task);
  CHECK(end.state == task_state::failed);
  CHECK(end.error == "no luck");
  CHECK(end.error_type == "std::domain_error");
  CHECK(owner.story_of(task.id()) == words{"failed"});
  CHECK(task.send("late").error().code == error_code::task_ended);
}

TEST_CASE("a task that was told to stop ends as failed when its body raises instead", "[begin]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, refuse_to_begin, "no luck");
  const bool has_mail = GENERATE(false, true);
  if (has_mail) CHECK(task.send("hello"));
  task.cancel();
  sim.run();
  CHECK(end_of(task) == outcome{task_state::failed, nullptr, "no luck", "std::domain_error"});
}

TEST_CASE("a message does not call a body, and one that cannot be called drops it", "[begin]") {
  words notes;
  simulated_runtime sim(1, one_at_a_time);
  recorder owner(sim);
  const auto first = *owner->spawn({}, wait_for_cancel);
  const auto second = *owner->spawn({}, note_and_answer, &notes);
  const auto third = *owner->spawn({}, refuse_to_begin, "no luck");
  CHECK(second.send("hello"));
  const auto followed = third.send_with_receipt("hello");
  sim.run();
  CHECK(notes.empty());
  CHECK(followed.state() == receipt_state::queued);
  first.cancel();
  sim.run();
  CHECK(notes == words{"called by bg_1"});
  CHECK(end_of(third).error == "no luck");
  CHECK(followed.state() == receipt_state::refused);
}

TEST_CASE("an argument that cannot be moved fails the task", "[begin]") {
  simulated_runtime sim;
  recorder owner(sim);
  bool may_move = true;
  const auto task = *owner->spawn({}, take, movable_at_first(&may_move));
  may_move = false;
  sim.run();
  CHECK(end_of(task).error == "cannot be moved");
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
  CHECK(end_of(reader).result == json{1, 2});
}

TEST_CASE("an inbox that is closed before the body begins stays closed", "[begin]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto reader = *owner->spawn({}, collect);
  reader.close_inbox();
  CHECK(reader.send(1).error().code == error_code::inbox_closed);
  sim.run();
  CHECK(end_of(reader).result == json::array());
}

TEST_CASE("an inbox has its policy before the body begins", "[begin]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto send_three = [&](inbox_policy policy) {
    const auto reader = *owner->spawn({.inbox_capacity = 2, .inbox = policy}, collect);
    for (int i = 0; i < 3; ++i) reader.send(i);
    reader.close_inbox();
    sim.run();
    return end_of(reader).result;
  };
  CHECK(send_three(inbox_policy::reject) == json{0, 1});
  CHECK(send_three(inbox_policy::drop_oldest) == json{1, 2});
  CHECK(send_three(inbox_policy::drop_newest) == json{0, 1});
  CHECK(send_three(inbox_policy::none) == json::array());
}

TEST_CASE("what a body sends before it is a coroutine comes from its task", "[begin]") {
  simulated_runtime sim;
  recorder owner(sim);
  std::optional<task_handle> other;
  const auto alone = *owner->spawn({}, write_to_itself);
  const auto one = *owner->spawn({}, write_to, &other);
  other = one;
  std::optional<task_handle> first = one;
  const auto two = *owner->spawn({}, write_to, &first);
  other = two;
  sim.run();
  CHECK(end_of(alone).result == "bg_0: early");
  CHECK(end_of(one).result == "bg_2: from the other");
  CHECK(end_of(two).result == "bg_1: from the other");
}

TEST_CASE("a body may cancel its task before its coroutine begins", "[begin]") {
  auto* const body = GENERATE(cancel_itself, cancel_itself_later);
  const bool raises = GENERATE(false, true);
  const bool has_mail = GENERATE(false, true);
  const auto grace = GENERATE(duration::zero(), duration(10s));
  simulated_runtime sim(1, {.manager = {.grace = grace}});
  recorder owner(sim);
  words notes;
  const auto task = *owner->spawn({}, body, &notes, raises);
  std::optional<receipt> sent;
  if (has_mail) sent = task.send_with_receipt("hello");
  sim.run();
  if (sent) CHECK(sent->state() == receipt_state::refused);
  CHECK(notes.empty());
  const bool fails = raises && grace != duration::zero();
  CHECK(task.state() == (fails ? task_state::failed : task_state::cancelled));
  CHECK(owner.story_of(task.id()) == words{fails ? "failed" : "cancelled"});
  CHECK(sim.default_manager().drain(1s).is_clean());
}

TEST_CASE("arguments may send to the task when they go", "[begin]") {
  simulated_runtime sim;
  recorder owner(sim);
  std::optional<task_handle> own;
  own = *owner->spawn({}, count_until_closed, last_words(&own));
  sim.run();
  own->close_inbox();
  sim.run();
  CHECK(end_of(*own).result.get<int>() > 0);
}

TEST_CASE("an argument may ask for any alignment until the body takes it", "[begin]") {
  simulated_runtime sim;
  recorder owner(sim);
  // Some of the blocks for it would lie right by chance.
  for (int i = 0; i < 16; ++i) REQUIRE(owner->spawn({}, look_at, wide()));
  sim.run();
  for (const auto& one : owner.events()) CHECK(one.payload == true);
  CHECK(owner.events().size() == 16);
}

TEMPLATE_TEST_CASE_SIG("an argument of any size and alignment arrives whole, and goes", "[begin]",
                       ((std::size_t Size, std::size_t Alignment), Size, Alignment), (1, 8),
                       (32, 8), (40, 8), (48, 8), (16, 16), (32, 16), (48, 16), (1, 32),
                       (5000, 8)) {
  int live = 0;
  simulated_runtime sim;
  recorder owner(sim);
  using its = crate<Size, Alignment>;
  const auto first = *owner->spawn({}, unpack<Size, Alignment>, its(&live));
  const auto never_begins = *owner->spawn({}, unpack<Size, Alignment>, its(&live));
  const auto last = *owner->spawn({}, unpack<Size, Alignment>, its(&live));
  CHECK(live == 3);
  never_begins.cancel();
  sim.run();
  CHECK(end_of(first).result == Size);
  CHECK(end_of(last).result == Size);
  CHECK(never_begins.state() == task_state::cancelled);
  CHECK(live == 0);
}

TEST_CASE("who has written to a task that never begins learns of its end", "[begin]") {
  simulated_runtime sim(1, {.manager = {.limits = {.max_running = 1, .when_full = on_full::queue},
                                        .grace = duration::zero()}});
  recorder owner(sim);
  const auto first = *owner->spawn({}, hold_argument, std::make_shared<int>());
  const auto second = *owner->spawn({}, hold_argument, std::make_shared<int>());
  const auto to_first = first.send_with_receipt("hello");
  const auto to_second = second.send_with_receipt("hello");
  second.cancel();
  first.cancel();
  sim.run();
  CHECK(first.state() == task_state::cancelled);
  CHECK(second.state() == task_state::cancelled);
  CHECK(to_first.state() == receipt_state::refused);
  CHECK(to_second.state() == receipt_state::refused);
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
  const auto named = *owner->spawn({.name = "taken"}, nothing);
  CHECK_FALSE(owner->spawn({.name = "taken"}, hold_argument, cargo));
  CHECK(cargo.use_count() == 1);
}

TEST_CASE("the arguments of a body that the journal refuses go at once", "[begin]") {
  words story;
  const auto cargo = std::make_shared<int>();
  const auto written = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(1, {.manager = {.journal = written}});
  recorder owner(sim);
  std::optional<task_handle> found;
  written->on_accepted = [&](const record& task) -> result<void> {
    found = owner->find(task.what.name);
    return error{error_code::journal_failed, "no space left"};
  };
  CHECK_FALSE(owner->spawn({.name = "n"}, hold_argument, cargo));
  REQUIRE(found);
  CHECK(cargo.use_count() == 1);
}

TEST_CASE("a task that is told to stop before its body begins runs nothing of it", "[begin]") {
  words notes;
  simulated_runtime sim(1, {.manager = {.grace = GENERATE(duration::zero(), duration(10s))}});
  recorder owner(sim);
  const auto task = *owner->spawn({}, note_and_wait, &notes);
  const bool has_mail = GENERATE(false, true);
  if (has_mail) CHECK(task.send("hello"));
  CHECK(task.record().awaiting == "start");
  task.cancel();
  sim.run();
  CHECK(notes.empty());
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

TEST_CASE("a runtime may end while others send to tasks that have not begun", "[begin]") {
  for (int round = 0; round < 100; ++round) {
    std::vector<task_handle> tasks;
    std::atomic<bool> is_over{false};
    std::vector<std::thread> threads;
    {
      runtime home(one_at_a_time);
      const auto owner = home.open_owner("o");
      for (int i = 0; i < 50; ++i) tasks.push_back(*owner.spawn({}, wait_for_cancel));
      for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&tasks, &is_over, i] {
          for (auto at = static_cast<std::size_t>(i); !is_over; at = (at + 2) % tasks.size()) {
            static_cast<void>(tasks[at].send("hello"));
          }
        });
      }
    }
    is_over = true;
    for (auto& each : threads) each.join();
    for (const auto& each : tasks) REQUIRE(each.has_ended());
  }
}

}  // namespace actors
