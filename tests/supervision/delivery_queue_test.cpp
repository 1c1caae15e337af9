#include "supervision/delivery_queue.hpp"

#include "catch.hpp"
#include "supervision/policy.hpp"

namespace actors::detail {

using namespace std::chrono_literals;

namespace {

constexpr time_point start{};
const std::string ann = "ann";
const std::string bob = "bob";

event happened(std::uint64_t task, std::uint64_t seq, event_kind kind = event_kind::completed) {
  event one;
  one.task = task_id::sequential(task);
  one.seq = seq;
  one.kind = kind;
  return one;
}

std::string id_of(const std::optional<delivery>& what) { return what ? what->what.id() : "none"; }

}  // namespace

TEST_CASE("the wait after a failure doubles up to its limit", "[delivery][E14]") {
  const retry_policy retry{.base = 500ms, .max = 30s, .jitter = 0ms};
  CHECK(policy::retry_delay(retry, 1, 7) == 500ms);
  CHECK(policy::retry_delay(retry, 2, 7) == 1s);
  CHECK(policy::retry_delay(retry, 6, 7) == 16s);
  CHECK(policy::retry_delay(retry, 7, 7) == 30s);
  CHECK(policy::retry_delay(retry, 4'000'000'000U, 7) == 30s);
}

TEST_CASE("the jitter stays below its bound and reaches all of it", "[delivery][E14]") {
  const retry_policy retry{.base = 1s, .max = 1s, .jitter = 200ns};
  bool low = false;
  bool high = false;
  for (std::uint64_t random = 0; random < 1'000; ++random) {
    const auto delay = policy::retry_delay(retry, 3, random);
    REQUIRE((delay >= 1s && delay < 1s + 200ns));
    low = low || delay == 1s;
    high = high || delay == 1s + 199ns;
  }
  CHECK(low);
  CHECK(high);
}

TEST_CASE("deliveries are handed out in the order in which they came", "[delivery][E15]") {
  delivery_queue queue({});
  for (std::uint64_t task : {3U, 1U, 2U}) queue.add(happened(task, 1), start);
  CHECK(id_of(queue.claim(ann, start, 1s)) == "bg_3:1");
  CHECK(id_of(queue.claim(ann, start, 1s)) == "bg_1:1");
  CHECK(id_of(queue.claim(ann, start, 1s)) == "bg_2:1");
  CHECK(id_of(queue.claim(ann, start, 1s)) == "none");
}

TEST_CASE("the next event of a task waits until the one before it is done with", "[delivery]") {
  delivery_queue queue({.base = 1s, .max = 1s, .jitter = 0s});
  queue.add(happened(1, 1, event_kind::custom), start);
  queue.add(happened(1, 2), start);
  const auto first = queue.claim(ann, start, 1min);
  REQUIRE(id_of(first) == "bg_1:1");
  CHECK_FALSE(queue.claim(ann, start, 1min));
  REQUIRE(queue.fail(first->what, ann, start, "no", 0));
  CHECK_FALSE(queue.claim(ann, start, 1min));
  const auto again = queue.claim(ann, start + 1s, 1min);
  REQUIRE(id_of(again) == "bg_1:1");
  CHECK(again->attempt == 2);
  REQUIRE(queue.complete(again->what, ann, start + 1s));
  CHECK(id_of(queue.claim(ann, start + 1s, 1min)) == "bg_1:2");
}

TEST_CASE("one that failed delays no other", "[delivery][E29][E40]") {
  delivery_queue queue({.base = 10s, .max = 10s, .jitter = 0s});
  queue.add(happened(1, 1), start);
  queue.add(happened(2, 1), start);
  REQUIRE(queue.fail(queue.claim(ann, start, 1min)->what, ann, start, "no", 0));
  CHECK(queue.next_due() <= start);
  CHECK(id_of(queue.claim(ann, start, 1min)) == "bg_2:1");
  // One that comes later, but is due earlier, goes first.
  queue.add(happened(3, 1), start + 1s);
  CHECK(id_of(queue.claim(ann, start + 1s, 1min)) == "bg_3:1");
  CHECK(queue.next_due() == start + 10s);
}

TEST_CASE("a claim holds as long as its lease, and can be renewed", "[delivery][A39]") {
  delivery_queue queue({});
  queue.add(happened(1, 1), start);
  const auto mine = queue.claim(ann, start, 300s);
  REQUIRE(mine);
  CHECK_FALSE(queue.claim(bob, start + 299s, 300s));
  CHECK(queue.renew(mine->what, ann, start + 299s, 300s));
  CHECK_FALSE(queue.claim(bob, start + 598s, 300s));
  const auto his = queue.claim(bob, start + 599s, 300s);
  REQUIRE(his);
  CHECK(his->attempt == 2);
}

TEST_CASE("who comes with somebody else's claim, or an old one, changes nothing",
          "[delivery][A39]") {
  delivery_queue queue({});
  queue.add(happened(1, 1), start);
  const auto mine = queue.claim(ann, start, 10s);
  CHECK_FALSE(queue.complete(mine->what, bob, start));
  CHECK_FALSE(queue.release(mine->what, bob, start));
  CHECK_FALSE(queue.renew(mine->what, bob, start, 10s));
  CHECK_FALSE(queue.fail(mine->what, bob, start, "no", 0));
  SECTION("the lease is over") {
    CHECK_FALSE(queue.complete(mine->what, ann, start + 10s));
    CHECK(queue.claim(bob, start + 10s, 10s));
  }
  SECTION("somebody else has it now") {
    const auto his = queue.claim(bob, start + 10s, 10s);
    CHECK_FALSE(queue.complete(mine->what, ann, start + 11s));
    CHECK(queue.complete(his->what, bob, start + 11s));
  }
  SECTION("it is done") {
    CHECK(queue.complete(mine->what, ann, start));
    CHECK_FALSE(queue.complete(mine->what, ann, start));
  }
}

TEST_CASE("a released delivery comes back at once and counts no attempt", "[delivery][A39]") {
  delivery_queue queue({.max_attempts = 1});
  queue.add(happened(1, 1), start);
  for (int i = 0; i < 5; ++i) {
    const auto mine = queue.claim(ann, start, 10s);
    REQUIRE(mine);
    CHECK(mine->attempt == 1);
    REQUIRE(queue.release(mine->what, ann, start));
  }
  CHECK(queue.take_dead().empty());
}

TEST_CASE("after the last attempt it is a dead letter, with its reason", "[delivery][B42]") {
  delivery_queue queue({.base = 1s, .max = 1s, .jitter = 0s, .max_attempts = 5});
  queue.add(happened(1, 1, event_kind::custom), start);
  queue.add(happened(1, 2), start);
  auto now = start;
  for (int i = 0; i < 5; ++i, now += 1s) {
    CHECK(queue.take_dead().empty());
    REQUIRE(queue.fail(queue.claim(ann, now, 1min)->what, ann, now, "sorry", 0));
  }
  const auto dead = queue.take_dead();
  REQUIRE(dead.size() == 1);
  CHECK(dead[0].what.id() == "bg_1:1");
  CHECK(dead[0].attempts == 5);
  CHECK(dead[0].reason == "sorry");
  CHECK(queue.take_settled().empty());  // the task's last event is still to come
  CHECK(id_of(queue.claim(ann, now, 1min)) == "bg_1:2");
}

TEST_CASE("a lease that runs out for the last time makes a dead letter", "[delivery][B42]") {
  delivery_queue queue({.max_attempts = 1});
  queue.add(happened(1, 1), start);
  REQUIRE(queue.claim(ann, start, 10s));
  CHECK_FALSE(queue.claim(bob, start + 10s, 10s));
  CHECK(queue.take_dead().size() == 1);
  CHECK(queue.take_settled().size() == 1);
}

TEST_CASE("what is watched is neither handed out nor counted", "[delivery][E16]") {
  delivery_queue queue({});
  queue.watch(task_id::sequential(1));
  queue.add(happened(1, 1), start);
  CHECK_FALSE(queue.claim(ann, start, 1s));
  CHECK(queue.is_idle());
  CHECK(queue.state().queued == 0);
  CHECK(queue.next_due() == time_point::max());
}

TEST_CASE("watches are counted, and the last that ends lets the delivery go, once",
          "[delivery][E25][E26]") {
  delivery_queue queue({});
  const auto task = task_id::sequential(1);
  queue.watch(task);
  queue.watch(task);
  queue.add(happened(1, 1), start);
  CHECK(queue.unwatch(task));
  CHECK_FALSE(queue.claim(ann, start, 1s));
  CHECK(queue.unwatch(task));
  CHECK_FALSE(queue.unwatch(task));
  const auto one = queue.claim(ann, start, 1s);
  REQUIRE(one);
  CHECK(queue.complete(one->what, ann, start));
  CHECK_FALSE(queue.claim(ann, start, 1s));
  CHECK(queue.is_idle());
}

TEST_CASE("to acknowledge drops what waits and what comes, but not what is in flight",
          "[delivery][E16][E18]") {
  delivery_queue queue({});
  const auto task = task_id::sequential(1);
  for (std::uint64_t i = 1; i <= 3; ++i) queue.add(happened(1, i, event_kind::custom), start);
  SECTION("none in flight") {
    CHECK(queue.acknowledge(task, false) == 3);
    CHECK(queue.is_idle());
  }
  SECTION("one in flight, which is delivered") {
    const auto mine = queue.claim(ann, start, 1s);
    CHECK(queue.acknowledge(task, false) == 2);
    CHECK(queue.complete(mine->what, ann, start));
  }
  SECTION("one in flight, which fails") {
    const auto mine = queue.claim(ann, start, 1s);
    CHECK(queue.acknowledge(task, false) == 2);
    CHECK(queue.fail(mine->what, ann, start, "no", 0));
  }
  CHECK(queue.take_settled().empty());
  queue.add(happened(1, 4), start);
  CHECK_FALSE(queue.claim(ann, start + 1h, 1s));
  CHECK(queue.is_idle());
  CHECK(queue.take_settled() == std::vector{task});
  CHECK(queue.take_dead().empty());
}

TEST_CASE("nothing is left of a task that was acknowledged before it ended", "[delivery]") {
  delivery_queue queue({});
  const auto task = task_id::sequential(1);
  CHECK(queue.acknowledge(task, false) == 0);
  queue.add(happened(1, 1), start);
  CHECK(queue.acknowledge(task, true) == 0);
  // Its number is free again for another story: only a lane that was kept would swallow this.
  queue.add(happened(1, 1), start);
  CHECK(queue.claim(ann, start, 1s));
}

TEST_CASE("during a turn nothing is handed out", "[delivery][A21]") {
  delivery_queue queue({});
  queue.begin_turn();
  queue.begin_turn();
  queue.add(happened(1, 1), start);
  CHECK_FALSE(queue.claim(ann, start, 1s));
  CHECK(queue.next_due() == time_point::max());
  queue.end_turn();
  CHECK_FALSE(queue.claim(ann, start, 1s));
  queue.end_turn();
  CHECK(queue.next_due() <= start);
  CHECK(queue.claim(ann, start, 1s));
}

TEST_CASE("the state names what waits, then what is in flight", "[delivery][E19]") {
  delivery_queue queue({.base = 5s, .max = 5s, .jitter = 0s});
  for (std::uint64_t task : {1U, 2U, 3U}) queue.add(happened(task, 1), start);
  REQUIRE(queue.claim(ann, start, 1min));
  REQUIRE(queue.fail(queue.claim(ann, start, 1min)->what, ann, start, "no", 0));
  const auto now = queue.state();
  CHECK(now.queued == 3);
  CHECK(now.in_flight == 1);
  CHECK(now.next_attempt <= start);
  CHECK(now.pending ==
        std::vector{task_id::sequential(3), task_id::sequential(2), task_id::sequential(1)});
}

TEST_CASE("what is given up becomes dead letters, unless somebody knew it", "[delivery]") {
  delivery_queue queue({});
  for (std::uint64_t task : {1U, 2U, 3U}) queue.add(happened(task, 1), start);
  queue.acknowledge(task_id::sequential(2), true);
  queue.give_up("gone");
  CHECK(queue.take_dead().size() == 2);
  CHECK(queue.take_settled().size() == 3);
  CHECK(queue.is_idle());
}

}  // namespace actors::detail
