#include "catch.hpp"
#include "scenarios/village.hpp"
#include "support/printers.hpp"

// Trees of tasks with random habits, over many seeds. Run with ACTORS_SIM_SEEDS=1000 for more.

namespace actors {

using namespace test;

namespace {

struct totals {
  std::size_t accepted = 0;
  std::size_t completed = 0;
  std::size_t failed = 0;
  std::size_t cancelled = 0;
  std::size_t timed_out = 0;
};

totals live(const village_options& how) {
  totals all;
  for (std::uint64_t seed = 1; seed <= seeds_to_try(); ++seed) {
    village place(seed, how);
    place.run();
    INFO("seed " << seed);
    for (const auto& violation : place.violations()) FAIL_CHECK(violation);
    all.accepted += place.accepted();
    all.completed += place.ended_as(task_state::completed);
    all.failed += place.ended_as(task_state::failed);
    all.cancelled += place.ended_as(task_state::cancelled);
    all.timed_out += place.ended_as(task_state::timed_out);
  }
  CHECK(all.accepted == all.completed + all.failed + all.cancelled + all.timed_out);
  return all;
}

}  // namespace

TEST_CASE("trees that are cancelled at random steps keep the invariants",
          "[scenario][guarantee-1][guarantee-2][guarantee-6][guarantee-8]") {
  const auto all = live({});
  // Otherwise the scenario shows nothing.
  CHECK(all.completed > 0);
  CHECK(all.failed > 0);
  CHECK(all.cancelled > 0);
  CHECK(all.timed_out > 0);
}

TEST_CASE("full managers that refuse keep the invariants", "[scenario][guarantee-5]") {
  live({.limits = {.max_running = 8}, .roots = 10});
}

TEST_CASE("full managers that queue keep the invariants", "[scenario][guarantee-5]") {
  live({.limits = {.max_running = 6, .max_queued = 5, .when_full = on_full::queue}, .roots = 10});
}

TEST_CASE("owners that go away keep the invariants", "[scenario][guarantee-2]") {
  live({.owners = 5, .roots = 12, .leaving_owners = true});
}

TEST_CASE("names that are used again and again keep the invariants", "[scenario]") {
  live({.owners = 3, .roots = 12, .levels = 2, .names = true});
}

TEST_CASE("deep trees keep the invariants", "[scenario][guarantee-8]") {
  live({.limits = {.max_depth = 12}, .roots = 3, .levels = 14, .rounds = 30});
}

TEST_CASE("the same seed gives the same fingerprint and the same trace",
          "[scenario][guarantee-12]") {
  const village_options how{.owners = 3, .leaving_owners = true, .names = true};
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    village once(seed, how);
    village again(seed, how);
    once.run();
    again.run();
    CHECK(once.fingerprint() == again.fingerprint());
    CHECK(once.trace() == again.trace());
    village other(seed + 100, how);
    other.run();
    CHECK(other.fingerprint() != once.fingerprint());
  }
}

}  // namespace actors
