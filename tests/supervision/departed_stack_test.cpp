#include "supervision/departed_stack.hpp"

#include <array>
#include <cstddef>

#include "actors/sleep.hpp"
#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/task_bodies.hpp"

namespace actors::test {

using namespace std::chrono_literals;
using testing::recorder;
using testing::simulated_runtime;

namespace {

struct alignas(16) leaf {
  leaf* next_departed = nullptr;
};

using stack = detail::departed_stack<leaf>;

std::size_t length(const leaf* first) {
  std::size_t count = 0;
  for (; first != nullptr; first = first->next_departed) ++count;
  return count;
}

coroutine<json> end_later(task_context) {
  co_await sleep_for(2s);
  co_return "late";
}

/// Starts so many that end while it runs, and one that ends after it.
coroutine<json> outlive(task_context self, int children) {
  for (int i = 0; i < children; ++i) self.spawn({.goal = "short"}, nothing).value();
  self.spawn({}, end_later).value();
  co_await sleep_for(1s);
  co_return "outlived";
}

}  // namespace

TEST_CASE("a stack of those that have ended takes so many and no more", "[departed_stack]") {
  std::array<leaf, stack::limit + 1> leaves;
  stack left;
  CHECK(left.take() == nullptr);
  for (std::size_t i = 0; i < stack::limit; ++i) REQUIRE(left.push(leaves[i]));
  CHECK_FALSE(left.push(leaves[stack::limit]));
  auto* const latest = left.take();
  CHECK(latest == &leaves[stack::limit - 1]);
  CHECK(length(latest) == stack::limit);
  CHECK(left.push(leaves[0]));
  CHECK(length(left.take()) == 1);
}

TEST_CASE("a stack that is shut gives what it has and takes no more", "[departed_stack]") {
  std::array<leaf, 3> leaves;
  stack left;
  REQUIRE(left.push(leaves[0]));
  REQUIRE(left.push(leaves[1]));
  CHECK(length(left.shut()) == 2);
  CHECK_FALSE(left.push(leaves[2]));
}

TEST_CASE("a parent ends after its last child, however many have ended before",
          "[departed_stack]") {
  const int children = GENERATE(0, 1, 14, 15, 16, 40);
  simulated_runtime sim;
  recorder owner(sim);
  const auto parent = *owner->spawn({}, outlive, children);
  sim.advance(1500ms);
  CHECK(owner.events().size() == static_cast<std::size_t>(children));
  CHECK(parent.state() == task_state::running);
  sim.run_until_quiet();
  REQUIRE(owner.events().size() == static_cast<std::size_t>(children) + 2);
  CHECK(owner.events().back().task == parent.id());
  CHECK(sim.default_manager().drain(1s).is_clean());
}

TEST_CASE("a parent keeps no child beyond its record", "[departed_stack]") {
  const int children = GENERATE(1, 14, 15, 20);
  const bool at_once = GENERATE(false, true);
  const std::size_t records = at_once ? 0 : 1'000;
  simulated_runtime sim(1, {.manager = {.max_finished = records}});
  recorder owner(sim);
  const auto parent = *owner->spawn({}, outlive, children);
  sim.advance(500ms);
  REQUIRE(owner.events().size() == static_cast<std::size_t>(children));
  const auto forgotten = sim.default_manager().forget_ended();
  CHECK(forgotten == static_cast<std::size_t>(at_once ? 0 : children));
  CHECK(parent.state() == task_state::running);
  // What the recorder has of each is all that is left.
  for (const auto& one : owner.events()) CHECK(one.what.use_count() == 1);
}

TEST_CASE("children that have ended are not told of a cancel", "[departed_stack]") {
  const int children = GENERATE(1, 14, 15, 16);
  simulated_runtime sim;
  recorder owner(sim);
  const auto parent = *owner->spawn({}, outlive, children);
  sim.advance(500ms);
  CHECK(parent.cancel() == 2);
}

}  // namespace actors::test
