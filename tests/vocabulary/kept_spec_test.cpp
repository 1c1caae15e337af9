#include "actors/kept_spec.hpp"

#include <thread>

#include "catch.hpp"

using namespace std::chrono_literals;

namespace actors {

namespace {

spec full() {
  return {.name = "n",
          .goal = "a goal that no small string holds",
          .type = "t",
          .context = {{"files", {1, 2}}},
          .timeout = 3s,
          .life = lifetime::outlives,
          .events = events_go::nowhere,
          .inbox_capacity = 7,
          .inbox = inbox_policy::drop_oldest,
          .slot = "s",
          .in_parents_slot = true,
          .max_running = 0,
          .may_spawn = false,
          .run_id = "run",
          .call_id = std::string("c\0d", 3),
          .agent_id = "agent"};
}

/// What a kept spec answers, and what its copy holds.
void require_same(const kept_spec& kept, const spec& what) {
  const auto copy = kept.copy();
  const auto same = [](auto answer, const auto& copied, const auto& given) {
    CHECK(answer == given);
    CHECK(copied == given);
  };
  same(kept.name(), copy.name, what.name);
  same(kept.goal(), copy.goal, what.goal);
  same(kept.type(), copy.type, what.type);
  same(kept.context(), copy.context, what.context);
  same(kept.timeout(), copy.timeout, what.timeout);
  same(kept.life(), copy.life, what.life);
  same(kept.events(), copy.events, what.events);
  same(kept.inbox_capacity(), copy.inbox_capacity, what.inbox_capacity);
  same(kept.inbox(), copy.inbox, what.inbox);
  same(kept.slot(), copy.slot, what.slot);
  same(kept.in_parents_slot(), copy.in_parents_slot, what.in_parents_slot);
  same(kept.max_running(), copy.max_running, what.max_running);
  same(kept.may_spawn(), copy.may_spawn, what.may_spawn);
  same(kept.run_id(), copy.run_id, what.run_id);
  same(kept.call_id(), copy.call_id, what.call_id);
  same(kept.agent_id(), copy.agent_id, what.agent_id);
}

}  // namespace

TEST_CASE("a kept spec says what the spec said", "[kept_spec]") {
  require_same(full(), full());
  require_same(spec{}, {});
  require_same({}, {});
}

TEST_CASE("a kept spec keeps each member that alone says something", "[kept_spec]") {
  const spec every = full();
  spec one;
  SECTION("name") { one.name = every.name; }
  SECTION("goal") { one.goal = every.goal; }
  SECTION("type") { one.type = every.type; }
  SECTION("context") { one.context = every.context; }
  SECTION("timeout") { one.timeout = every.timeout; }
  SECTION("life") { one.life = every.life; }
  SECTION("events") { one.events = every.events; }
  SECTION("inbox_capacity") { one.inbox_capacity = every.inbox_capacity; }
  SECTION("inbox") { one.inbox = every.inbox; }
  SECTION("slot") { one.slot = every.slot; }
  SECTION("in_parents_slot") { one.in_parents_slot = every.in_parents_slot; }
  SECTION("max_running") { one.max_running = every.max_running; }
  SECTION("may_spawn") { one.may_spawn = every.may_spawn; }
  SECTION("run_id") { one.run_id = every.run_id; }
  SECTION("call_id") { one.call_id = every.call_id; }
  SECTION("agent_id") { one.agent_id = every.agent_id; }
  require_same(spec(one), one);
}

TEST_CASE("a kept spec keeps any two members that say something", "[kept_spec]") {
  // Each has its place only when it is needed, before or behind the other.
  const spec every = full();
  const auto set = [&every](spec& what, int member) {
    switch (member) {
      case 0: what.name = every.name; break;
      case 1: what.goal = every.goal; break;
      case 2: what.type = every.type; break;
      case 3: what.slot = every.slot; break;
      case 4: what.run_id = every.run_id; break;
      case 5: what.call_id = every.call_id; break;
      case 6: what.agent_id = every.agent_id; break;
      case 7: what.context = every.context; break;
      case 8: what.timeout = every.timeout; break;
      case 9: what.inbox_capacity = every.inbox_capacity; break;
      case 10: what.max_running = every.max_running; break;
      case 11: what.life = every.life; break;
      case 12: what.events = every.events; break;
      case 13: what.inbox = every.inbox; break;
      case 14: what.in_parents_slot = every.in_parents_slot; break;
      default: what.may_spawn = every.may_spawn; break;
    }
  };
  for (int first = 0; first < 16; ++first) {
    for (int second = 0; second < first; ++second) {
      CAPTURE(first, second);
      spec two;
      set(two, first);
      set(two, second);
      require_same(spec(two), two);
    }
  }
}

TEST_CASE("copies of a kept spec outlive the first, in any thread", "[kept_spec]") {
  kept_spec first = full();
  const auto* goal = first.goal().data();
  std::string read;
  std::thread other([&read, copy = first] { read = copy.goal(); });
  const kept_spec second = first;
  CHECK(second.goal().data() == goal);
  kept_spec third = std::move(first);
  CHECK(third.goal().data() == goal);
  CHECK(third.use_count() >= 2);
  third = second;
  third = kept_spec();
  CHECK(third.name().empty());
  other.join();
  CHECK(read == full().goal);
  CHECK(second.use_count() == 1);
  CHECK(kept_spec().use_count() == 0);
  require_same(second, full());
}

}  // namespace actors
