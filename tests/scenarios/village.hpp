#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/manager.hpp"
#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "support/dice.hpp"

namespace actors::test {

/// What a scenario turns on.
struct village_options {
  admission_limits limits = {};
  std::size_t owners = 2;
  std::size_t roots = 6;     ///< Trees that are started at the beginning.
  std::uint64_t levels = 3;  ///< How deep they grow.
  std::size_t rounds = 60;   ///< Random events from outside.
  bool leaving_owners = false;
  bool names = false;  ///< Few names for many tasks.
};

/// A simulated runtime full of tasks with random habits, and everything that they may never do
/// written down: the invariants are checked while it runs and when it has ended.
///
/// The seed decides about everything. A violation is kept as a sentence.
class village {
 public:
  village(std::uint64_t seed, const village_options& how);

  /// Lives through the rounds, stops what is left, and checks.
  void run();

  const std::vector<std::string>& violations() const noexcept { return violations_; }
  std::uint64_t fingerprint() const noexcept { return sim_.fingerprint(); }
  const std::vector<std::string>& trace() const noexcept { return sim_.trace(); }
  std::size_t accepted() const { return there().metrics().accepted; }
  /// How many ended in which state.
  std::size_t ended_as(task_state state) const;

 private:
  /// One owner: with an actor that listens, or with a queue that is read now and then.
  struct household {
    std::string name;
    std::optional<testing::recorder> listener;
    std::optional<owner> home;  // nobody once it left
    std::vector<event> heard;
  };

  const manager& there() const { return manager_; }
  const owner& someone();
  std::optional<task_handle> some_task();
  void start_root();
  void do_something();
  void read_events(household& from);
  void leave();
  void expect(bool holds, const std::string& sentence);
  void check_now();
  void check_cancelled(const task_handle& root);
  void check_at_the_end();
  void check_events(const record& task, const std::vector<event>& letters);

  dice dice_;
  village_options how_;
  std::shared_ptr<memory_journal> journal_;
  testing::simulated_runtime sim_;
  manager manager_;
  std::vector<household> seats_;
  std::vector<std::string> violations_;
  std::vector<std::pair<task_id, outcome>> ended_;
  std::set<std::string> told_;  // below a task that was cancelled
  std::size_t requests_ = 0;
};

/// How many seeds to try: `ACTORS_SIM_SEEDS`, or 50.
std::uint64_t seeds_to_try();

}  // namespace actors::test
