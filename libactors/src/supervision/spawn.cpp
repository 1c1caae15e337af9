#include <fmt/format.h>

#include "actors/detail/spawn_task.hpp"
#include "manager_core.hpp"
#include "owner_core.hpp"
#include "planted.hpp"
#include "policy.hpp"
#include "task_core.hpp"

namespace actors::detail {

void require_writable(const json& result) {
  if (nests_deeper(result, max_written_depth)) {
    throw failure({error_code::invalid_argument,
                   fmt::format("the result nests deeper than {}", max_written_depth)});
  }
}

namespace {

bool is_run_cancelled(const owner_core& owner, std::string_view run) {
  if (run.empty() || is_planted(bug::cancelled_run_forgotten)) return false;
  return owner.cancelled_runs.contains(run) || owner.manager->is_run_cancelled(run);
}

error refuse_run(std::string_view run) {
  return {error_code::run_cancelled,
          fmt::format("parent run '{}' has already been cancelled", run)};
}

bool is_closed(const owner_core& owner) {
  return owner.manager->is_closed() ||
         (owner.is_closed() && !is_planted(bug::closed_owner_accepts));
}

error refuse_closed(const owner_core& owner) {
  if (owner.manager->is_closed()) {
    return {error_code::closed, "the runtime is shutting down and takes no more tasks"};
  }
  return {error_code::closed, "the owner " + owner.name + " takes no more tasks"};
}

/// Why a task is refused before anything is counted; code `none` when it is not.
error refusal_of(const owner_core& owner, const task_core* parent, const spec& what) {
  const auto& manager = *owner.manager;
  if (is_closed(owner)) return refuse_closed(owner);
  if (manager.is_paused() && !what.in_parents_slot && !is_planted(bug::pause_ignored)) {
    return {error_code::paused, "the manager is paused and takes no new tasks"};
  }
  if (auto why = policy::check(what, manager.ids, parent != nullptr, manager.options.limits);
      why.code != error_code::none) {
    return why;
  }
  const bool inherits = what.run_id.empty() && parent != nullptr;
  const auto run = inherits ? parent->what.run_id() : std::string_view(what.run_id);
  return is_run_cancelled(owner, run) ? refuse_run(run) : error();
}

const spec& with_trimmed_name(const owner_core& owner, spec& what) {
  if (owner.manager->options.names == taken_name::number) what.name = policy::trim(what.name);
  return what;
}

}  // namespace

task_draft::task_draft(owner_core& owner, task_core* parent, spec&& what, body_room room)
    : refusal_(refusal_of(owner, parent, with_trimmed_name(owner, what))) {
  auto& manager = *owner.manager;
  if (refusal_.code != error_code::none) {
    manager.count_rejection();
    return;
  }
  task_ = task_ptr::adopt(new (room) task_core(owner, task_ptr(parent), std::move(what), room));
}

task_draft::~task_draft() = default;

void* task_draft::room() const noexcept { return task_.get() + 1; }

result<task_handle> task_draft::commit(unbegun_ptr body, collect_function collect) {
  auto& task = *task_;
  auto& owner = *task.owner;
  auto& manager = *owner.manager;
  task.set_body(std::move(body), collect);
  auto in_table = task.share_unknown();
  auto for_body = task.share_unknown();

  auto why = task.enter_tree([&task, &owner, &manager] {
    return owner.reserve_name(task, [&task, &manager] { return manager.admit(task); });
  });
  if (why.code != error_code::none) {
    manager.count_rejection();
    task.refuse(why);
    return why;
  }
  owner.task_began();
  const auto undo = [&task, &owner, &manager](const error& reason) {
    manager.count_rejection();
    owner.forget_name(task);
    task.leave_tree();
    task.refuse(reason);  // while it is counted, so that there is an engine
    manager.retract(task);
    owner.task_ended();
  };
  // It is counted: whoever closes the door and then finds nobody live is seen by this look, and
  // whoever is not seen by it waits for the task.
  if (is_closed(owner)) {
    why = refuse_closed(owner);
    undo(why);
    return why;
  }
  if (manager.options.journal != nullptr) {
    if (auto journalled = manager.journal_accepted(task);
        !journalled && !is_planted(bug::journal_refusal_ignored)) {
      why = journalled.error();
      undo(why);
      return why;
    }
  }
  manager.enlist(std::move(in_table));
  // Whoever cancels the run either finds the task now, or has noted that before this look.
  if (task.its.has_run_id() && is_run_cancelled(owner, task.what.run_id()) && task.withdraw()) {
    why = refuse_run(task.what.run_id());
    manager.strike(task);
    undo(why);
    if (manager.options.journal != nullptr) manager.journal_ended(task.record());
    return why;
  }
  // It may have come too late for those who close the door and then tell the tasks that they find.
  // Told before it enters, it ends without a start.
  if (manager.is_closed()) task.cancel(cancel_reason::shutdown);
  if (owner.is_closed()) task.cancel(cancel_reason::requested);
  manager.enter(std::move(for_body));
  return task_handle(std::move(task_));
}

}  // namespace actors::detail
