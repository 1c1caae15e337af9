#pragma once

#include <string_view>
#include <utility>

#include "manager_core.hpp"
#include "owner_core.hpp"
#include "planted.hpp"
#include "task_core.hpp"

namespace actors::detail {

/// Another owner's task answers like one that does not exist.
inline task_ptr own_task(const owner_core& owner, task_id id) {
  auto task = owner.manager->find(id);
  const bool is_own = task && (task->owner == &owner || is_planted(bug::foreign_task_found));
  return is_own ? task : task_ptr();
}

/// `task`, if it is a live child of `parent`.
inline task_ptr if_child(task_ptr task, task_id parent) {
  const bool fits =
      task && task->parent && task->parent->id == parent && !is_terminal(task->state());
  return fits ? std::move(task) : task_ptr();
}

/// `task`, if it is a live one of this run that no task started.
inline task_ptr if_root_of_run(task_ptr task, std::string_view run) {
  const bool fits =
      task && task->is_root && task->what.run_id() == run && !is_terminal(task->state());
  return fits ? std::move(task) : task_ptr();
}

}  // namespace actors::detail
