#include "actors/manager.hpp"

#include "manager_core.hpp"
#include "owner_core.hpp"
#include "policy.hpp"

namespace actors {

namespace {

owner make_owner(const std::shared_ptr<detail::manager_core>& home, std::string name,
                 const owner_options& options, actor_ref<event> receiver, event_sink sink) {
  if (const auto why = detail::policy::check(options); why.code != error_code::none) {
    throw failure(why);
  }
  auto* core =
      new detail::owner_core(home, std::move(name), options, std::move(receiver), std::move(sink));
  return owner(std::shared_ptr<detail::owner_core>(
      core, [](detail::owner_core* unreferenced) { unreferenced->drop_handles(); }));
}

}  // namespace

owner manager::open_owner(std::string name, owner_options options) const {
  return open_owner(std::move(name), actor_ref<event>(), options);
}

owner manager::open_owner(std::string name, actor_ref<event> receiver,
                          owner_options options) const {
  return make_owner(core_, std::move(name), options, std::move(receiver), nullptr);
}

owner manager::open_owner(std::string name, event_sink sink, owner_options options) const {
  if (!sink) throw failure({error_code::invalid_argument, "the sink of an owner is empty"});
  return make_owner(core_, std::move(name), options, {}, std::move(sink));
}

std::vector<record> manager::list() const { return list({}); }

std::vector<record> manager::list(const query& which) const { return core_->list(which, nullptr); }

bool manager::at_capacity() const { return core_->at_capacity(nullptr); }

std::size_t manager::forget_ended() const { return core_->forget_ended(nullptr); }

std::size_t manager::cancel_all(cancel_reason reason) const {
  return detail::task_core::cancel_all(core_->tasks(nullptr), reason);
}

std::size_t manager::cancel_run(std::string_view run_id) const {
  return core_->cancel_run(run_id, nullptr);
}

std::size_t manager::cancel_matching(const selection& any) const {
  return core_->cancel_matching(any, nullptr);
}

snapshot manager::take_snapshot() const { return core_->take_snapshot(); }

subscription manager::subscribe(std::uint64_t after) const { return {core_, after}; }

manager_metrics manager::metrics() const { return core_->metrics(); }

std::vector<dead_letter> manager::dead_letters() const { return core_->dead_letters(); }

std::size_t manager::clear_dead_letters(const std::string& owner) const {
  return core_->take_dead_letters(owner.empty() ? nullptr : &owner).size();
}

void manager::pause() const noexcept { core_->set_paused(true); }

void manager::resume() const noexcept { core_->set_paused(false); }

bool manager::is_paused() const noexcept { return core_->is_paused(); }

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
