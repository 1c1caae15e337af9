#include "actors/owner.hpp"

#include "manager_core.hpp"
#include "owner_core.hpp"
#include "sender.hpp"
#include "task_core.hpp"

namespace actors {

namespace {

detail::task_ptr own_task(const detail::owner_core& owner, task_id id) {
  auto task = owner.manager->find(id);
  // Another owner's task answers like one that does not exist.
  return task && task->owner == &owner ? task : detail::task_ptr();
}

}  // namespace

const std::string& owner::name() const noexcept { return core_->name; }

std::vector<record> owner::list() const {
  std::vector<record> records;
  for (const auto& task : core_->manager->tasks(core_.get())) records.push_back(task->record());
  return records;
}

std::optional<record> owner::get(task_id id) const {
  const auto task = own_task(*core_, id);
  if (!task) return std::nullopt;
  return task->record();
}

std::optional<task_handle> owner::find(task_id id) const {
  auto task = own_task(*core_, id);
  if (!task) return std::nullopt;
  return task_handle(std::move(task));
}

std::optional<task_handle> owner::find(std::string_view name) const {
  auto task = core_->find(name);
  if (!task) return std::nullopt;
  return task_handle(std::move(task));
}

bool owner::has_running() const noexcept { return core_->has_live_tasks(); }

std::size_t owner::cancel(task_id id) const {
  const auto task = own_task(*core_, id);
  return task ? task->cancel_tree(cancel_reason::requested) : 0;
}

bool owner::cancel_one(task_id id) const {
  const auto task = own_task(*core_, id);
  return task && task->cancel(cancel_reason::requested);
}

std::size_t owner::cancel_all() const {
  // With all that is below: a child that is started meanwhile is not in the list.
  return detail::task_core::cancel_all(core_->manager->tasks(core_.get()),
                                       cancel_reason::requested);
}

send_result owner::send(task_id id, json content) const {
  const auto task = own_task(*core_, id);
  if (!task) return {{error_code::not_found, "task not found"}, std::move(content)};
  mail message;
  message.from = detail::sender();
  message.content = std::move(content);
  return task->send(std::move(message));
}

std::optional<event> owner::next_event(duration patience) const {
  auto& manager = *core_->manager;
  const auto deadline =
      manager.is_detached() ? time_point::min() : later(manager.where().now(), patience);
  return core_->next_event(deadline, false);
}

owner::event_range owner::events_until_idle() const { return event_range(core_); }

owner::event_range::iterator& owner::event_range::iterator::operator++() {
  current_ = from_->next_event(time_point::max(), true);
  return *this;
}

}  // namespace actors
