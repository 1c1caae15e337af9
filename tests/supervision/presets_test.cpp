#include "actors/presets.hpp"

#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using enum task_state;
using testing::recorder;
using testing::simulated_runtime;

namespace {

/// The reason why a task of this depth gets no child; empty when the deepest one got its child.
coroutine<json> go_down(task_context self, int levels) {
  if (levels == 0) co_return "";
  const auto child = self.spawn({}, go_down, levels - 1);
  if (!child) co_return child.error().message;
  const auto end = co_await child->ended();
  co_return end.result;
}

}  // namespace

TEST_CASE("delegation runs three at a time and refuses a fourth with the facts",
          "[presets][A3][A4][A5]") {
  simulated_runtime sim(1, {.manager = presets::delegation()});
  recorder owner(sim);
  for (int i = 0; i < 3; ++i) REQUIRE(owner->spawn({}, work_for, 1s, i));
  CHECK(owner->spawn({}, nothing).error() ==
        error{error_code::capacity_reached,
              "running task limit reached (3): limits.max_running; wait for one to end, or cancel "
              "one"});
  CHECK(owner->list().size() == 3);
  sim.advance(1s);
  CHECK(owner.events().size() == 3);
  CHECK(owner->spawn({}, nothing));
}

TEST_CASE("delegation gives ids of eight digits, and remembers fifty", "[presets][A2][A24]") {
  simulated_runtime sim(1, {.manager = presets::delegation()});
  recorder owner(sim);
  for (int i = 0; i < 60; ++i) {
    const auto task = *owner->spawn({}, answer, i);
    CHECK_THAT(to_string(task.id()), Catch::Matches("deleg_[0-9a-f]{8}"));
    sim.run();
  }
  const auto kept = owner->list();
  REQUIRE(kept.size() == 50);
  CHECK(kept.front().end->result == 10);
}

TEST_CASE("who was delegated to may delegate once more", "[presets][A44]") {
  simulated_runtime sim(1, {.manager = presets::delegation()});
  recorder owner(sim);
  const auto once = *owner->spawn({}, go_down, 1);
  sim.run();
  CHECK(end_of(once).result == "");
  const auto deeper = *owner->spawn({}, go_down, 2);
  sim.run();
  CHECK(end_of(deeper).result == "depth limit reached (2): limits.max_depth");
}

TEST_CASE("a delegated task ends as its body says, however late after a cancel",
          "[presets][A26][B3][B33]") {
  for (const auto& how :
       {presets::delegation(), presets::background_tasks(std::make_shared<memory_journal>())}) {
    simulated_runtime sim(1, {.manager = how});
    recorder owner(sim);
    const auto task = *owner->spawn({}, work_undisturbed, 50min, "interrupted");
    sim.run();
    task.cancel();
    sim.advance(50min - 1ms);
    CHECK(task.record().phase == task_phase::cancelling);
    sim.advance(1ms);
    CHECK(end_of(task).result == "interrupted");
  }
}

TEST_CASE("background tasks have no limit, and inboxes that are never full", "[presets][B6][B27]") {
  auto how = presets::background_tasks(std::make_shared<memory_journal>());
  int reports = 0;
  how.on_report = [&reports](const std::string&) { ++reports; };
  simulated_runtime sim(1, {.manager = how});
  recorder owner(sim);
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    REQUIRE(owner->spawn({}, wait_for_cancel)->id() == task_id::sequential(i));
  }
  const auto task = *owner->spawn({}, test::collect);
  for (int i = 0; i < 70'000; ++i) REQUIRE(task.send(i));
  CHECK(reports == 70'000 / 256);
  task.close_inbox();
  sim.run();
  CHECK(end_of(task).result.size() == 70'000);
}

TEST_CASE("a manager that insists on a journal is not opened without one", "[presets][B10]") {
  const error why{error_code::invalid_argument,
                  "manager_options.journal is not set, and requires_journal asks for one"};
  CHECK_THROWS_WITH(simulated_runtime(1, {.manager = presets::background_tasks(nullptr)}),
                    why.message);
  simulated_runtime sim;
  CHECK_THROWS_AS(sim.open_manager({.requires_journal = true}), failure);
}

TEST_CASE("a delegated task may delegate to three at a time", "[presets][A44]") {
  auto how = presets::delegation();
  how.limits.max_running = 10;
  simulated_runtime sim(1, {.manager = how});
  recorder owner(sim);
  struct bodies {
    static coroutine<json> lead(task_context self) {
      for (int i = 0; i < 3; ++i) self.spawn({}, work_for, duration(1s), i).value();
      const auto fourth = self.spawn({}, nothing);
      co_await sleep_for(1s);
      co_await yield();
      const auto later = self.spawn({}, nothing);
      json answers = json::array();
      answers.push_back(fourth.error().message);
      answers.push_back(later.has_value());
      co_return answers;
    }
  };
  const auto lead = *owner->spawn({}, bodies::lead);
  sim.advance(2s);
  CHECK(end_of(lead).result == json::array({"child task limit reached (3): limits.max_children; "
                                            "wait for one to end, or cancel one",
                                            true}));
}

TEST_CASE("sub-agents wait for one of three places, for a limited time",
          "[presets][D5][D36][D39]") {
  simulated_runtime sim(1, {.manager = presets::subagents()});
  recorder owner(sim);
  for (int i = 0; i < 3; ++i) REQUIRE(owner->spawn({}, wait_for_cancel));
  const auto fourth = *owner->spawn({}, nothing);
  sim.advance(30min - 1ms);
  CHECK(fourth.state() == queued);
  sim.advance(1ms);
  CHECK(fourth.state() == timed_out);
  owner->cancel_all();
  sim.run();
  const auto greedy = *owner->spawn({}, go_down, 1);
  sim.run();
  CHECK(end_of(greedy).result == "depth limit reached (1): limits.max_depth");
}

TEST_CASE("fifteen jobs run at once, and a cancelled one has ended at once",
          "[presets][E2][E4][E11]") {
  simulated_runtime sim(1, {.manager = presets::jobs()});
  recorder owner(sim);
  for (int i = 0; i < 14; ++i) REQUIRE(owner->spawn({}, wait_for_cancel));
  const auto stubborn = *owner->spawn({}, work_undisturbed, 1h, 1);
  CHECK_THAT(owner->spawn({}, nothing).error().message,
             Catch::StartsWith("running task limit reached (15)"));
  sim.run();
  CHECK(stubborn.cancel() == 1);
  CHECK(stubborn.state() == cancelled);
  CHECK(owner->spawn({}, nothing));
}

TEST_CASE("a job that is cancelled has ended in that very call, and with it all below",
          "[presets][E10][E11]") {
  simulated_runtime sim(1, {.manager = presets::jobs()});
  recorder owner(sim);
  struct bodies {
    static coroutine<json> lead(task_context self) {
      self.spawn({.name = "child"}, work_undisturbed, duration(1h), 1).value();
      co_await shield(2h, nap_of(1h));
      co_return "late";
    }
  };
  const auto lead = *owner->spawn({}, bodies::lead);
  sim.run();
  const auto child = *owner->find("child");
  CHECK(owner->cancel(lead.id()) == 2);
  CHECK(lead.state() == cancelled);
  CHECK(child.state() == cancelled);
  CHECK_FALSE(owner->has_running());
  CHECK(owner->cancel(lead.id()) == 0);
  // What the body returns later changes nothing and is not delivered.
  sim.advance(1h);
  CHECK(end_of(lead).result == nullptr);
  CHECK(owner.events().size() == 2);
}

TEST_CASE("the name of a job is numbered when it is taken, as long as its record is kept",
          "[presets][E5]") {
  simulated_runtime sim(1, {.manager = presets::jobs()});
  recorder owner(sim);
  recorder other(sim, "other");
  const auto name_of = [](const auto& at, std::string wanted) {
    return at.spawn({.name = std::move(wanted)}, wait_for_cancel)->name();
  };
  CHECK(name_of(owner.get(), " build\t") == "build");
  CHECK(name_of(owner.get(), "build") == "build-2");
  CHECK(name_of(owner.get(), "build") == "build-3");
  CHECK(name_of(owner.get(), "") == "job_1");
  CHECK(name_of(owner.get(), "  ") == "job_2");
  CHECK(name_of(other.get(), "build") == "build");
  CHECK(owner->find("build-2")->record().what.name == "build-2");

  owner->find("build-2")->cancel();
  CHECK_FALSE(owner->find("build-2"));
  CHECK(name_of(owner.get(), "build") == "build-4");
  sim.advance(5min);
  CHECK(owner->list().size() == 5);
  CHECK(name_of(owner.get(), "build") == "build-2");
  CHECK(owner->find("build-2"));

  owner->find("job_1")->cancel();
  CHECK(owner->forget_ended() == 1);
  CHECK(name_of(owner.get(), "") == "job_1");
  CHECK(owner->spawn({.name = " self "}, nothing).error().code == error_code::name_reserved);
}

TEST_CASE("no job is found by its name when the runtime is gone", "[presets][E5]") {
  std::optional<owner> left;
  {
    simulated_runtime sim(1, {.manager = presets::jobs()});
    left = sim.open_owner("o");
    REQUIRE(left->spawn({.name = "a"}, nothing));
    REQUIRE(left->spawn({.name = "b"}, work_undisturbed, 1h, 1));
    sim.run();
  }
  CHECK_FALSE(left->find("a"));
  CHECK_FALSE(left->find("b"));
}

TEST_CASE("a job that is refused takes no name", "[presets][E5]") {
  auto how = presets::jobs();
  how.limits.max_running = 1;
  simulated_runtime sim(1, {.manager = how});
  recorder owner(sim);
  const auto first = *owner->spawn({.name = "a"}, wait_for_cancel);
  CHECK_FALSE(owner->spawn({.name = "a"}, nothing));
  first.cancel();
  CHECK(owner->spawn({.name = "a"}, nothing)->name() == "a-2");
}

TEST_CASE("the records of jobs go after five minutes", "[presets][E2]") {
  simulated_runtime sim(1, {.manager = presets::jobs()});
  recorder owner(sim);
  REQUIRE(owner->spawn({}, answer, 1));
  sim.run();
  sim.advance(5min - 1ms);
  CHECK(owner->list().size() == 1);
  sim.advance(1ms);
  CHECK(owner->list().empty());
}

}  // namespace actors
