#include <pthread.h>

#include <functional>
#include <latch>
#include <thread>

#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/journals.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

// Cancels that come at an awkward moment, and trees of awkward shapes.

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::recorder;
using testing::simulated_runtime;
using words = std::vector<std::string>;

namespace {

/// Runs `work` on a thread whose stack has no room for one frame per task.
void on_small_stack(std::function<void()> work) {
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, 256U * 1024U) == 0);
  pthread_t thread{};
  const auto begin = [](void* what) -> void* {
    (*static_cast<std::function<void()>*>(what))();
    return nullptr;
  };
  REQUIRE(pthread_create(&thread, &attributes, begin, &work) == 0);
  REQUIRE(pthread_join(thread, nullptr) == 0);
  pthread_attr_destroy(&attributes);
}

coroutine<void> chain(task_context self, int length) {
  if (length > 1) self.spawn({}, chain, length - 1).value();
  co_await until_cancelled();
}

coroutine<void> grow(task_context self, int levels, int width) {
  for (int i = 0; levels > 0 && i < width; ++i) self.spawn({}, grow, levels - 1, width).value();
  co_await until_cancelled();
}

/// Starts children until it is refused one.
coroutine<json> spawn_until_refused(task_context self) {
  for (;;) {
    const auto child = self.spawn({}, wait_for_cancel);
    if (!child) co_return std::string(to_string(child.error().code));
  }
}

class cancelling_journal final : public journal {
 public:
  result<void> accepted(const record&) override { return {}; }
  result<void> ended(const record& task) override {
    if (at != nullptr) told += at->cancel(task.id);
    return {};
  }

  const owner* at = nullptr;
  std::size_t told = 0;
};

coroutine<void> cancel_who_ended(actor_context<event> self, const owner* at, words* story) {
  while (auto happened = co_await self.receive()) {
    if (!happened->is_terminal()) continue;
    story->push_back(happened->name() + " " + std::string(to_string(happened->kind)) + " " +
                     std::to_string(at->cancel(happened->task)) + " " +
                     std::to_string(at->cancel(happened->parent)));
  }
}

coroutine<void> lead_of_two(task_context self) {
  self.spawn({.name = "quick"}, nothing).value();
  self.spawn({.name = "slow"}, wait_for_cancel).value();
  co_await until_cancelled();
}

}  // namespace

TEST_CASE("a chain of 10,000 is cancelled and ends without a deep stack", "[cancel][B30]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto root = *owner->spawn({}, chain, 10'000);
  sim.run();
  std::size_t told = 0;
  on_small_stack([&] {
    told = root.cancel();
    sim.run();
  });
  CHECK(told == 10'000);
  CHECK(root.state() == task_state::cancelled);
  CHECK_FALSE(owner->has_running());
  CHECK(sim.default_manager().metrics().ended == 10'000);
}

// 1 + 10 + … + 10^5
TEST_CASE("a tree of 111,111 is cancelled with an exact count", "[cancel][B30]") {
  simulated_runtime sim;
  const auto owner = sim.open_owner("o");
  const auto root = *owner.spawn({.run_id = "r"}, grow, 5, 10);
  const auto beside = *owner.spawn({}, wait_for_cancel);
  sim.run();
  REQUIRE(sim.default_manager().metrics().running == 111'112);
  std::size_t told = 0;
  std::size_t told_again = 0;
  on_small_stack([&] {
    told = owner.cancel(root.id());
    told_again = owner.cancel_run("r");
    sim.run();
  });
  CHECK(told == 111'111);
  CHECK(told_again == 111'111);
  CHECK(root.cancel() == 0);
  CHECK(sim.default_manager().metrics().running == 1);
  CHECK_FALSE(beside.has_ended());
}

TEST_CASE("a wide tree of 20,000 is cancelled with an exact count", "[cancel][B30]") {
  simulated_runtime sim;
  const auto owner = sim.open_owner("o");
  const auto root = *owner.spawn({}, grow, 1, 19'999);
  sim.run();
  CHECK(root.cancel() == 20'000);
  sim.run();
  CHECK(root.cancel() == 0);
  CHECK_FALSE(owner.has_running());
}

TEST_CASE("of children that are being started while their parent is cancelled, all are told",
          "[cancel][guarantee-6][B34][stress]") {
  for (int round = 0; round < 50; ++round) {
    runtime real({.workers = 2});
    const auto owner = real.open_owner("o");
    const auto parent = *owner.spawn({}, spawn_until_refused);
    const auto told = parent.cancel();
    std::size_t cancelled = 0;
    for (const auto& happened : owner.events_until_idle()) {
      if (happened.task == parent.id()) continue;
      cancelled += happened.kind == event_kind::cancelled ? 1U : 0U;
    }
    // The parent itself is told, and ends as it likes or is never begun.
    CHECK(told == cancelled + 1);
    CHECK(real.default_manager().metrics().accepted == told);
  }
}

TEST_CASE("a task that is cancelled while it is being accepted is told once, and never begins",
          "[cancel][B33]") {
  struct bodies {
    static coroutine<void> begin(task_context, bool* begun) {
      *begun = true;
      co_return;
    }
  };
  words story;
  const auto journal = std::make_shared<spoken_journal>(story);
  const auto grace = GENERATE(duration(5s), duration::zero());
  simulated_runtime sim(1, {.manager = {.grace = grace, .journal = journal}});
  recorder owner(sim);
  journal->on_accepted = [&owner](const record& task) -> result<void> {
    CHECK(owner->find(task.what.name)->cancel_one());
    return {};
  };
  bool begun = false;
  const auto task = *owner->spawn({.name = "n"}, bodies::begin, &begun);
  // No worker was needed, which might be stuck.
  CHECK(task.has_ended());
  sim.run();
  CHECK_FALSE(begun);
  CHECK_FALSE(task.record().started_at_ms);
  CHECK(owner.story_of(task.id()) == words{"cancelled"});
}

TEST_CASE("a cancel at any step finds its task live or ended, and one end counts",
          "[cancel][D12][D21]") {
  for (int steps = 0; steps < 20; ++steps) {
    simulated_runtime sim(static_cast<std::uint64_t>(steps));
    recorder owner(sim);
    const auto task = *owner->spawn({}, count_up, 5);
    for (int i = 0; i < steps && sim.step();) ++i;
    const bool was_live = !task.has_ended();
    CHECK(task.cancel() == (was_live ? 1U : 0U));
    const auto before = task.record();
    sim.run();
    CHECK(task.has_ended());
    CHECK(owner.ends_of(task.id()).size() == 1);
    if (!was_live) CHECK(task.record().end == before.end);
  }
}

TEST_CASE("a cancel while the outcome is journalled counts the task and changes nothing",
          "[cancel][B29][D21]") {
  const auto where = std::make_shared<cancelling_journal>();
  simulated_runtime sim(1, {.manager = {.journal = where}});
  recorder owner(sim);
  where->at = &owner.get();
  const auto task = *owner->spawn({}, answer, 7);
  sim.run();
  CHECK(where->told == 1);
  CHECK(end_of(task) == outcome{task_state::completed, 7, ""});
  CHECK(owner.story_of(task.id()) == words{"completed"});
}

// lead ─┬─ quick
//       └─ slow
TEST_CASE("a cancel while an event is being delivered finds its task ended", "[cancel][B29]") {
  simulated_runtime sim;
  words story;
  std::optional<owner> at;
  struct late {
    static coroutine<void> hear(actor_context<event> self, std::optional<owner>* by, words* to) {
      co_await cancel_who_ended(self, &**by, to);
    }
  };
  const auto receiver = sim.spawn<event>(late::hear, &at, &story);
  at = sim.open_owner("o", receiver);
  REQUIRE(at->spawn({.name = "lead"}, lead_of_two));
  sim.run();
  // The end of `quick` cancelled its parent, with the sibling that lives.
  CHECK(story == words{"quick completed 0 2", "slow cancelled 0 1", "lead cancelled 0 0"});
  CHECK_FALSE(at->has_running());
}

namespace {

coroutine<json> finish_when_told(task_context self) {
  self.spawn({.name = "child"}, wait_for_cancel).value();
  try {
    co_await until_cancelled();
  } catch (const cancelled&) {
    // The value was ready.
  }
  co_return 1;
}

}  // namespace

TEST_CASE("a task that was told alone keeps its time-out for those below", "[cancel]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({.timeout = 10s}, finish_when_told);
  sim.run();
  const auto child = *owner->find("child");
  CHECK(task.cancel_one());
  sim.advance(9s);
  CHECK_FALSE(child.has_ended());
  CHECK_FALSE(task.has_ended());
  sim.advance(1s);
  CHECK(child.state() == task_state::timed_out);
  CHECK(end_of(task) == outcome{task_state::completed, 1, ""});
}

}  // namespace actors
