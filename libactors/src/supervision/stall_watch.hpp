#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "actors/detail/engine.hpp"
#include "actors/stall.hpp"
#include "task_core.hpp"

namespace actors::detail {

class manager_core;

/// Finds the tasks of one manager that make no progress, and does what the policy says.
///
/// It looks at all running tasks, four times in the length of a stall, on the engine's timer thread
/// and for as long as tasks live. The tasks keep nothing for it but their number of turns.
class stall_watch final : alarm {
 public:
  stall_watch(manager_core& manager, stall_policy how);

  /// After it was counted. Any thread.
  void task_began() {
    // Either this sees that nobody looks any more, or the last look sees the task.
    if (!looks_.load(std::memory_order_seq_cst)) begin();
  }
  std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }
  /// The engine is about to go: nothing may be armed in it any more.
  void detach() noexcept;

 private:
  struct known {
    std::uint64_t progress = 0;
    time_point since{};  // when it, or what is below it, was last seen to do something
    task_id above = {};  // the next task above it that runs
    bool is_dealt_with = false;

    void was_active(time_point at) noexcept {
      if (at <= since) return;
      since = at;
      is_dealt_with = false;
    }
  };

  void fire() noexcept override;
  time_point still_needed_at() noexcept override;
  bool is_idle() noexcept override;

  void begin();
  void arm_locked(std::shared_ptr<manager_core> keep);
  void look();
  bool deal_with(task_core& task, known& its, time_point now);
  void tell_above(const known& its, time_point at);

  manager_core& manager_;
  const stall_policy policy_;
  const duration interval_;
  std::atomic<bool> looks_{false};
  std::atomic<std::uint64_t> count_{0};
  std::mutex mutex_;
  std::shared_ptr<manager_core> kept_;        // while the alarm is armed
  std::unordered_map<task_id, known> tasks_;  // used by the alarm only
};

}  // namespace actors::detail
