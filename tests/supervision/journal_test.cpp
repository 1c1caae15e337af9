#include "actors/journal.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/journals.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::recorder;
using testing::simulated_runtime;
using words = std::vector<std::string>;

namespace {

record make(std::uint64_t n, task_state state = task_state::running) {
  record task;
  task.id = task_id::sequential(n);
  task.state = state;
  return task;
}

}  // namespace

TEST_CASE("a journal in memory keeps the last record of each task, by id", "[journal]") {
  memory_journal kept;
  CHECK(kept.accepted(make(10)));
  CHECK(kept.accepted(make(2)));
  CHECK(kept.ended(make(10, task_state::failed)));
  const auto records = kept.records();
  REQUIRE(records.size() == 2);
  CHECK(records[0].id == task_id::sequential(2));
  CHECK(records[1].state == task_state::failed);
}

TEST_CASE("a journal in memory forgets the oldest ends, and never a live task",
          "[journal][guarantee-10]") {
  memory_journal kept(2);
  CHECK(kept.accepted(make(0)));
  for (std::uint64_t n = 1; n < 10; ++n) {
    CHECK(kept.accepted(make(n)));
    CHECK(kept.ended(make(n, task_state::completed)));
  }
  const auto records = kept.records();
  REQUIRE(records.size() == 3);
  CHECK(records[0].id == task_id::sequential(0));
  CHECK(records[1].id == task_id::sequential(8));
  CHECK(records[2].id == task_id::sequential(9));
}

TEST_CASE("the journal has the spec when a task is accepted and the outcome when it has ended",
          "[journal][B11]") {
  const auto kept = std::make_shared<memory_journal>();
  simulated_runtime sim(1, {.manager = {.journal = kept}});
  recorder owner(sim, "main");
  const spec what{.name = "n", .goal = "g", .run_id = "r"};
  REQUIRE(owner->spawn(what, work_for, 2s, "done"));
  auto before = kept->records().at(0);
  CHECK(before.owner == "main");
  CHECK(before.what.goal == "g");
  CHECK(before.from.run_id == "r");
  CHECK_FALSE(is_terminal(before.state));

  sim.advance(2s);
  const auto after = kept->records().at(0);
  CHECK(after.state == task_state::completed);
  CHECK(after.end == outcome{task_state::completed, "done", ""});
  CHECK(after.ended_at_ms == before.created_at_ms + 2000);
  CHECK(to_json(after) == to_json(*owner->get(after.id)));
}

TEST_CASE("the ends of every kind are journalled, also of what was queued or abandoned",
          "[journal]") {
  const auto kept = std::make_shared<memory_journal>();
  simulated_runtime sim(
      1, {.manager = {.limits = {.max_running = 1, .when_full = on_full::queue}, .journal = kept}});
  recorder owner(sim);
  const auto stuck = *owner->spawn({}, work_undisturbed, 1h, 1);
  const auto waiting = *owner->spawn({}, nothing);
  sim.run();
  waiting.cancel();
  stuck.cancel();
  sim.advance(5s);
  const auto records = kept->records();
  CHECK(records.at(0).end == end_of(stuck));
  CHECK(records.at(1).end == end_of(waiting));
  CHECK(records.at(1).state == task_state::cancelled);
}

TEST_CASE("what the journal refuses is not started, and the refusal says why",
          "[journal][B10][A33][A52]") {
  words story;
  const auto written = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(1, {.manager = {.limits = {.max_running = 1}, .journal = written}});
  recorder owner(sim);

  SECTION("as an error") { written->on_accepted = disk_full; }
  SECTION("as an exception") {
    written->on_accepted = [](const record&) -> result<void> {
      throw std::runtime_error("no space left");
    };
  }
  const auto refused = owner->spawn({.name = "n"}, nothing);
  CHECK(refused.error() ==
        error{error_code::journal_failed, "the journal refused the task: no space left"});
  CHECK(sim.default_manager().metrics().journal_failures == 1);

  written->on_accepted = {};
  CHECK(owner->spawn({.name = "n"}, nothing));  // neither name nor place was lost
  sim.run();
  CHECK(owner.events().size() == 1);
}

TEST_CASE("a journal that raises no std::exception refuses the spawn and ends no program",
          "[journal][A52]") {
  words story;
  const auto written = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(1, {.manager = {.limits = {.max_running = 1}, .journal = written}});
  recorder owner(sim);
  written->on_accepted = [](const record&) -> result<void> { throw 7; };
  CHECK(owner->spawn({.name = "n"}, nothing).error().code == error_code::journal_failed);
  written->on_accepted = {};
  written->on_ended = written->on_accepted;
  written->on_ended = [](const record&) -> result<void> { throw 7; };
  const auto task = owner->spawn({.name = "n"}, nothing);
  REQUIRE(task);
  sim.run();
  CHECK(task->state() == task_state::completed);
  CHECK(owner.events().size() == 1);
  CHECK(sim.default_manager().metrics().journal_failures == 2);
}

TEST_CASE("a body waits for the journal's answer, and never starts without a yes",
          "[journal][A34]") {
  struct bodies {
    static coroutine<void> note(task_context, words* story) {
      story->push_back("body");
      co_return;
    }
  };
  words story;
  const auto written = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(1, {.manager = {.journal = written}});
  recorder owner(sim);
  using reply = std::function<result<void>(const record&)>;
  const auto spawn_with = [&](reply answer) {
    written->on_accepted = [&sim, answer](const record& task) {
      sim.run();  // all the time that a body could want
      return answer(task);
    };
    const bool accepted = bool(owner->spawn({}, bodies::note, &story));
    sim.run();
    return accepted;
  };
  CHECK_FALSE(spawn_with(disk_full));
  CHECK_FALSE(spawn_with([](const record&) -> result<void> { throw std::runtime_error("?"); }));
  CHECK_FALSE(spawn_with([](const record&) -> result<void> { throw 7; }));
  CHECK(std::ranges::count(story, "body") == 0);
  CHECK(spawn_with([](const record&) { return result<void>(); }));
  story.erase(story.begin(), story.begin() + 3);
  CHECK(story == words{"journal: accepted bg_3", "body", "journal: ended bg_3 completed"});
}

TEST_CASE("a task counts, as finalizing, until its end is journalled", "[journal][A35]") {
  words story;
  const auto written = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(1, {.manager = {.limits = {.max_running = 1}, .journal = written}});
  recorder owner(sim);
  std::optional<record> meanwhile;
  error_code refused = error_code::none;
  written->on_ended = [&](const record& task) -> result<void> {
    meanwhile = owner->get(task.id);
    refused = owner->spawn({}, nothing).error().code;
    return {};
  };
  REQUIRE(owner->spawn({}, answer, 1));
  sim.run();
  REQUIRE(meanwhile);
  CHECK(meanwhile->state == task_state::running);
  CHECK(meanwhile->phase == task_phase::finalizing);
  CHECK(refused == error_code::capacity_reached);
  CHECK(owner->spawn({}, nothing));
}

TEST_CASE("a journal that refuses an end is counted, and the event is mailed all the same",
          "[journal][B15][B52][A36]") {
  words story;
  const auto written = std::make_shared<spoken_journal>(story);
  written->on_ended = disk_full;
  simulated_runtime sim(1, {.manager = {.journal = written}});
  recorder owner(sim);
  const auto task = *owner->spawn({.name = "n"}, answer, 1);
  sim.run();
  CHECK(task.state() == task_state::completed);
  CHECK(owner.story_of(task.id()) == words{"completed"});
  CHECK(sim.default_manager().metrics().journal_failures == 1);
  CHECK_FALSE(owner->has_running());
  CHECK(owner->spawn({.name = "n"}, nothing));
}

TEST_CASE("an end that the journal refused is offered again until it is taken", "[journal][B52]") {
  words story;
  words reports;
  const auto written = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(
      1, {.manager = {.journal = written,
                      .on_report = [&](const std::string& line) { reports.push_back(line); }}});
  recorder owner(sim);
  written->on_ended = disk_full;
  for (int i = 0; i < 2; ++i) {
    REQUIRE(owner->spawn({}, answer, i));
    sim.run();
  }
  CHECK(reports == words{"the journal did not take the end of bg_0 (no space left), 1 so far",
                         "the journal did not take the end of bg_1 (no space left), 2 so far"});
  CHECK(sim.default_manager().metrics().unwritten_ends == 2);
  story.clear();
  sim.advance(63s);  // after 1, 2, 4, 8, 16 and 32 seconds, and then each minute
  CHECK(std::ranges::count(story, "journal: ended bg_0 completed") == 6);
  CHECK(story.size() == 12);
  sim.advance(120s);
  CHECK(story.size() == 16);
  written->on_ended = nullptr;
  story.clear();
  sim.advance(60s);
  CHECK(story == words{"journal: ended bg_0 completed", "journal: ended bg_1 completed"});
  CHECK(sim.default_manager().metrics().unwritten_ends == 0);
  CHECK(sim.default_manager().metrics().journal_failures_ended == 2);

  // It begins anew.
  written->on_ended = disk_full;
  REQUIRE(owner->spawn({}, answer, 3));
  sim.run();
  written->on_ended = nullptr;
  sim.advance(1s);
  CHECK(story.back() == "journal: ended bg_2 completed");
}

TEST_CASE("an end that is never taken holds up no other", "[journal][B52]") {
  words story;
  const auto written = std::make_shared<spoken_journal>(story);
  const bool is_first = GENERATE(true, false);
  simulated_runtime sim(1,
                        {.manager = {.journal = written, .on_report = [](const std::string&) {}}});
  recorder owner(sim);
  written->on_ended = disk_full;
  for (const auto* name : {is_first ? "poison" : "good", is_first ? "good" : "poison"}) {
    REQUIRE(owner->spawn({.name = name}, nothing));
    sim.run();
  }
  written->on_ended = [](const record& task) -> result<void> {
    if (task.what.name == "poison") return disk_full(task);
    return {};
  };
  sim.advance(1s);
  CHECK(sim.default_manager().metrics().unwritten_ends == 1);
  // Something was taken, so the next offer is a second later.
  story.clear();
  sim.advance(1s);
  CHECK(story.size() == 1);
}

TEST_CASE("the ends that wait for the journal are bounded, and the oldest are reported",
          "[journal][B52][guarantee-10]") {
  words story;
  words reports;
  const auto written = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(1, {.manager = {.journal = written,
                                        .max_unwritten_ends = 2,
                                        .on_report = [&reports](const std::string& line) {
                                          if (line.starts_with("the journal never")) {
                                            reports.push_back(line);
                                          }
                                        }}});
  recorder owner(sim);
  written->on_ended = disk_full;
  for (int i = 0; i < 4; ++i) {
    REQUIRE(owner->spawn({}, nothing));
    sim.run();
  }
  CHECK(sim.default_manager().metrics().unwritten_ends == 2);
  CHECK(reports == words{"the journal never took the end of bg_0, 1 so far",
                         "the journal never took the end of bg_1, 2 so far"});
  written->on_ended = nullptr;
  sim.advance(1s);
  CHECK(sim.default_manager().metrics().unwritten_ends == 0);
}

TEST_CASE("a shutdown does not wait for a slow journal beyond its patience", "[journal][B52]") {
  words story;
  const auto written = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(1,
                        {.manager = {.journal = written, .on_report = [](const std::string&) {}}});
  recorder owner(sim);
  written->on_ended = disk_full;
  for (int i = 0; i < 10; ++i) REQUIRE(owner->spawn({}, nothing));
  sim.run();
  written->on_ended = [&sim](const record&) -> result<void> {
    sim.advance(300ms);
    return {};
  };
  sim.shutdown(500ms);
  CHECK(sim.default_manager().metrics().unwritten_ends == 8);
  written->on_ended = nullptr;  // the runtime that it uses goes
}

TEST_CASE("a shutdown offers the journal once more what it refused, and a lost end is reported",
          "[journal][B52]") {
  words story;
  words reports;
  const auto written = std::make_shared<spoken_journal>(story);
  const bool takes = GENERATE(true, false);
  {
    simulated_runtime sim(
        1, {.manager = {.journal = written,
                        .on_report = [&](const std::string& line) { reports.push_back(line); }}});
    recorder owner(sim);
    written->on_ended = disk_full;
    REQUIRE(owner->spawn({}, answer, 1));
    sim.run();
    reports.clear();
    story.clear();
    if (takes) written->on_ended = nullptr;
    CHECK(sim.shutdown(1s).is_clean());
    CHECK(story == words{"journal: ended bg_0 completed"});
  }
  CHECK(reports == (takes ? words() : words{"the journal never took the end of bg_0, 1 so far"}));
}

TEST_CASE("a task that was found while the journal refused it is told apart from a live one",
          "[journal][A52]") {
  words story;
  const auto written = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(1, {.manager = {.journal = written}});
  recorder owner(sim);
  std::optional<task_handle> found;
  written->on_accepted = [&](const record& task) -> result<void> {
    found = owner->find(task.what.name);
    return disk_full(task);
  };
  CHECK_FALSE(owner->spawn({.name = "n"}, nothing));
  REQUIRE(found);
  CHECK(found->cancel() == 0);
  CHECK(found->send("hello").error().code == error_code::task_ended);
  CHECK(found->wait(1s)->state == task_state::failed);
  CHECK_FALSE(end_of(*found).error.empty());
  CHECK(owner.events().empty());
}

TEST_CASE("a child that the journal is accepting when its parent is cancelled is told, too",
          "[journal][A47]") {
  struct bodies {
    static coroutine<void> note(task_context, words* story) {
      story->push_back("the child's body");
      co_return;
    }
    static coroutine<void> lead(task_context self, words* story) {
      self.spawn({.name = "child"}, note, story).value();
      co_await sleep_for(1h);
    }
  };
  words story;
  const auto written = std::make_shared<spoken_journal>(story);
  simulated_runtime sim(1, {.manager = {.journal = written}});
  recorder owner(sim);
  const auto lead = *owner->spawn({}, bodies::lead, &story);
  written->on_accepted = [&](const record&) -> result<void> {
    CHECK(lead.cancel() == 2);
    return {};
  };
  sim.run_until_quiet();
  CHECK(lead.state() == task_state::cancelled);
  CHECK(owner.story_of(task_id::sequential(1)) == words{"cancelled"});
  CHECK(std::ranges::count(story, "the child's body") == 0);
}

TEST_CASE("a cancel that comes while the journal accepts a task is not lost", "[journal][B47]") {
  words story;
  const auto written = std::make_shared<spoken_journal>(story);
  runtime_options options;
  options.manager.journal = written;
  options.manager.limits = {.max_running = 1, .when_full = on_full::queue};
  simulated_runtime sim(1, options);
  recorder owner(sim);
  const auto cancel_it = [&](const record& task) -> result<void> {
    owner->find(task.what.name)->cancel();
    return {};
  };

  SECTION("of one that would start at once") {
    written->on_accepted = cancel_it;
    const auto task = *owner->spawn({.name = "n"}, answer, 1);
    sim.run();
    CHECK(task.state() == task_state::cancelled);
  }
  SECTION("of one that would be queued, and ends without waiting for its turn") {
    REQUIRE(owner->spawn({}, wait_for_cancel));
    written->on_accepted = cancel_it;
    const auto task = *owner->spawn({.name = "n"}, answer, 1);
    CHECK(task.state() == task_state::cancelled);
    CHECK(sim.default_manager().metrics().queued == 0);
    sim.run();
    CHECK(owner.story_of(task.id()) == words{"cancelled"});
  }
}

}  // namespace actors
