#include "stall_watch.hpp"

#include <algorithm>

#include "manager_core.hpp"

namespace actors::detail {

namespace {

task_id next_running_above(const task_core& task) {
  for (auto* above = task.parent.get(); above != nullptr; above = above->parent.get()) {
    if (above->state() == task_state::running) return above->id;
  }
  return {};
}

}  // namespace

stall_watch::stall_watch(manager_core& manager, stall_policy how)
    : manager_(manager),
      policy_(how),
      interval_(std::max<duration>(how.after / 4, std::chrono::milliseconds(1))) {}

void stall_watch::begin() {
  const std::lock_guard lock(mutex_);
  if (!looks_.load(std::memory_order_relaxed)) arm_locked(manager_.shared_from_this());
}

void stall_watch::arm_locked(std::shared_ptr<manager_core> keep) {
  if (manager_.is_detached()) return;
  looks_.store(true, std::memory_order_seq_cst);
  kept_ = std::move(keep);
  manager_.where().arm(*this, later(manager_.where().now(), interval_));
}

void stall_watch::fire() noexcept {
  std::shared_ptr<manager_core> kept;  // until the end of this
  {
    const std::lock_guard lock(mutex_);
    kept = std::move(kept_);
  }
  look();
  const std::lock_guard lock(mutex_);
  looks_.store(false, std::memory_order_seq_cst);
  if (manager_.has_live_tasks()) arm_locked(kept);
}

time_point stall_watch::still_needed_at() noexcept {
  std::shared_ptr<manager_core> gone;  // dropped after the lock
  const std::lock_guard lock(mutex_);
  if (manager_.has_live_tasks()) return deadline;
  looks_.store(false, std::memory_order_seq_cst);
  gone = std::move(kept_);
  return time_point::max();
}

// Everybody who runs was dealt with, and has done nothing since.
bool stall_watch::is_idle() noexcept {
  if (!manager_.has_live_tasks()) return false;
  const auto running = manager_.running_tasks();
  return running.size() == tasks_.size() &&
         std::all_of(running.begin(), running.end(), [this](const task_ptr& task) {
           const auto found = tasks_.find(task->id);
           return found != tasks_.end() && found->second.is_dealt_with &&
                  found->second.progress == task->progress();
         });
}

void stall_watch::detach() noexcept {
  std::shared_ptr<manager_core> gone;
  const std::lock_guard lock(mutex_);
  manager_.where().disarm(*this);
  gone = std::move(kept_);
}

void stall_watch::look() {
  const auto now = manager_.where().now();
  auto running = manager_.running_tasks();
  // From below to above, so that a task knows of those below it when its turn comes.
  std::sort(running.begin(), running.end(), [](const task_ptr& a, const task_ptr& b) {
    return a->depth != b->depth ? a->depth > b->depth : a->id < b->id;
  });
  auto before = std::exchange(tasks_, {});
  for (const auto& task : running) {
    const auto progress = task->progress();
    known its{progress, now, {}, false};
    if (const auto last = before.find(task->id); last != before.end()) {
      if (last->second.progress == progress) its = last->second;
      before.erase(last);
    }
    its.above = next_running_above(*task);
    tasks_.emplace(task->id, its);
  }
  // What is left has ended.
  for (const auto& [id, its] : before) tell_above(its, now);
  for (const auto& task : running) {
    auto& its = tasks_.find(task->id)->second;
    const bool was_dealt_with = deal_with(*task, its, now);
    tell_above(its, was_dealt_with ? now : its.since);
  }
}

void stall_watch::tell_above(const known& its, time_point at) {
  if (const auto above = tasks_.find(its.above); above != tasks_.end()) {
    above->second.was_active(at);
  }
}

bool stall_watch::deal_with(task_core& task, known& its, time_point now) {
  const auto quiet = now - its.since;
  if (its.is_dealt_with || quiet < policy_.after) return false;
  if (policy_.action == stall_action::notify) {
    const auto reported = task.report_stall(its.progress, quiet);
    if (!reported) return false;
    its.progress = *reported;
  } else {
    if (task.progress() != its.progress) return false;
    if (policy_.action == stall_action::cancel) task.cancel_tree(cancel_reason::stalled);
    if (policy_.action == stall_action::abandon) task.abandon_stalled(quiet);
  }
  its.is_dealt_with = true;
  count_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

}  // namespace actors::detail
