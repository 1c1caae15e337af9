#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/clock.hpp"
#include "actors/kept_spec.hpp"
#include "actors/record.hpp"
#include "actors/result.hpp"
#include "actors/task_id.hpp"
#include "actors/task_state.hpp"

namespace actors {

namespace detail {
class manager_core;
}

/// A task went into another state. A value: it stays true and complete.
struct change {
  std::uint64_t number = 0;  ///< 1, 2, 3, … per manager, without a gap.
  task_id task = {};
  task_state state = task_state::queued;  ///< From now on.
  unix_ms at_ms = 0;
  std::string owner = {};
  kept_spec what = {};
};

/// The tasks of a manager at some moment. The changes after `number` complete it: a record may be
/// ahead of them, never behind, and states only move forward.
struct snapshot {
  std::uint64_t number = 0;
  std::vector<record> records = {};
};

/// Reads the changes of a manager from a number on. Any number of readers do, each at its own pace;
/// none holds up a task. One thread at a time may use it.
class subscription {
 public:
  subscription(std::shared_ptr<detail::manager_core> of, std::uint64_t after) noexcept
      : manager_(std::move(of)), number_(after) {}

  /// All changes since the last call, oldest first; waits for one at most `patience`, on a thread
  /// outside the runtime. Errors: `not_found`, when the next one is no longer kept, and each time
  /// from then on; take a new snapshot. `invalid_argument`, when the manager keeps no history, or
  /// never had such a number.
  result<std::vector<change>> next(duration patience = duration::max());
  /// Of the last change that was read.
  std::uint64_t number() const noexcept { return number_; }

 private:
  std::shared_ptr<detail::manager_core> manager_;
  std::uint64_t number_;
};

}  // namespace actors
