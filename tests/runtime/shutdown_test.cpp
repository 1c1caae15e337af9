#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "actors/actor.hpp"
#include "actors/owner.hpp"
#include "actors/runtime.hpp"
#include "actors/sleep.hpp"
#include "actors/task.hpp"
#include "catch.hpp"
#include "support/tally.hpp"

using namespace std::chrono_literals;

namespace actors::test {

namespace {

coroutine<void> wait_for_mail(actor_context<int> self, std::shared_ptr<int>) {
  while (const auto message = co_await self.receive()) {
  }
}

/// Stuck in its own code until the test lets go; it cannot be told to stop.
coroutine<void> stick(actor_context<int>, std::shared_future<void> end, tally* begun,
                      tally* ended) {
  begun->add();
  end.wait();
  ended->add();
  co_return;
}

coroutine<json> stick_as_task(task_context, std::shared_future<void> end, tally* begun,
                              tally* ended) {
  begun->add();
  end.wait();
  ended->add();
  co_return "too late";
}

coroutine<json> start_stuck_child(task_context self, std::shared_future<void> end, tally* begun,
                                  tally* ended) {
  spec what;
  what.name = "child";
  const auto child = self.spawn(what, stick_as_task, end, begun, ended);
  const auto how = co_await child->ended();
  co_return how.result;
}

/// Hears that it should stop, and waits for something else all the same.
coroutine<void> refuse_to_stop(actor_context<int> self, tally* begun, tally* refused) {
  begun->add();
  for (;;) {
    try {
      co_await self.receive();
    } catch (const cancelled&) {
      refused->add();
    }
  }
}

coroutine<json> wait_as_task(task_context self) {
  while (const auto mail = co_await self.inbox().next()) {
  }
  co_return "closed";
}

const survivor* named(const shutdown_report& report, const std::string& name) {
  const auto found = std::ranges::find(report.survivors, name, &survivor::name);
  return found == report.survivors.end() ? nullptr : &*found;
}

struct stuck_place {
  std::promise<void> end;
  std::shared_future<void> ended = end.get_future().share();
  tally begun;
  tally finished;
};

}  // namespace

TEST_CASE("a shutdown tells every actor to stop and waits for the end", "[shutdown]") {
  runtime home;
  std::vector<actor_ref<int>> all;
  std::vector<std::weak_ptr<int>> frames;
  for (int i = 0; i < 1'000; ++i) {
    auto kept = std::make_shared<int>(i);
    frames.emplace_back(kept);
    all.push_back(home.spawn<int>(wait_for_mail, std::move(kept)));
  }
  CHECK(home.shutdown(patience).is_clean());
  for (const auto& one : frames) CHECK(one.expired());
  for (const auto& one : all) CHECK_FALSE(one.send(1));
}

TEST_CASE("a shutdown can be asked for again", "[shutdown]") {
  runtime home;
  const auto actor = home.spawn<int>(wait_for_mail, std::make_shared<int>(0));
  CHECK(home.shutdown(patience).is_clean());
  CHECK(home.shutdown(0s).is_clean());
}

TEST_CASE("the owner hears how its tasks ended in a shutdown", "[shutdown]") {
  runtime home;
  const auto owner = home.open_owner("main");
  spec what;
  what.name = "waiting";
  const auto task = owner.spawn(what, wait_as_task);
  REQUIRE(task);
  CHECK(home.shutdown(patience).is_clean());
  const auto end = owner.next_event(0s);
  REQUIRE(end);
  CHECK(end->kind == event_kind::cancelled);
}

TEST_CASE("references that are dropped while a runtime closes do no harm", "[shutdown]") {
  for (int round = 0; round < 30; ++round) {
    std::vector<actor_ref<int>> all;
    std::thread dropper;
    {
      runtime home;
      for (int i = 0; i < 50; ++i) {
        all.push_back(home.spawn<int>(wait_for_mail, std::make_shared<int>(i)));
      }
      dropper = std::thread([&all] { all.clear(); });
    }
    dropper.join();
  }
}

// What does not end.

TEST_CASE("an actor that is stuck in its own code is reported and holds nobody up", "[shutdown]") {
  stuck_place place;
  {
    runtime_options options;
    options.shutdown_patience = 10ms;
    runtime home(options);
    home.spawn<int>(stick, place.ended, &place.begun, &place.finished);
    const auto waiting = home.spawn<int>(wait_for_mail, std::make_shared<int>(0));
    REQUIRE(place.begun.reaches(1));
    const auto report = home.shutdown(50ms);
    REQUIRE(report.survivors.size() == 1);
    const auto& left = report.survivors.front();
    CHECK_THAT(left.id, Catch::StartsWith("#"));
    CHECK(left.name == "actor");
    CHECK(left.parent.empty());
    CHECK(left.state == "running");
    CHECK(left.awaiting == "start");
  }
  CHECK(place.finished.count() == 0);
  place.end.set_value();
  CHECK(place.finished.reaches(1));
}

TEST_CASE("actors that have not begun are counted in the report, and never begin", "[shutdown]") {
  stuck_place place;
  {
    runtime_options options;
    options.workers = 1;
    options.shutdown_patience = 10ms;
    runtime home(options);
    home.spawn<int>(stick, place.ended, &place.begun, &place.finished);
    REQUIRE(place.begun.reaches(1));
    for (int i = 0; i < 3; ++i) {
      home.spawn<int>(stick, place.ended, &place.begun, &place.finished);
    }
    const auto report = home.shutdown(50ms);
    CHECK(report.survivors.size() == 2);
    const auto* ready = named(report, "3 actors");
    REQUIRE(ready != nullptr);
    CHECK(ready->state == "ready");
    place.end.set_value();
    CHECK(home.shutdown(patience).is_clean());
  }
  CHECK(place.begun.count() == 1);
}

TEST_CASE("a task that is stuck in its own code is reported with its place in the tree",
          "[shutdown][A11]") {
  stuck_place place;
  {
    runtime_options options;
    options.shutdown_patience = 10ms;
    options.manager.grace = duration::max();
    runtime home(options);
    const auto owner = home.open_owner("main");
    spec what;
    what.name = "above";
    const auto parent =
        owner.spawn(what, start_stuck_child, place.ended, &place.begun, &place.finished);
    REQUIRE(parent);
    REQUIRE(place.begun.reaches(1));
    const auto report = home.shutdown(50ms);
    const auto* child = named(report, "child");
    REQUIRE(child != nullptr);
    CHECK(child->parent == to_string(parent->id()));
    CHECK_THAT(child->state, Catch::StartsWith("running"));
    CHECK(child->awaiting == "start");
    const auto* above = named(report, "above");
    REQUIRE(above != nullptr);
    CHECK(above->id == to_string(parent->id()));
    CHECK(above->parent.empty());
    CHECK(report.survivors.size() == 2);
    // Their outcomes are given all the same, and the owner is told.
    CHECK(parent->has_ended());
    int ends = 0;
    while (const auto end = owner.next_event(0s)) ends += is_terminal(end->kind) ? 1 : 0;
    CHECK(ends == 2);
  }
  place.end.set_value();
  CHECK(place.finished.reaches(1));
}

TEST_CASE("an actor that will not stop is abandoned", "[shutdown]") {
  tally begun;
  tally refused;
  runtime home;
  const auto actor = home.spawn<int>(refuse_to_stop, &begun, &refused);
  REQUIRE(begun.reaches(1));
  const auto report = home.shutdown(100ms);
  REQUIRE(report.survivors.size() == 1);
  CHECK(refused.count() > 0);
  CHECK(home.shutdown(patience).is_clean());
  CHECK_FALSE(actor.send(1));
}

TEST_CASE("the runtime beside a stuck one closes cleanly", "[shutdown]") {
  stuck_place place;
  {
    runtime_options options;
    options.shutdown_patience = 10ms;
    runtime healthy;
    runtime stuck(options);
    stuck.spawn<int>(stick, place.ended, &place.begun, &place.finished);
    REQUIRE(place.begun.reaches(1));
    healthy.spawn<int>(wait_for_mail, std::make_shared<int>(0));
    CHECK(healthy.shutdown(patience).is_clean());
  }
  place.end.set_value();
  CHECK(place.finished.reaches(1));
}

}  // namespace actors::test
