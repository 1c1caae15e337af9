#include "actors/task.hpp"

#include <map>
#include <memory>
#include <string>
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
using words = std::vector<std::string>;

namespace {

coroutine<int> forty_two(task_context) { co_return 42; }
coroutine<std::string> greet(task_context, std::string whom) { co_return "hello " + whom; }
coroutine<void> raise_number(task_context) {
  throw 7;
  co_return;
}
coroutine<void> raise_nothing(task_context) {
  throw std::runtime_error("");
  co_return;
}
coroutine<void> use_failed_result(task_context) {
  const result<int> bad = error{error_code::not_found, "task not found"};
  static_cast<void>(*bad);
  co_return;
}
coroutine<void> stop_itself(task_context) {
  throw cancelled(cancel_reason::sibling);
  co_return;
}
coroutine<void> begin(task_context, bool* began) {
  *began = true;
  co_return;
}

}  // namespace

TEST_CASE("what a body returns becomes the result, as JSON", "[task][B2][A12]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto number = *owner->spawn({}, forty_two);
  const auto text = *owner->spawn({}, greet, "you");
  const auto none = *owner->spawn({}, nothing);
  sim.run();
  CHECK(end_of(number) == outcome{task_state::completed, 42, ""});
  CHECK(end_of(text).result == "hello you");
  CHECK(end_of(none) == outcome{task_state::completed, nullptr, ""});
}

TEST_CASE("whatever leaves a body becomes a failure that says why",
          "[task][A13][A53][B49][D13][E9]") {
  simulated_runtime sim;
  recorder owner(sim);
  struct row {
    task_handle task;
    std::string why;
    std::string type;
  };
  const std::vector<row> tasks{
      {*owner->spawn({}, raise, "no luck"), "no luck", "std::runtime_error"},
      {*owner->spawn({}, raise_number), "an exception that is not a std::exception", "int"},
      {*owner->spawn({}, raise_nothing), "failed without saying why", "std::runtime_error"},
      {*owner->spawn({}, use_failed_result), "task not found", "actors::failure"},
  };
  sim.run();
  for (const auto& [task, why, type] : tasks) {
    CHECK(end_of(task) == outcome{task_state::failed, nullptr, why, type});
    CHECK(to_json(task.record())["error_type"] == type);
    CHECK(owner.story_of(task.id()) == words{"failed"});
  }
  const auto after = *owner->spawn({}, forty_two);
  sim.run();
  CHECK(after.state() == task_state::completed);
}

TEST_CASE("a result that nests too deeply is a failure", "[task]") {
  struct bodies {
    static coroutine<json> tower(task_context, std::size_t depth) {
      json top = json::array();
      for (std::size_t i = 1; i < depth; ++i) {
        json above = json::array();
        above.push_back(std::move(top));
        top = std::move(above);
      }
      co_return top;
    }
  };
  simulated_runtime sim;
  recorder owner(sim);
  const auto high = *owner->spawn({}, bodies::tower, max_written_depth);
  const auto too_high = *owner->spawn({}, bodies::tower, 100'000U);
  sim.run();
  CHECK(high.state() == task_state::completed);
  CHECK(end_of(too_high) == outcome{task_state::failed, nullptr,
                                    "the result nests deeper than 1000", "actors::failure"});
}

TEST_CASE("the value of a body turns into JSON, which the compiler checks", "[task]") {
  struct opaque {};
  using detail::gives_json;
  STATIC_REQUIRE(gives_json<void>);
  STATIC_REQUIRE(gives_json<json>);
  STATIC_REQUIRE(gives_json<std::map<std::string, std::vector<int>>>);
  STATIC_REQUIRE(gives_json<outcome>);
  STATIC_REQUIRE_FALSE(gives_json<opaque>);
  STATIC_REQUIRE_FALSE(gives_json<std::unique_ptr<int>>);
}

TEST_CASE("a body that stops itself is cancelled", "[task]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, stop_itself);
  sim.run();
  CHECK(end_of(task) == outcome{task_state::cancelled, nullptr, "the body stopped itself"});
}

TEST_CASE("a task goes from running to its end", "[task][D5]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({.name = "n", .goal = "g"}, work_for, 2s, 1);
  sim.run();
  const auto before = task.record();
  CHECK(before.state == task_state::running);
  CHECK(before.phase == task_phase::active);
  CHECK(before.awaiting == "sleep");
  CHECK(before.started_at_ms == before.created_at_ms);
  CHECK_FALSE(before.ended_at_ms);
  CHECK_FALSE(before.end);

  sim.advance(2s);
  const auto after = task.record();
  CHECK(after.state == task_state::completed);
  CHECK(after.ended_at_ms == before.created_at_ms + 2000);
  CHECK(after.end.has_value());
}

TEST_CASE("a record is what was asked for, whatever the caller does with its spec later",
          "[task][A8][E7]") {
  simulated_runtime sim;
  recorder owner(sim, "main");
  spec what{.name = "n", .goal = "g", .type = "t", .context = {{"tools", {"read", "write"}}}};
  const auto task = *owner->spawn(what, work_for, 2s, "done");
  what.goal = "another";
  what.context["tools"].clear();

  const auto before = *owner->get(task.id());
  CHECK(before.id == task.id());
  CHECK(before.owner == "main");
  CHECK(before.what.name == "n");
  CHECK(before.what.goal == "g");
  CHECK(before.what.type == "t");
  CHECK(before.what.context == json{{"tools", {"read", "write"}}});
  CHECK(before.state == task_state::running);
  CHECK(before.started_at_ms == before.created_at_ms);
  CHECK_FALSE(before.ended_at_ms);
  CHECK_FALSE(before.end);
  CHECK(task.wait(2s) == outcome{task_state::completed, "done", ""});
  CHECK(owner->get(task.id())->end == task.wait());
}

TEST_CASE("a body is told who it is, and whether it was told to stop", "[task][B13]") {
  struct bodies {
    static coroutine<json> look_at_itself(task_context self) {
      const bool before = self.is_cancelled();
      try {
        co_await until_cancelled();
      } catch (const cancelled&) {
        // It answers all the same.
      }
      co_return json{to_string(self.id()), before, self.is_cancelled()};
    }
  };
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, bodies::look_at_itself);
  sim.run();
  task.cancel();
  sim.run();
  CHECK(end_of(task).result == json{to_string(task.id()), false, true});
}

TEST_CASE("a cancel is noticed at whatever moment it comes", "[task][B53]") {
  // Nothing but the cancel ends the wait.
  runtime real({.workers = 2, .shutdown_patience = 1s, .manager = {.grace = duration::max()}});
  const auto owner = real.open_owner("o");
  for (int round = 0; round < 1'000; ++round) {
    const auto task = *owner.spawn({}, wait_for_cancel);
    for (int i = 0; i < round % 50; ++i) std::this_thread::yield();
    CHECK(task.cancel() == 1);
    if (!task.wait(30s)) FAIL("the cancel was lost");
  }
}

TEST_CASE("a handle tells name and id", "[task]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto named = *owner->spawn({.name = "critic"}, nothing);
  const auto unnamed = *owner->spawn({}, nothing);
  CHECK(named.name() == "critic");
  CHECK(unnamed.name() == to_string(unnamed.id()));
  CHECK(named.id() == task_id::sequential(0));
}

TEST_CASE("a time-out counts from the start and ends as timed_out", "[task][D11]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({.timeout = 10s}, wait_for_cancel);
  sim.advance(10s - 1ms);
  CHECK(task.state() == task_state::running);
  sim.advance(1ms);
  CHECK(end_of(task) ==
        outcome{task_state::timed_out, nullptr, "Execution timed out after 10 seconds"});
}

TEST_CASE("success after the time-out is completed", "[task][B3]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({.timeout = 10s}, succeed_when_cancelled, "ready");
  sim.advance(10s);
  CHECK(end_of(task) == outcome{task_state::completed, "ready", ""});
}

TEST_CASE("a time-out does not overwrite a cancel, nor a cancel a time-out", "[task][D12]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto first_told = *owner->spawn({.timeout = 2s}, work_undisturbed, 1h, 1);
  const auto first_late = *owner->spawn({.timeout = 1s}, work_undisturbed, 1h, 1);
  sim.advance(1s);
  first_told.cancel();
  first_late.cancel();
  sim.advance(10s);
  CHECK(first_told.state() == task_state::cancelled);
  CHECK(first_late.state() == task_state::timed_out);
}

TEST_CASE("a parent's deadline reaches its children", "[task][D11]") {
  simulated_runtime sim;
  recorder owner(sim);
  struct bodies {
    static coroutine<void> lead(task_context self) {
      self.spawn({.name = "patient", .timeout = 60s}, wait_for_cancel).value();
      self.spawn({.name = "plain"}, wait_for_cancel).value();
      co_await until_cancelled();
    }
  };
  REQUIRE(owner->spawn({.name = "lead", .timeout = 3s}, bodies::lead));
  sim.run();
  const auto patient = *owner->find("patient");
  const auto plain = *owner->find("plain");
  sim.advance(3s);
  CHECK(plain.state() == task_state::timed_out);
  CHECK(end_of(plain).error == "Execution timed out: a deadline above it passed");
  CHECK(patient.state() == task_state::timed_out);
}

TEST_CASE("a task that is stopped by a deadline above it does not claim its own", "[task][D11]") {
  simulated_runtime sim;
  recorder owner(sim);
  struct bodies {
    static coroutine<void> lead(task_context self) {
      self.spawn({.name = "patient", .timeout = 60s}, wait_for_cancel).value();
      co_await until_cancelled();
    }
  };
  REQUIRE(owner->spawn({.timeout = 3s}, bodies::lead));
  sim.run();
  const auto patient = *owner->find("patient");
  sim.advance(3s);
  CHECK(end_of(patient).error == "Execution timed out: a deadline above it passed");
}

TEST_CASE("a cancel before the first step means that the body never starts", "[task][D9][D10]") {
  simulated_runtime sim;
  recorder owner(sim);
  bool began = false;
  const auto task = *owner->spawn({}, begin, &began);
  CHECK(task.cancel() == 1);
  sim.run();
  CHECK_FALSE(began);
  CHECK(task.state() == task_state::cancelled);
  CHECK_FALSE(end_of(task).error.empty());
}

TEST_CASE("a cancelled task can still be told, until it has ended", "[task][B29]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, work_undisturbed, 1s, 1);
  sim.run();
  CHECK(task.cancel() == 1);
  CHECK(task.cancel() == 1);
  CHECK(owner->cancel_one(task.id()));
  sim.advance(1s);
  CHECK(task.cancel() == 0);
  CHECK_FALSE(owner->cancel_one(task.id()));
}

namespace {

coroutine<json> await_end_of(task_context, task_handle other) {
  const auto end = co_await other.ended();
  co_return std::string(to_string(end.state));
}

coroutine<json> await_child(task_context self, duration time) {
  const auto child = *self.spawn({}, work_for, time, "from the child");
  const auto end = co_await child.ended();
  co_return end.result;
}

}  // namespace

TEST_CASE("a body waits for the end of another task", "[task]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto slow = *owner->spawn({}, await_child, 5s);
  sim.advance(4s);
  CHECK_FALSE(slow.has_ended());
  CHECK(slow.record().awaiting == "task");
  sim.advance(1s);
  CHECK(end_of(slow).result == "from the child");

  const auto after = *owner->spawn({}, await_end_of, slow);
  sim.run();
  CHECK(end_of(after).result == "completed");
}

TEST_CASE("a cancel ends the wait for another task and leaves that alone", "[task]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto slow = *owner->spawn({}, work_for, 5s, 1);
  const auto waiting = *owner->spawn({}, await_end_of, slow);
  sim.run();
  waiting.cancel();
  sim.run();
  CHECK(waiting.state() == task_state::cancelled);
  CHECK_FALSE(slow.has_ended());
  sim.advance(5s);
  CHECK(slow.state() == task_state::completed);
}

TEST_CASE("a thread outside waits for an end, as long as it likes", "[task]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, work_for, 5s, "done");
  CHECK_FALSE(task.wait(4s));
  CHECK(task.wait(1s) == outcome{task_state::completed, "done", ""});
  CHECK(task.wait() == outcome{task_state::completed, "done", ""});
  const auto stuck = *owner->spawn({}, wait_for_cancel);
  CHECK_FALSE(stuck.wait());  // nothing can ever end it
}

TEST_CASE("a handle outlives the runtime and still knows the end", "[task]") {
  std::optional<task_handle> done;
  std::optional<task_handle> stopped;
  {
    simulated_runtime sim;
    recorder owner(sim);
    done = *owner->spawn({.name = "n"}, answer, 1);
    sim.run();
    stopped = *owner->spawn({}, wait_for_cancel);
  }
  CHECK(done->wait() == outcome{task_state::completed, 1, ""});
  CHECK(done->record().what.name == "n");
  CHECK(stopped->wait(1s)->state == task_state::cancelled);
  CHECK(stopped->wait(1s)->error == "stop: shutdown");
  CHECK(done->cancel() == 0);
  const auto sent = stopped->send("hello");
  CHECK(sent.error() == error{error_code::task_ended, "task already cancelled"});
}

namespace {

coroutine<json> show_lineage(task_context self) {
  const auto from = self.from();
  co_return json{from.task_id, from.run_id, from.call_id, from.agent_id};
}

coroutine<json> spawn_with(task_context self, spec what) {
  const auto child = *self.spawn(what, show_lineage);
  const auto end = co_await child.ended();
  co_return end.result;
}

}  // namespace

TEST_CASE("a child inherits the lineage that its spec leaves open", "[task][A32][B12]") {
  simulated_runtime sim;
  recorder owner(sim);
  const spec top{.run_id = "r", .call_id = "c", .agent_id = "a"};
  const auto root = *owner->spawn(top, show_lineage);
  const auto inherits = *owner->spawn(top, spawn_with, spec{});
  const auto explicit_one =
      *owner->spawn(top, spawn_with, spec{.run_id = "other", .agent_id = "mine"});
  sim.run();
  CHECK(end_of(root).result == json{"", "r", "c", "a"});
  CHECK(end_of(inherits).result == json{to_string(inherits.id()), "r", "c", "a"});
  CHECK(end_of(explicit_one).result == json{to_string(explicit_one.id()), "other", "c", "mine"});
}

TEST_CASE("an emit arrives also from a task that is being cancelled", "[task][B18]") {
  struct bodies {
    static coroutine<void> last_words(task_context self) {
      try {
        co_await until_cancelled();
      } catch (const cancelled&) {
        self.emit("last words", self.is_cancelled());
        throw;
      }
    }
  };
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, bodies::last_words);
  sim.run();
  task.cancel();
  sim.run();
  CHECK(owner.story_of(task.id()) == words{"custom", "cancelled"});
  CHECK(owner.events()[0].type == "last words");
  CHECK(owner.events()[0].payload == true);
}

TEST_CASE("a burst of emits arrives whole and in order, before the end", "[task][B18]") {
  struct bodies {
    static coroutine<json> burst(task_context self, int count) {
      for (int i = 0; i < count; ++i) self.emit("step", i);
      co_return "the result";
    }
  };
  constexpr int count = 2'000;
  runtime real({.workers = 2});
  const auto owner = real.open_owner("o");
  const auto task = *owner.spawn({}, bodies::burst, count);
  int next = 0;
  int ends = 0;
  for (const auto& happened : owner.events_until_idle()) {
    if (happened.is_terminal()) {
      CHECK(happened.payload == "the result");
      ends += next == count ? 1 : 100;
    } else if (happened.payload != next++) {
      FAIL("out of order");
    }
  }
  CHECK(ends == 1);
  CHECK(end_of(task).result == "the result");
}

TEST_CASE("an emit says so when the owner takes no more", "[task][B13][B22]") {
  struct bodies {
    static coroutine<json> try_to_emit(task_context self) { co_return self.emit("anyone?"); }
  };
  simulated_runtime sim;
  std::optional<owner> gone(sim.open_owner("gone"));
  const auto task = *gone->spawn({}, bodies::try_to_emit);
  gone.reset();
  sim.run();
  CHECK(end_of(task) == outcome{task_state::completed, false, ""});
}

TEST_CASE("a spawn inside a body is refused with the same reasons as outside", "[task]") {
  struct bodies {
    static coroutine<json> ask_for_much(task_context self) {
      json why = json::array();
      for (const auto* name : {"self", "bg_1", "child", "child"}) {
        why.push_back(to_string(self.spawn({.name = name}, wait_for_cancel).error().code));
      }
      self.emit("why", why);
      co_await until_cancelled();
      co_return nullptr;
    }
  };
  simulated_runtime sim;
  recorder owner(sim);
  REQUIRE(owner->spawn({}, bodies::ask_for_much));
  sim.run();
  CHECK(owner.events()[0].payload ==
        json{"name_reserved", "invalid_argument", "none", "name_taken"});
}

TEST_CASE("the last handle of a long chain of generations goes without a deep stack", "[task]") {
  struct bodies {
    static coroutine<void> generation(task_context self, int left) {
      if (left > 0) self.spawn({.life = lifetime::outlives}, generation, left - 1).value();
      co_return;
    }
  };
  simulated_runtime sim(1, {.manager = {.max_finished = 1}});
  recorder owner(sim);
  REQUIRE(owner->spawn({}, bodies::generation, 20'000));
  sim.run();
  CHECK(owner.events().size() == 20'001);
  CHECK_FALSE(owner->has_running());
  CHECK(owner->list().size() == 1);
}

}  // namespace actors
