#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "model/modelled.hpp"
#include "runtime/semaphore.hpp"

namespace modelled {
#include "runtime/idle_workers.hpp"
#include "runtime/work_queue.hpp"
}  // namespace modelled

// How workers fall asleep and are woken, with the model's atomics; with one round of searching, and
// with a counter for all queues, which may look emptier than it is, as queues do.

namespace actors::model {

namespace {

/// What is left out.
enum class mistake : std::uint8_t { none, no_second_look, wakes_before_it_adds, wakes_nobody };

class factory {
 public:
  explicit factory(mistake made) : made_(made) {}

  void add() {
    if (made_ == mistake::wakes_before_it_adds) idle_.wake_one();
    jobs_.fetch_add(1, std::memory_order_release);
    if (made_ == mistake::none || made_ == mistake::no_second_look) idle_.wake_one();
  }
  void wait_for_one() { done_.acquire(); }
  void stop() { idle_.stop(); }
  /// Whoever does the first job adds so many others. Ends when it is told to stop, or has done its
  /// share.
  void work(int share, int more) {
    for (; share > 0 && next(); --share) {
      if (first_.exchange(false, std::memory_order_relaxed)) {
        for (int i = 0; i < more; ++i) add();
      }
      done_.release();
    }
  }

 private:
  bool take() {
    auto seen = jobs_.load(std::memory_order_relaxed);
    while (seen != 0) {
      if (jobs_.compare_exchange_weak(seen, seen - 1, std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }
  bool next() {
    if (take()) return true;
    return idle_.find_work([this] { return take(); },
                           [this] { return made_ != mistake::no_second_look && take(); },
                           [] { return true; });
  }

  const mistake made_;
  modelled::actors::detail::idle_workers idle_;
  atomic<int> jobs_{0};
  atomic<bool> first_{true};
  semaphore done_{0};
};

constexpr int until_told = 1'000;

struct day {
  int workers;
  int jobs;      // that come from outside
  int more = 0;  // that the first one adds
  int share = until_told;
};

scenario in_a_factory(const day& what, mistake made = mistake::none) {
  const auto all = std::make_shared<factory>(made);
  scenario done;
  done.threads.emplace_back([=] {
    for (int i = 0; i < what.jobs; ++i) all->add();
    if (what.share != until_told) return;
    for (int i = 0; i < what.jobs + what.more; ++i) all->wait_for_one();
    all->stop();
  });
  for (int i = 0; i < what.workers; ++i) {
    done.threads.emplace_back([=] { all->work(what.share, what.more); });
  }
  return done;
}

/// Two jobs, one of them there already, in a queue that counts as the shared one does: who takes a
/// job claims it first, and steps back when somebody was faster. Until then the queue looks as if
/// it had one job less.
class claims {
 public:
  /// Does who finds nothing believe that there is nothing?
  explicit claims(bool is_believed) : is_believed_(is_believed) {}

  void add() {
    added_.fetch_add(1, std::memory_order_release);
    idle_.wake_one();
  }
  void work() {
    // Who only looks before it sleeps comes as far as one that searches, in fewer steps.
    while (idle_.find_work([] { return false; }, [this] { return take(); },
                           [this] { return is_believed_ || looks_empty(); })) {
      if (done_.fetch_add(1, std::memory_order_relaxed) == 1) idle_.stop();
    }
  }

 private:
  bool take() {
    const auto wrong = wrong_claims_.load(std::memory_order_relaxed);
    const auto claimed = claims_.load(std::memory_order_relaxed) - wrong;
    if (claimed >= added_.load(std::memory_order_relaxed)) return false;
    const auto mine = claims_.fetch_add(1, std::memory_order_relaxed) - wrong;
    if (mine < added_.load(std::memory_order_acquire)) {
      taken_.fetch_add(1, std::memory_order_acq_rel);
      return true;
    }
    wrong_claims_.fetch_add(1, std::memory_order_release);
    return false;
  }
  bool looks_empty() const {
    return added_.load(std::memory_order_relaxed) == taken_.load(std::memory_order_relaxed);
  }

  const bool is_believed_;
  modelled::actors::detail::idle_workers idle_;
  atomic<int> added_{1};
  atomic<int> claims_{0};
  atomic<int> wrong_claims_{0};
  atomic<int> taken_{0};
  atomic<int> done_{0};
};

/// One worker has two jobs in its deque and takes the oldest, as it does now and then; that one
/// takes until somebody else has done the other.
class long_turn {
 public:
  explicit long_turn(bool is_believed) : is_believed_(is_believed) {}

  void own() {
    for (auto& each : jobs_) {
      deque_.push(&each);
      idle_.wake_one();
    }
    const auto* oldest = deque_.steal();
    if (oldest == &jobs_[0]) second_done_.acquire();
    if (oldest == &jobs_[1]) second_done_.release();
    idle_.stop();
  }
  void help() {
    const auto nothing = []() -> int* { return nullptr; };
    const auto looks_empty = [this] { return is_believed_ || deque_.looks_empty(); };
    const auto look = [this] { return deque_.steal(); };
    while (const auto* job = idle_.find_work(nothing, look, looks_empty)) {
      if (job == &jobs_[1]) second_done_.release();
    }
  }

 private:
  const bool is_believed_;
  std::array<int, 2> jobs_{};
  modelled::actors::detail::work_queue<int> deque_{4};
  modelled::actors::detail::idle_workers idle_;
  semaphore second_done_{0};
};

report explore_long_turn(bool is_believed) {
  return explore(
      [=] {
        const auto all = std::make_shared<long_turn>(is_believed);
        return scenario{{[=] { all->own(); }, [=] { all->help(); }}};
      },
      {.only_newest = true, .preemptions = 3});
}

report explore_claims(bool is_believed) {
  return explore(
      [=] {
        const auto all = std::make_shared<claims>(is_believed);
        return scenario{{[=] { all->add(); }, [=] { all->work(); }, [=] { all->work(); }}};
      },
      {.only_newest = true, .preemptions = 2});
}

void everybody_ends(const day& what, const limits& up_to) {
  const auto found = explore([&] { return in_a_factory(what); }, up_to);
  CAPTURE(what.workers, what.jobs, what.more, what.share, found.runs);
  INFO(found.failure);
  CHECK(found.is_fine());
}

}  // namespace

TEST_CASE("model: no job is overlooked by workers that go to sleep", "[idle_workers_model]") {
  everybody_ends({1, 1, 0, 1}, {});
  everybody_ends({1, 1, 1, 2}, {});
  everybody_ends({1, 2, 0, 2}, {.only_newest = true});
  everybody_ends({2, 2, 0, 1}, {.only_newest = true, .preemptions = 2});
  // One finds the job by its second look, while another lies down and takes the ticket.
  everybody_ends({2, 1, 1, 1}, {.only_newest = true, .preemptions = 3});
}

TEST_CASE("model: no job is overlooked in a queue that looks empty while others step back",
          "[idle_workers_model]") {
  const auto fine = explore_claims(false);
  INFO(fine.failure);
  CHECK(fine.is_fine());
  CHECK(explore_claims(true).failure.starts_with("all threads wait"));
}

TEST_CASE("model: no job is overlooked in a deque whose oldest somebody else takes",
          "[idle_workers_model]") {
  const auto fine = explore_long_turn(false);
  INFO(fine.failure);
  CHECK(fine.is_fine());
  CHECK(explore_long_turn(true).failure.starts_with("all threads wait"));
}

TEST_CASE("model: every worker hears of the end, whatever it does", "[idle_workers_model]") {
  everybody_ends({1, 0}, {});
  everybody_ends({1, 1}, {.only_newest = true, .preemptions = 3});
  everybody_ends({2, 0}, {.only_newest = true, .preemptions = 2});
  everybody_ends({2, 1}, {.only_newest = true, .preemptions = 1});
}

TEST_CASE("model: a worker that sleeps without a second look, and who wakes too early or nobody",
          "[idle_workers_model]") {
  for (const auto made :
       {mistake::no_second_look, mistake::wakes_before_it_adds, mistake::wakes_nobody}) {
    const auto found = explore([=] { return in_a_factory({1, 1, 0, 1}, made); });
    CAPTURE(static_cast<int>(made), found.runs);
    CHECK(found.failure.starts_with("all threads wait"));
  }
}

TEST_CASE("model: workers on a broken machine are found", "[idle_workers_model]") {
  limits broken;
  broken.broken.no_fences = true;
  CHECK_FALSE(explore([] { return in_a_factory({1, 1}); }, broken).is_fine());
  broken.broken = {.split_updates = true};
  CHECK_FALSE(explore([] { return in_a_factory({2, 1}); }, broken).is_fine());
}

}  // namespace actors::model
