#include <unordered_set>

#include "manager_core.hpp"
#include "owner_core.hpp"
#include "policy.hpp"
#include "task_core.hpp"

namespace actors::detail {

std::size_t task_core::cancel_tree(cancel_reason reason) { return spread(reason, reach::tree); }

bool task_core::cancel(cancel_reason reason) { return spread(reason, reach::task) != 0; }

std::size_t task_core::spread(cancel_reason reason, reach how) {
  std::size_t told = 0;
  std::vector<task_ptr> open;
  open.emplace_back(this);
  while (!open.empty()) {
    const auto task = std::move(open.back());
    open.pop_back();
    if (task->signal(reason, how, open)) ++told;
  }
  return told;
}

std::size_t task_core::cancel_all(std::vector<task_ptr> tasks, cancel_reason reason) {
  std::size_t told = 0;
  std::unordered_set<task_id> seen;
  while (!tasks.empty()) {
    const auto task = std::move(tasks.back());
    tasks.pop_back();
    if (seen.insert(task->id).second && task->signal(reason, reach::tree, tasks)) ++told;
  }
  return told;
}

void task_core::append_children_locked(std::vector<task_ptr>& to) const {
  for (auto* link = children_.next; link != &children_; link = link->next) {
    to.emplace_back(static_cast<task_core*>(link));
  }
}

// Raises the token of this task and shuts it for new children, and lists those it has, in one
// step: a child is either listed, or finds its parent shut.
bool task_core::signal(cancel_reason reason, reach how, std::vector<task_ptr>& children) {
  bool was_waiting = false;
  {
    const std::lock_guard lock(mutex_);
    refuses_children_ = true;
    if (how == reach::tree || (how == reach::rest_of_tree && !walked_)) {
      walked_ = true;
      append_children_locked(children);
    }
    const auto now = state_.load(std::memory_order_relaxed);
    if (is_terminal(now)) return false;
    if (closed_.load(std::memory_order_relaxed)) return true;
    if (reason_ != cancel_reason::none) return true;
    reason_ = reason;
    was_waiting = now == task_state::queued && accepted_;
    if (!was_waiting) {
      cell_->request_stop(reason);
      if (accepted_) arm_locked(clock_use::grace, owner->manager->options.grace);
    }
  }
  // Nothing of it has run: it ends here and now.
  if (was_waiting) {
    settle(policy::conclude(policy::ending::stopped, reason, nullptr, {}, {}, {}));
  }
  return true;
}

void task_core::arm_locked(clock_use use, duration after) {
  auto& where = owner->manager->where();
  if (after == duration::max()) {
    clock_ = clock_use::none;
    if (where.disarm(alarm_)) drop_ref();  // never the last: the caller holds one
    return;
  }
  clock_ = use;
  add_ref();
  if (!where.arm(alarm_, later(where.now(), after))) drop_ref();
}

void task_core::supervision_alarm::fire() noexcept {
  const task_ptr task(&self);
  self.drop_ref();  // the alarm's, now that `task` holds one
  clock_use due{};
  bool is_over = false;
  {
    const std::lock_guard lock(self.mutex_);
    // Armed anew, for later, while this was on its way.
    if (self.owner->manager->where().now() < deadline) return;
    due = std::exchange(self.clock_, clock_use::none);
    is_over = self.closed_.load(std::memory_order_relaxed);
    if (due == clock_use::timeout && self.reason_ == cancel_reason::none) {
      self.timed_out_.store(true, std::memory_order_relaxed);
    }
  }
  if (due == clock_use::timeout) {
    self.cancel_tree(cancel_reason::deadline);
  } else if (due == clock_use::grace && !is_over) {
    self.abandon(self.owner->manager->options.grace);
  }
}

void task_core::abandon(duration given) {
  strand* cell = nullptr;
  cancel_reason reason{};
  {
    const std::lock_guard lock(mutex_);
    if (closed_.load(std::memory_order_relaxed) || cell_ == nullptr) return;
    reason = reason_;
    refuses_children_ = true;
    cell = cell_;
    cell->add_ref();
  }
  settle(policy::conclude(policy::ending::abandoned, reason, nullptr, {}, blamed_timeout(), given));
  cell->request_abandon();
  cell->release();
}

}  // namespace actors::detail
