#include <atomic>
#include <caf/all.hpp>
#include <cstdint>
#include <vector>

#include "actors/actor.hpp"
#include "actors/caf.hpp"
#include "actors/runtime.hpp"
#include "catch.hpp"
#include "support/busy.hpp"
#include "support/tally.hpp"

// Plain CAF actors and ours share the workers: neither kind keeps the other from its turn.

namespace actors::test {

namespace {

constexpr std::size_t crowd = 10'000;

caf::behavior caf_writes_to_itself(caf::event_based_actor* self, load* all) {
  all->begun.add();
  self->send(self, 0);
  return {[self, all](int message) {
    if (all->is_enough) {
      all->ended.add();
      self->quit();
    } else {
      self->send(self, message);
    }
  }};
}

caf::behavior caf_counts_mail(caf::event_based_actor*, tally* seen) {
  return {[seen](int) { seen->add(); }};
}

coroutine<void> count_mail(actor_context<int> self, tally* seen) {
  while (const auto message = co_await self.receive()) seen->add();
}

runtime_options with_workers(unsigned count) {
  runtime_options options;
  options.workers = count;
  return options;
}

/// Messages that one of each kind took, until one of them has taken `limit`.
struct race {
  static constexpr std::uint64_t limit = 100'000;
  std::atomic<std::uint64_t> ours{0};
  std::atomic<std::uint64_t> cafs{0};
  tally ended;

  /// False when the race is over.
  bool take_step(std::atomic<std::uint64_t>& mine) {
    if (ours >= limit || cafs >= limit) return false;
    ++mine;
    return true;
  }
};

coroutine<void> run_race(actor_context<int> self, race* with) {
  self.ref().send(0);
  while (const auto message = co_await self.receive()) {
    // Not before both are on the course.
    if (with->cafs != 0 && !with->take_step(with->ours)) break;
    self.ref().send(*message);
  }
  with->ended.add();
}

caf::behavior caf_runs_race(caf::event_based_actor* self, race* with) {
  self->send(self, 0);
  ++with->cafs;
  return {[self, with](int message) {
    if (with->ours != 0 && !with->take_step(with->cafs)) {
      with->ended.add();
      self->quit();
    } else {
      self->send(self, message);
    }
  }};
}

}  // namespace

TEST_CASE("ten thousand of our actors get their mail while plain CAF actors are always busy",
          "[caf_fairness]") {
  for (const unsigned workers : {1U, 2U}) {
    const std::size_t count = workers * 3U;
    load busy;
    tally seen;
    runtime home(with_workers(workers));
    for (std::size_t i = 0; i < count; ++i) caf_system(home).spawn(caf_writes_to_itself, &busy);
    REQUIRE(busy.begun.reaches(count));
    std::vector<actor_ref<int>> others;
    for (std::size_t i = 0; i < crowd; ++i) others.push_back(home.spawn<int>(count_mail, &seen));
    for (const auto& one : others) one.send(1);
    CHECK(seen.reaches(crowd));
    CHECK(busy.ended.count() == 0);
    busy.is_enough = true;
    CHECK(busy.ended.reaches(count));
  }
}

TEST_CASE("ten thousand plain CAF actors get their mail while our actors are always busy",
          "[caf_fairness]") {
  for (const auto what : {business::mail_to_itself, business::yields, business::balls}) {
    CAPTURE(static_cast<int>(what));
    tally seen;
    runtime home(with_workers(2));
    busy_crowd busy(home, what, 5);
    REQUIRE(busy.has_begun());
    std::vector<caf::actor> others;
    for (std::size_t i = 0; i < crowd; ++i) {
      others.push_back(caf_system(home).spawn(caf_counts_mail, &seen));
    }
    for (const auto& one : others) caf::anon_send(one, 1);
    CHECK(seen.reaches(crowd));
    CHECK(busy.is_busy());
    CHECK(busy.stop());
  }
}

TEST_CASE("of a plain CAF actor and one of ours on one worker, neither gets ten times the other",
          "[caf_fairness]") {
  race both;
  runtime home(with_workers(1));
  home.spawn<int>(run_race, &both);
  caf_system(home).spawn(caf_runs_race, &both);
  REQUIRE(both.ended.reaches(2));
  CHECK(both.ours >= race::limit / 10);
  CHECK(both.cafs >= race::limit / 10);
}

}  // namespace actors::test
