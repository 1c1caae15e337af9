#include "owner_core.hpp"

#include "manager_core.hpp"

namespace actors::detail {

namespace {

constexpr const char* gone = "its owner is gone";

}  // namespace

owner_core::owner_core(std::shared_ptr<manager_core> home, std::string owner_name,
                       owner_options how, actor_ref<event> to, event_sink sink)
    : manager(std::move(home)),
      name(std::move(owner_name)),
      options(how),
      counts_tasks(policy::counts_tasks(options.limits) ||
                   policy::counts_tasks(manager->options.limits)),
      has_limits(policy::has_limits(options.limits) || policy::has_limits(manager->options.limits)),
      cancelled_runs(manager->options.max_cancelled_runs),
      receiver_(std::move(to)) {
  if (!sink && !options.by_claim) return;
  room_ = std::make_shared<delivery_room>(*manager, options, std::move(sink));
  manager->add_room(room_);
}

bool owner_core::deliver_later(event&& happened) {
  const char* refused = room_->add(happened);
  if (refused == nullptr) return true;
  if (happened.is_terminal()) lose(std::move(happened), refused);
  return false;
}

bool owner_core::mail(message_node<event>& node) {
  const bool taken = receiver_.strand()->push_message(node) == strand::admission::taken;
  if (!taken) refuse(message_node<event>::open(node));
  return taken;
}

bool owner_core::queue(event&& happened) {
  const bool taken = queue_.add(std::move(happened));
  if (!taken) refuse(std::move(happened));  // NOLINT(bugprone-use-after-move): it was not taken
  return taken;
}

void owner_core::refuse(event&& unread) {
  if (unread.is_terminal()) lose(std::move(unread), gone);
}

void owner_core::lose(event&& unread, const char* why) {
  const auto task = unread.task;
  if (is_planted(bug::dead_letter_lost)) return;
  manager->add_dead_letter({std::move(unread), 0, why});
  // Not here: what is forgotten for it may take somebody's sink along, and a task is locked.
  if (room_ != nullptr) room_->settle(task);
}

std::size_t owner_core::replay_dead_letters() {
  auto letters = manager->take_dead_letters(&name);
  std::vector<dead_letter> refused;
  for (auto& each : letters) {
    if (room_ == nullptr) {
      deliver([&each](const std::string&) { return std::move(each.what); });
    } else if (room_->add(each.what, false) != nullptr) {
      refused.push_back(std::move(each));
    }
  }
  const auto replayed = letters.size() - refused.size();
  manager->put_back(std::move(refused));
  return replayed;
}

bool owner_core::numbers_names() const noexcept {
  return manager->options.names == taken_name::number;
}

std::string owner_core::free_name_locked(const std::string& wanted) {
  const auto is_free = [this](const std::string& one) {
    return !names_.contains(one) || is_planted(bug::kept_name_given_away);
  };
  if (!wanted.empty() && is_free(wanted)) return wanted;
  return numbers_.next(wanted, is_free);
}

void owner_core::rename_locked(task_core& task) {
  auto given = free_name_locked(std::string(task.what.name()));
  if (given == task.what.name()) return;
  auto named = task.what.copy();
  named.name = std::move(given);
  task.set_spec(std::move(named));
}

void owner_core::erase_name_locked(std::string_view taken) noexcept {
  if (const auto found = names_.find(taken); found != names_.end()) names_.erase(found);
}

void owner_core::forget_name(const task_core& task) noexcept {
  if (!task.its.has_name()) return;
  const std::lock_guard lock(names_mutex_);
  erase_name_locked(task.what.name());
  if (numbers_names()) numbers_.forget(task.what.name());
}

task_ptr owner_core::find(std::string_view wanted) const {
  const std::lock_guard lock(names_mutex_);
  const auto found = names_.find(wanted);
  if (found == names_.end() || is_terminal(found->second->state())) return {};
  return task_ptr(found->second);
}

void owner_core::task_ended() noexcept {
  // A reader that sees nobody live sees every event that was mailed before.
  live_.ended();
  if (queue_.is_waited_for() && live_.is_zero()) queue_.nudge();
}

std::optional<event> owner_core::next_event(time_point deadline, bool until_idle) {
  const std::lock_guard lock(reader_);
  return queue_.next(manager->where(), deadline, [this, until_idle] {
    return manager->is_detached() || (until_idle && live_.is_zero());
  });
}

void owner_core::drop_handles() noexcept {
  if (!receiver_) {
    const std::lock_guard lock(reader_);
    for (auto& unread : queue_.shut()) refuse(std::move(unread));
  }
  if (room_ != nullptr) room_->close(gone);
  if (roots_.close()) delete this;
}

}  // namespace actors::detail
