#include <algorithm>
#include <optional>
#include <unordered_set>

#include "manager_core.hpp"
#include "owner_core.hpp"
#include "planted.hpp"
#include "policy.hpp"
#include "task_core.hpp"

namespace actors::detail {

std::size_t task_core::cancel_tree(cancel_reason reason) { return spread(reason, reach::tree); }

bool task_core::cancel(cancel_reason reason) { return spread(reason, reach::task) != 0; }

std::size_t task_core::spread(cancel_reason reason, reach how) {
  std::optional<manager_core::held_turns> until_all_are_told;
  if (how != reach::task) until_all_are_told.emplace(*owner->manager);
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

// Parents come first: who awaits a child must not see it stop before it is told itself.
std::size_t task_core::cancel_all(std::vector<task_ptr> tasks, cancel_reason reason) {
  if (tasks.empty()) return 0;
  const manager_core::held_turns until_all_are_told(*tasks.front()->owner->manager);
  std::ranges::reverse(tasks);
  if (reason == cancel_reason::none) reason = cancel_reason::requested;
  std::size_t told = 0;
  std::unordered_set<task_id> seen;
  while (!tasks.empty()) {
    const auto task = std::move(tasks.back());
    tasks.pop_back();
    if (seen.insert(task->id).second && task->signal(reason, reach::tree, tasks)) ++told;
  }
  return told;
}

template <class Meant>
std::size_t manager_core::cancel_all(const owner_core* of, Meant meant) {
  std::vector<task_ptr> told;
  table_.for_each([&told, of, &meant](task_core& task) {
    if ((of == nullptr || task.owner == of) && meant(task)) told.emplace_back(&task);
  });
  sort_by_id(told);
  return task_core::cancel_all(std::move(told), cancel_reason::requested);
}

std::size_t manager_core::cancel_run(std::string_view run, owner_core* of) {
  if (run.empty()) return 0;
  // Before the look at the tasks: one that is not there yet looks here when it is.
  (of == nullptr ? cancelled_runs_ : of->cancelled_runs).add(run);
  return cancel_all(of, [run](const task_core& task) {
    // Where a parent has ended, nobody above would tell it.
    return task.what.run_id() == run && !is_terminal(task.state()) &&
           (task.is_root || is_terminal(task.parent->state()));
  });
}

std::size_t manager_core::cancel_matching(const selection& any, const owner_core* of) {
  return cancel_all(of, [&any](const task_core& task) {
    return policy::matches(any, task.owner->name, task.what);
  });
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
  bool is_given_time = false;
  {
    const std::lock_guard lock(mutex_);
    refuses_children_ = true;
    if (how == reach::tree || (how == reach::rest_of_tree && !walked_)) {
      walked_ = true;
      if (!is_planted(bug::children_not_told)) append_children_locked(children);
    }
    const auto now = state_.load(std::memory_order_relaxed);
    if (is_terminal(now) && is_planted(bug::second_end)) state_.store(task_state::cancelled);
    if (is_terminal(now)) return false;
    if (closed_.load(std::memory_order_relaxed)) return accepted_;
    if (reason_ != cancel_reason::none) return true;
    reason_ = reason;
    // Told alone, it still has a time-out for those below it.
    if (how != reach::task) disarm_timeout();
    was_waiting = now == task_state::queued && accepted_ && claim_end_locked();
    if (!was_waiting) {
      if (cell_ != nullptr) cell_->request_stop(reason);
      is_given_time = accepted_;  // or else it is ended by start(), or by wait_for_turn()
    }
  }
  // Nothing of it has run: it ends here and now.
  if (was_waiting) settle_unstarted(reason);
  if (is_given_time) begin_grace();
  return true;
}

void task_core::begin_grace() {
  if (is_planted(bug::grace_not_watched)) return;
  const auto grace = owner->manager->options.grace;
  if (grace == duration::zero()) {
    abandon(grace);
  } else {
    owner->manager->watch_grace(*this);
  }
}

bool task_core::withdraw() {
  const std::lock_guard lock(mutex_);
  return reason_ == cancel_reason::none && claim_end_locked();
}

void task_core::disarm_timeout() noexcept {
  // The alarm's reference is never the last: the caller holds one.
  if (timeout_ != nullptr && owner->manager->where().disarm(*timeout_)) drop_ref();
}

void task_core::timeout_alarm::fire() noexcept {
  const auto task = task_ptr::adopt(&self);
  {
    const std::lock_guard lock(self.mutex_);
    if (self.reason_ == cancel_reason::none) self.timed_out_.store(true, std::memory_order_relaxed);
  }
  self.cancel_tree(cancel_reason::deadline);
}

void task_core::expire(duration waited) {
  {
    const std::lock_guard lock(mutex_);
    if (!claim_end_locked()) return;
    refuses_children_ = true;
    if (reason_ == cancel_reason::none) reason_ = cancel_reason::deadline;
  }
  settle(kept_outcome(policy::conclude_unstarted(waited)), settled::as_claimed);
}

template <class Conclude>
void task_core::end_without_body(cancel_reason by_default, Conclude conclude) {
  cancel_reason reason{};
  {
    const std::lock_guard lock(mutex_);
    if (closed_.load(std::memory_order_relaxed)) return;
    reason = reason_;
    if (reason_ == cancel_reason::none) reason_ = by_default;
    refuses_children_ = true;
  }
  settle(kept_outcome(conclude(reason)), settled::giving_up);
}

void task_core::abandon(duration given) {
  end_without_body(cancel_reason::none, [this, given](cancel_reason reason) {
    return policy::conclude(policy::ending::abandoned, reason, nullptr, {}, blamed_timeout(),
                            given);
  });
}

void task_core::abandon_stalled(duration quiet) {
  end_without_body(cancel_reason::stalled, [this, quiet](cancel_reason reason) {
    if (reason == cancel_reason::none) return policy::conclude_stalled(quiet);
    return policy::conclude(policy::ending::abandoned, reason, nullptr, {}, blamed_timeout(),
                            quiet);
  });
}

}  // namespace actors::detail
