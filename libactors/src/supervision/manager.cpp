#include "actors/manager.hpp"

#include "manager_core.hpp"
#include "owner_core.hpp"

namespace actors {

owner manager::open_owner(std::string name, owner_options options) const {
  return open_owner(std::move(name), {}, options);
}

owner manager::open_owner(std::string name, actor_ref<event> receiver,
                          owner_options options) const {
  auto* core = new detail::owner_core(core_, std::move(name), options, std::move(receiver));
  return owner(std::shared_ptr<detail::owner_core>(
      core, [](detail::owner_core* unreferenced) { unreferenced->drop_handles(); }));
}

std::vector<record> manager::list() const {
  std::vector<record> records;
  for (const auto& task : core_->tasks(nullptr)) records.push_back(task->record());
  return records;
}

manager_metrics manager::metrics() const { return core_->metrics(); }

std::vector<event> manager::dead_letters() const { return core_->dead_letters(); }

drain_report manager::drain(duration patience) const {
  drain_report report;
  const auto deadline =
      core_->is_detached() ? time_point::min() : later(core_->where().now(), patience);
  if (core_->wait_until_drained(deadline)) return report;
  for (const auto& task : core_->tasks(nullptr)) {
    auto copy = task->record();
    if (!is_terminal(copy.state)) report.left.push_back(std::move(copy));
  }
  return report;
}

}  // namespace actors
