#include <atomic>
#include <string>
#include <thread>

#include "actors/owner.hpp"
#include "actors/runtime.hpp"
#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

// Finding live tasks by where they stand, and what a foreign id answers.

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::recorder;
using testing::simulated_runtime;
using words = std::vector<std::string>;

namespace {

//             ┌─ left ── below
// lead (r1) ──┤
//             └─ right
coroutine<void> left(task_context self) {
  self.spawn({.name = "below"}, wait_for_cancel).value();
  co_await until_cancelled();
}

coroutine<void> lead(task_context self) {
  self.spawn({.name = "left"}, left).value();
  self.spawn({.name = "right"}, wait_for_cancel).value();
  co_await until_cancelled();
}

coroutine<void> start_and_await(task_context self, const std::atomic<bool>* enough) {
  while (!*enough) {
    const auto child = self.spawn({.name = "next"}, nothing);
    static_cast<void>(co_await child->ended());
  }
}

}  // namespace

TEST_CASE("a live child is found by its name and by its id", "[addressing][B36]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto top = *owner->spawn({.name = "lead"}, lead);
  sim.run();
  const auto child = *owner->find("left");
  CHECK(owner->find_child(top.id(), "left") == child);
  CHECK(owner->find_child(top.id(), child.id()) == child);
  CHECK(owner->find_child(child.id(), "below") == owner->find("below"));
}

TEST_CASE("only direct children are found as children", "[addressing][B36]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto top = *owner->spawn({.name = "lead"}, lead);
  sim.run();
  const auto below = *owner->find("below");
  CHECK_FALSE(owner->find_child(top.id(), "below"));
  CHECK_FALSE(owner->find_child(top.id(), below.id()));
  CHECK_FALSE(owner->find_child(top.id(), top.id()));
  CHECK_FALSE(owner->find_child(top.id(), "nobody"));
  CHECK_FALSE(owner->find_child(top.id(), ""));
  CHECK_FALSE(owner->find_child(task_id(), "lead"));
  CHECK_FALSE(owner->find_child(task_id(), top.id()));
}

TEST_CASE("a child that has ended is found by its id, and no more as a live child",
          "[addressing][B36]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto top = *owner->spawn({.name = "lead"}, lead);
  sim.run();
  const auto child = *owner->find_child(top.id(), "right");
  child.cancel();
  sim.run();
  CHECK(owner->find(child.id()) == child);
  CHECK_FALSE(owner->find_child(top.id(), child.id()));
  CHECK_FALSE(owner->find_child(top.id(), "right"));
}

TEST_CASE("a body finds its own children and nobody else's", "[addressing][B36]") {
  struct bodies {
    static coroutine<json> look(task_context self, task_handle stranger) {
      const auto child = *self.spawn({.name = "child"}, wait_for_cancel);
      co_return json{self.find_child("child") == child, self.find_child(child.id()) == child,
                     self.find_child("stranger").has_value(),
                     self.find_child(stranger.id()).has_value(),
                     self.find_child(self.id()).has_value()};
    }
  };
  simulated_runtime sim;
  recorder owner(sim);
  const auto stranger = *owner->spawn({.name = "stranger"}, wait_for_cancel);
  const auto looks = *owner->spawn({}, bodies::look, stranger);
  sim.run();
  owner->cancel_all();
  sim.run();
  CHECK(end_of(looks).result == json{true, true, false, false, false});
}

TEST_CASE("a live task of a run that no task started is found by its name and its id",
          "[addressing][B36]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto top = *owner->spawn({.name = "lead", .run_id = "r1"}, lead);
  const auto other = *owner->spawn({.name = "other", .run_id = "r2"}, wait_for_cancel);
  sim.run();
  CHECK(owner->find_in_run("r1", "lead") == top);
  CHECK(owner->find_in_run("r1", top.id()) == top);
  CHECK_FALSE(owner->find_in_run("r1", "left"));
  CHECK_FALSE(owner->find_in_run("r1", owner->find("left")->id()));
  CHECK_FALSE(owner->find_in_run("r1", "other"));
  CHECK_FALSE(owner->find_in_run("", other.id()));
  other.cancel();
  sim.run();
  CHECK_FALSE(owner->find_in_run("r2", "other"));
  CHECK_FALSE(owner->find_in_run("r2", other.id()));
}

TEST_CASE("a foreign id answers as an unknown one, whatever it is used for",
          "[addressing][guarantee-9][B24][B35][E11]") {
  simulated_runtime sim;
  recorder mine(sim, "mine");
  recorder other(sim, "other");
  const spec what{.name = "lead", .run_id = "r", .call_id = "c", .agent_id = "a"};
  const auto foreign = *other->spawn(what, lead);
  sim.run();
  const auto child = *other->find("left");
  const auto unknown = task_id::sequential(99);
  for (const auto id : {foreign.id(), unknown}) {
    CHECK_FALSE(mine->get(id));
    CHECK_FALSE(mine->find(id));
    CHECK_FALSE(mine->find_child(id, "left"));
    CHECK_FALSE(mine->find_child(id, child.id()));
    CHECK_FALSE(mine->find_in_run("r", id));
    CHECK(mine->cancel(id) == 0);
    CHECK_FALSE(mine->cancel_one(id));
    CHECK(mine->watch({id}) == 0);
    CHECK(mine->unwatch({id}) == 0);
    CHECK(mine->acknowledge({id}) == 0);
    CHECK_FALSE(mine->wait(id));
    const auto receipt = mine->send_with_receipt(id, "hello");
    CHECK(receipt.error() == error{error_code::not_found, "task not found"});
    const auto sent = mine->send(id, "hello");
    CHECK(sent.error() == error{error_code::not_found, "task not found"});
    CHECK(sent.returned() == "hello");
  }
  CHECK_FALSE(mine->find("lead"));
  CHECK_FALSE(mine->find_in_run("r", "lead"));
  CHECK(mine->list().empty());
  CHECK_FALSE(mine->has_running());
  CHECK(mine->cancel_all() == 0);
  CHECK(mine->cancel_run("r") == 0);
  CHECK(mine->cancel_matching({.owner = "other", .run_id = "r", .call_id = "c", .agent_id = "a"}) ==
        0);
  sim.run();
  CHECK(foreign.record().phase == task_phase::active);
  CHECK(child.record().phase == task_phase::active);
}

TEST_CASE("a child may be found by its name while it is being started", "[addressing][stress]") {
  runtime real({.workers = 1, .manager = {.max_finished = 0}});
  const auto owner = real.open_owner("o");
  std::atomic<bool> enough = false;
  const auto parent = *owner.spawn({}, start_and_await, &enough);
  std::thread seeker([&] {
    for (int found = 0; found < 30'000;) {
      const auto next = owner.find("next");
      if (next && next->record().what.name == "next") ++found;
    }
    enough = true;
  });
  std::uint64_t ends = 0;
  for (const auto& one : owner.events_until_idle()) ends += one.is_terminal() ? 1 : 0;
  seeker.join();
  CHECK(ends == real.default_manager().metrics().accepted);
  CHECK(parent.state() == task_state::completed);
}

}  // namespace actors
