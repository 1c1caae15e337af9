#include <algorithm>
#include <memory>
#include <optional>
#include <semaphore>
#include <utility>

#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "supervision/task_core.hpp"
#include "support/counted.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

// What is true of a task when it ends, and what it leaves behind.

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::recorder;
using testing::simulated_runtime;
using words = std::vector<std::string>;

namespace {

/// Says that it goes, unless it was moved from.
class parting_word {
 public:
  explicit parting_word(words* to) : to_(to) {}
  parting_word(parting_word&& other) noexcept : to_(std::exchange(other.to_, nullptr)) {}
  parting_word& operator=(parting_word&&) = delete;
  ~parting_word() {
    if (to_ != nullptr) to_->emplace_back("frame gone");
  }

 private:
  words* to_;
};

coroutine<> return_at_once(task_context, parting_word) { co_return; }
coroutine<> wait_with_a_word(task_context self, parting_word) { co_await self.inbox().next(); }

/// For each end that is told: what is not settled at that moment.
coroutine<void> hear_and_look(actor_context<event> self, std::optional<owner>* from, words* heard) {
  while (auto happened = co_await self.receive()) {
    const auto& home = **from;
    const auto known = home.get(happened->task);
    words open;
    if (!known || known->state != happened->result().state) open.emplace_back("state");
    if (!known || known->end != happened->result()) open.emplace_back("outcome");
    if (!known || known->ended_at_ms != happened->at_ms) open.emplace_back("time");
    if (home.find(happened->name())) open.emplace_back("name");
    if (home.cancel(happened->task) != 0) open.emplace_back("cancel");
    for (const auto& what : open) heard->push_back(happened->name() + ": " + what + " is open");
    heard->push_back(happened->name() + " " + std::string(to_string(happened->kind)));
  }
}

coroutine<json> fail_when_cancelled(task_context, std::string why) {
  try {
    co_await until_cancelled();
  } catch (const cancelled&) {
    // It ends as a failure.
  }
  throw std::runtime_error(why);
}

coroutine<json> say_why_stopped(task_context) {
  try {
    co_await until_cancelled();
  } catch (const cancelled& why) {
    co_return to_string(why.reason());
  }
  co_return nullptr;
}

coroutine<void> dismiss_child(task_context self) {
  const auto child = *self.spawn({.name = "child"}, wait_for_cancel);
  co_await yield();
  child.cancel();
  co_await child.ended();
}

/// Keeps its thread until it is let go.
struct stuck_body {
  std::binary_semaphore began{0};
  std::binary_semaphore let_go{0};

  static coroutine<json> run(task_context, stuck_body* place) {
    place->began.release();
    place->let_go.acquire();
    co_return "late";
  }
};

coroutine<void> hold(task_context, counted) { co_await yield(); }

}  // namespace

TEST_CASE("the frame of a body is gone before anybody hears of its end", "[ending]") {
  const bool is_cancelled = GENERATE(false, true);
  simulated_runtime sim;
  recorder owner(sim);
  words told;
  const auto task = is_cancelled ? *owner->spawn({}, wait_with_a_word, parting_word(&told))
                                 : *owner->spawn({}, return_at_once, parting_word(&told));
  task.core()->watch([&told](const detail::kept_outcome&) { told.emplace_back("told"); }, &told);
  if (is_cancelled) {
    sim.run();
    task.cancel();
  }
  sim.run();
  CHECK(told == words{"frame gone", "told"});
}

TEST_CASE("what a cancel leaves to say is there for everybody who asks, however often",
          "[ending]") {
  simulated_runtime sim;
  const auto owner = sim.open_owner("o");
  const auto first = *owner.spawn({}, wait_for_cancel);
  const auto second = *owner.spawn({}, wait_for_cancel);
  sim.run();
  first.cancel();
  second.cancel();
  sim.run();
  for (int i = 0; i < 2; ++i) {
    const auto happened = owner.next_event();
    REQUIRE(happened);
    CHECK(happened->error == "stop: requested");
    CHECK(happened->type.empty());
  }
  for (const auto& task : {first, second}) CHECK(task.record().end->error == "stop: requested");
}

TEST_CASE("who hears of an end finds everything about it settled, however the task ended",
          "[ending][A14]") {
  simulated_runtime sim(
      1, {.manager = {.limits = {.max_running = 5, .when_full = on_full::queue}, .grace = 1s}});
  std::optional<owner> home;
  words heard;
  home = sim.open_owner("o", sim.spawn<event>(hear_and_look, &home, &heard));
  REQUIRE(home->spawn({.name = "good"}, answer, 1));
  REQUIRE(home->spawn({.name = "bad"}, raise, "no luck"));
  const auto told = *home->spawn({.name = "told"}, wait_for_cancel);
  REQUIRE(home->spawn({.name = "late", .timeout = 1s}, wait_for_cancel));
  const auto deaf = *home->spawn({.name = "deaf"}, work_undisturbed, 1h, 1);
  const auto queued = *home->spawn({.name = "queued"}, nothing);
  queued.cancel();
  sim.run();
  told.cancel();
  deaf.cancel();
  sim.run_until_quiet();
  std::ranges::sort(heard);
  CHECK(heard == words{"bad failed", "deaf cancelled", "good completed", "late timed_out",
                       "queued cancelled", "told cancelled"});
  home.reset();
}

TEST_CASE("the event of a task that was told to stop says how its body ended", "[ending][A26]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto obeys = *owner->spawn({}, wait_for_cancel);
  const auto succeeds = *owner->spawn({}, succeed_when_cancelled, "ready");
  const auto fails = *owner->spawn({}, fail_when_cancelled, "half done");
  sim.run();
  owner->cancel_all();
  sim.run();
  CHECK(owner.story_of(obeys.id()) == words{"cancelled"});
  CHECK(owner.story_of(succeeds.id()) == words{"completed"});
  CHECK(owner.story_of(fails.id()) == words{"failed"});
  CHECK(owner.ends_of(succeeds.id()).at(0).payload == "ready");
  CHECK(owner.ends_of(fails.id()).at(0).error == "half done");
}

TEST_CASE("an owner that did not ask for a cancel is told of it once", "[ending][E41]") {
  simulated_runtime sim;
  recorder owner(sim);
  REQUIRE(owner->spawn({.name = "lead"}, dismiss_child));
  sim.run();
  CHECK(owner.story_of(task_id::sequential(1)) == words{"cancelled"});
  CHECK(owner.story_of(task_id::sequential(0)) == words{"completed"});
}

TEST_CASE("a body learns why it was told to stop", "[ending][E35]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto told = *owner->spawn({}, say_why_stopped);
  const auto late = *owner->spawn({.timeout = 1s}, say_why_stopped);
  const auto left = *owner->spawn({}, say_why_stopped);
  sim.run();
  told.cancel();
  sim.advance(1s);
  CHECK(sim.shutdown(1s).is_clean());
  CHECK(end_of(told).result == "requested");
  CHECK(end_of(late).result == "deadline");
  CHECK(end_of(left).result == "shutdown");
}

TEST_CASE("a result that claims to be running is a result, and its slot is free", "[ending][A51]") {
  simulated_runtime sim(1, {.manager = {.limits = {.max_running = 1}}});
  recorder owner(sim);
  const auto task = *owner->spawn({}, answer, json{{"status", "running"}});
  sim.run();
  CHECK(task.state() == task_state::completed);
  CHECK(owner.story_of(task.id()) == words{"completed"});
  CHECK(owner->spawn({}, nothing));
}

TEST_CASE("a body that ends after its task was forgotten tells nobody", "[ending][A15]") {
  stuck_body place;
  runtime real({.workers = 2, .manager = {.grace = 0s, .max_finished = 0}});
  const auto owner = real.open_owner("o");
  const auto id = owner.spawn({}, stuck_body::run, &place)->id();
  place.began.acquire();
  CHECK(owner.cancel(id) == 1);
  CHECK(owner.next_event(30s)->kind == event_kind::cancelled);
  CHECK(real.default_manager().drain(30s).is_clean());
  CHECK_FALSE(owner.get(id));

  place.let_go.release();
  CHECK(real.shutdown(30s).is_clean());
  CHECK_FALSE(owner.next_event(0s));
  CHECK_FALSE(owner.get(id));
  CHECK(real.default_manager().metrics().ended == 1);
  CHECK(real.default_manager().dead_letters().empty());
}

TEST_CASE("a result is read by its id when nobody kept a handle", "[ending][B38]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto id = owner->spawn({}, answer, 7)->id();
  sim.run_until_quiet();
  REQUIRE(owner->get(id));
  CHECK(owner->get(id)->end == outcome{task_state::completed, 7, ""});
}

TEST_CASE("an event stays whole when its task is forgotten and its runtime gone",
          "[ending][A19][E31]") {
  std::optional<event> kept;
  {
    simulated_runtime sim(1, {.manager = {.max_finished = 0}});
    const auto owner = sim.open_owner("main");
    const spec what{.name = "n", .goal = "g", .context = {{"file", "a.cpp"}}};
    REQUIRE(owner.spawn(what, answer, std::string(10'000, 'x')));
    kept = owner.next_event();
    sim.run();
    CHECK(owner.list().empty());
  }
  CHECK(kept->owner == "main");
  CHECK(kept->what.goal() == "g");
  CHECK(kept->what.context() == json{{"file", "a.cpp"}});
  CHECK(kept->result() == outcome{task_state::completed, std::string(10'000, 'x'), ""});
}

TEST_CASE("the first to end is the first to be forgotten, not the first to start",
          "[ending][A24]") {
  simulated_runtime sim(1, {.manager = {.max_finished = 2}});
  recorder owner(sim);
  for (const auto time : {3s, 1s, 2s}) REQUIRE(owner->spawn({}, work_for, time, 1));
  const auto running = *owner->spawn({}, wait_for_cancel);
  sim.advance(3s);
  const auto kept = owner->list();
  REQUIRE(kept.size() == 3);
  CHECK(kept[0].id == task_id::sequential(0));
  CHECK(kept[1].id == task_id::sequential(2));
  CHECK(kept[2].id == running.id());
}

TEST_CASE("an ended task leaves nothing but its record, and that goes at the limit",
          "[ending][B48]") {
  ledger book;
  simulated_runtime sim(1, {.manager = {.max_finished = 3}});
  const auto owner = sim.open_owner("o");
  std::vector<kept_spec> specs;
  for (int i = 0; i < 5'000; ++i) {
    REQUIRE(owner.spawn({.name = "n", .timeout = 1h}, hold, counted(book)));
    specs.push_back(owner.next_event()->what);
    if (book.alive() != 0) FAIL("the body is still there");
  }
  const auto left =
      std::ranges::count_if(specs, [](const auto& one) { return one.use_count() > 1; });
  CHECK(left == 3);
  CHECK(book.mistakes() == 0);
}

TEST_CASE("a cancelled task is not forgotten while its body runs, when no record is kept",
          "[ending][E38]") {
  simulated_runtime sim(1, {.manager = {.max_finished = 0}});
  recorder owner(sim);
  const auto& manager = sim.default_manager();
  const auto id = owner->spawn({}, work_undisturbed, 3s, 1)->id();
  sim.run();
  CHECK(owner->cancel(id) == 1);
  sim.run();
  REQUIRE(owner->get(id));
  CHECK(owner->get(id)->phase == task_phase::cancelling);
  CHECK(manager.drain(1s).left.size() == 1);
  CHECK(manager.drain(2s).is_clean());
  sim.run();
  CHECK_FALSE(owner->get(id));
  CHECK(owner.story_of(id) == words{"completed"});
}

}  // namespace actors
