#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/admission.hpp"
#include "actors/detail/engine.hpp"
#include "actors/detail/task_ptr.hpp"
#include "actors/task_id.hpp"
#include "policy.hpp"
#include "text_hash.hpp"

namespace actors::detail {

class manager_core;

/// A place of `max_running` that several tasks share, or that tasks wait for. A task that runs in a
/// place of its own has none of these.
struct shared_place {
  /// Where it stands: first it waits for its owner's limit, then for the manager's.
  enum class stage : unsigned char { at_owner, at_manager, taken };

  owner_core& owner;
  stage where;
  std::size_t holders = 0;  ///< Tasks that count on it.
  std::string slot = {};    ///< Its name among the owner's; empty for none.
  task_id turn = {};        ///< Of the first holder: its position in a queue.

  struct waiter {
    task_ptr task;
    time_point limit;  ///< When it gives up; time_point::max() for never.
  };
  std::map<task_id, waiter> waiting = {};
};

/// What was taken on under one set of limits, a manager's or an owner's. Under the lock of the
/// manager's admission_control.
struct admission_ledger {
  policy::load load;                       ///< Running: places that are taken.
  std::map<task_id, shared_place*> queue;  ///< In order of acceptance.
  /// Of an owner.
  std::unordered_map<std::string, shared_place*, text_hash, std::equal_to<>> slots;
};

/// Decides about tasks under limits and counts them, at the owner and at the manager in one step.
///
/// Who may not wait for ever stands in the order of the time when it gives up, and one alarm is
/// armed for the first: it may come early, never late.
///
/// Only tasks of owners for which `counts_tasks` come here. Any thread may call the members.
class admission_control final : alarm {
 public:
  explicit admission_control(manager_core& home);

  /// Is there anything to count for the tasks of every owner?
  bool counts_all() const noexcept { return has_limits_; }
  /// What the limits say that need no counting.
  error check_uncounted(const task_core& task) const;

  /// Counts a task in, or says why not. `accept` is called under the lock when it is taken on; it
  /// gives the task its id.
  template <class Accept>
  error admit(task_core& task, Accept accept);
  /// Undoes admit().
  void retract(task_core& task);
  /// From now on the task takes its turn. False when it need not wait.
  bool enter(task_core& task);
  /// The task has its outcome: what it held is free.
  void leave(task_core& task);
  /// From now on nobody who waits is given a place, until as many calls of release_turns(). False
  /// when nobody has ever waited: then there is nothing to release.
  bool hold_turns() noexcept;
  void release_turns();
  /// The tasks whose turn has come since they were last asked for. Each call of another member may
  /// have made some; whoever made it asks, where no lock is held.
  std::vector<task_ptr> take_ready();
  /// Are there any? Relaxed: for the thread that made some.
  bool has_ready() const noexcept { return has_ready_.load(std::memory_order_relaxed); }
  /// The engine is about to go: nothing may be armed in it any more.
  void detach() noexcept;

  struct figures {
    std::size_t started = 0;  ///< Tasks, not places.
    std::size_t queued = 0;
  };
  figures count() const;
  /// Are the places of the manager taken, or those of this owner, if it is not null?
  bool is_full(const owner_core* owner) const;

 private:
  using stage = shared_place::stage;

  void fire() noexcept override;
  time_point still_needed_at() noexcept override;

  shared_place* place_to_join_locked(const task_core& task) const;
  error decide_locked(task_core& task);
  void forget_locked(task_core& task);
  void take_turns_locked(owner_core& owner);
  void give_places_locked();
  duration patience_of(const owner_core& owner) const noexcept;
  void stop_waiting_locked(const shared_place::waiter& one) noexcept;
  void arm_locked() noexcept;

  manager_core& home_;
  const admission_limits& limits_;
  const bool has_limits_;
  mutable std::mutex mutex_;
  admission_ledger ledger_;
  std::size_t started_ = 0;
  std::size_t holds_ = 0;
  std::atomic<bool> has_had_queue_{false};
  std::map<std::pair<time_point, task_id>, shared_place*> impatient_;
  std::shared_ptr<manager_core> kept_;  // while the alarm is armed
  bool is_detached_ = false;
  std::vector<task_ptr> ready_;
  std::atomic<bool> has_ready_{false};
};

template <class Accept>
error admission_control::admit(task_core& task, Accept accept) {
  const std::lock_guard lock(mutex_);
  auto why = decide_locked(task);
  if (why.code == error_code::none) accept();
  return why;
}

}  // namespace actors::detail
