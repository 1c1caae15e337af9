#include "actors/owner.hpp"

#include <algorithm>
#include <thread>

#include "addressing.hpp"
#include "planted.hpp"
#include "receipt_core.hpp"
#include "sender.hpp"

namespace actors {

namespace {

std::optional<task_handle> to_handle(detail::task_ptr task) {
  if (!task) return std::nullopt;
  return task_handle(std::move(task));
}

std::vector<task_id> without_repeats(std::vector<task_id> ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

time_point deadline_in(const detail::owner_core& owner, duration patience) {
  auto& manager = *owner.manager;
  if (manager.is_detached()) return time_point::min();
  if (patience == duration::max()) return time_point::max();
  return later(manager.where().now(), std::max(patience, duration::zero()));
}

/// False when some are left at the deadline.
bool wait_until_drained(const detail::owner_core& owner, time_point deadline) {
  auto& manager = *owner.manager;
  while (owner.has_live_tasks()) {
    auto live = manager.tasks(&owner);
    std::erase_if(live, [](const auto& task) { return is_terminal(task->state()); });
    for (const auto& task : live) {
      if (!task->wait(deadline)) return false;
    }
    // One is about to count as ended, or to be found.
    if (live.empty()) {
      if (manager.is_detached() || manager.where().now() >= deadline) return true;
      std::this_thread::yield();
    }
  }
  return true;
}

/// Does something with the deliveries of an owner that has some; gives a default when it has none.
template <class Use>
auto with_deliveries(const detail::owner_core& owner, Use use) {
  using answer = decltype(use(std::declval<detail::delivery_queue&>(), time_point()));
  auto* room = owner.room();
  return room != nullptr ? room->with(std::move(use)) : answer{};
}

}  // namespace

const std::string& owner::name() const noexcept { return core_->name; }

std::vector<record> owner::list() const { return list({}); }

std::vector<record> owner::list(const query& which) const {
  return core_->manager->list(which, core_.get());
}

std::optional<record> owner::get(task_id id) const {
  const auto task = detail::own_task(*core_, id);
  if (!task) return std::nullopt;
  return task->record();
}

std::optional<task_handle> owner::find(task_id id) const {
  return to_handle(detail::own_task(*core_, id));
}

std::optional<task_handle> owner::find(std::string_view name) const {
  return to_handle(core_->find(name));
}

std::optional<task_handle> owner::find_child(task_id parent, std::string_view name) const {
  return to_handle(detail::if_child(core_->find(name), parent));
}

std::optional<task_handle> owner::find_child(task_id parent, task_id id) const {
  return to_handle(detail::if_child(detail::own_task(*core_, id), parent));
}

std::optional<task_handle> owner::find_in_run(std::string_view run_id,
                                              std::string_view name) const {
  return to_handle(detail::if_root_of_run(core_->find(name), run_id));
}

std::optional<task_handle> owner::find_in_run(std::string_view run_id, task_id id) const {
  return to_handle(detail::if_root_of_run(detail::own_task(*core_, id), run_id));
}

std::optional<task_id> owner::parse_id(std::string_view text) const noexcept {
  return core_->manager->ids.parse(text);
}

bool owner::has_running() const noexcept { return core_->has_live_tasks(); }

bool owner::at_capacity() const { return core_->manager->at_capacity(core_.get()); }

std::size_t owner::forget_ended() const { return core_->manager->forget_ended(core_.get()); }

std::size_t owner::cancel(task_id id) const {
  const auto task = detail::own_task(*core_, id);
  return task ? task->cancel_tree(cancel_reason::requested) : 0;
}

bool owner::cancel_one(task_id id) const {
  const auto task = detail::own_task(*core_, id);
  return task && task->cancel(cancel_reason::requested);
}

std::size_t owner::cancel_all(cancel_reason reason) const {
  // With all that is below: a child that is started meanwhile is not in the list.
  return detail::task_core::cancel_all(core_->manager->tasks(core_.get()), reason);
}

std::size_t owner::cancel_run(std::string_view run_id) const {
  return core_->manager->cancel_run(run_id, core_.get());
}

drain_report owner::stop_run(std::string_view run_id, duration patience) const {
  if (run_id.empty()) return {};
  auto& manager = *core_->manager;
  const auto deadline = deadline_in(*core_, patience);
  cancel_run(run_id);
  // Whoever comes now is refused.
  for (const auto& task : manager.tasks(core_.get())) {
    if (task->what.run_id() == run_id && !task->wait(deadline)) {
      return {list({.in = query::states::live, .run_id = std::string(run_id)})};
    }
  }
  return {};
}

std::size_t owner::cancel_matching(const selection& any) const {
  return core_->manager->cancel_matching(any, core_.get());
}

send_result owner::send(task_id id, json content) const {
  const auto task = detail::own_task(*core_, id);
  if (!task) return {{error_code::not_found, "task not found"}, std::move(content)};
  return task->send(detail::pack(detail::sender(), std::move(content)));
}

receipt owner::send_with_receipt(task_id id, json content, duration expiry) const {
  const auto task = detail::own_task(*core_, id);
  if (task) return task_handle(task).send_with_receipt(std::move(content), expiry);
  auto refused = std::make_shared<detail::receipt_core>(core_->manager, time_point::max());
  refused->refuse({error_code::not_found, "task not found"});
  return receipt(std::move(refused), std::move(content));
}

std::optional<event> owner::next_event(duration patience) const {
  return core_->next_event(deadline_in(*core_, patience), false);
}

std::optional<delivery> owner::claim(const std::string& consumer, duration lease) const {
  return with_deliveries(*core_, [&](detail::delivery_queue& queue, time_point now) {
    return queue.claim(consumer, now, lease);
  });
}

std::optional<delivery> owner::claim(const std::string& consumer) const {
  return claim(consumer, core_->options.lease);
}

bool owner::renew(const delivery& claimed, const std::string& consumer) const {
  return with_deliveries(*core_, [&](detail::delivery_queue& queue, time_point now) {
    return queue.renew(claimed.what, consumer, now, core_->options.lease);
  });
}

bool owner::complete(const delivery& claimed, const std::string& consumer) const {
  return with_deliveries(*core_, [&](detail::delivery_queue& queue, time_point now) {
    return queue.complete(claimed.what, consumer, now);
  });
}

bool owner::fail(const delivery& claimed, const std::string& consumer, std::string why) const {
  return with_deliveries(*core_, [&](detail::delivery_queue& queue, time_point now) {
    return queue.fail(claimed.what, consumer, now, std::move(why), core_->room()->random());
  });
}

bool owner::release(const delivery& claimed, const std::string& consumer) const {
  return with_deliveries(*core_, [&](detail::delivery_queue& queue, time_point now) {
    return queue.release(claimed.what, consumer, now);
  });
}

std::size_t owner::watch(const std::vector<task_id>& tasks) const {
  auto known = without_repeats(tasks);
  std::erase_if(known, [this](task_id id) { return !detail::own_task(*core_, id); });
  return with_deliveries(*core_, [&known](detail::delivery_queue& queue, time_point) {
    for (const auto id : known) queue.watch(id);
    return known.size();
  });
}

std::size_t owner::unwatch(const std::vector<task_id>& tasks) const {
  return with_deliveries(*core_, [&tasks](detail::delivery_queue& queue, time_point) {
    auto watched = without_repeats(tasks);
    std::erase_if(watched, [&queue](task_id id) { return !queue.unwatch(id); });
    return watched.size();
  });
}

std::size_t owner::acknowledge(const std::vector<task_id>& tasks) const {
  auto* room = core_->room();
  if (room == nullptr) return 0;
  std::size_t dropped = 0;
  for (const auto id : without_repeats(tasks)) {
    const auto task = detail::own_task(*core_, id);
    if (!task) continue;
    dropped += task->with_end([&](bool has_ended) { return room->acknowledge(id, has_ended); });
  }
  room->tell();
  return dropped;
}

std::optional<outcome> owner::wait(task_id id, duration patience) const {
  const auto task = detail::own_task(*core_, id);
  if (!task) return std::nullopt;
  watch({id});
  auto end = task_handle(task).wait(patience);
  if (end && !detail::is_planted(detail::bug::waited_end_handed_out)) acknowledge({id});
  unwatch({id});
  return end;
}

std::uint64_t owner::set_sink(event_sink sink) const {
  if (!sink) throw failure({error_code::invalid_argument, "the sink of an owner is empty"});
  return core_->room() != nullptr ? core_->room()->set_sink(std::move(sink)) : 0;
}

bool owner::remove_sink(std::uint64_t registration) const {
  return core_->room() != nullptr && core_->room()->remove_sink(registration);
}

delivery_state owner::deliveries() const {
  return with_deliveries(*core_,
                         [](detail::delivery_queue& queue, time_point) { return queue.state(); });
}

bool owner::drain_deliveries(duration patience) const {
  if (core_->room() == nullptr) return true;
  return core_->room()->drain(deadline_in(*core_, patience));
}

turn owner::begin_turn() const { return turn(core_->shared_room()); }

std::size_t owner::replay_dead_letters() const { return core_->replay_dead_letters(); }

drain_report owner::drain(duration patience) const {
  if (wait_until_drained(*core_, deadline_in(*core_, patience))) return {};
  return {core_->manager->list({.in = query::states::live}, core_.get())};
}

bool owner::dispose(duration patience) const {
  const auto deadline = deadline_in(*core_, patience);
  core_->close();
  cancel_all();
  bool is_clean = wait_until_drained(*core_, deadline);
  if (auto* room = core_->room()) {
    is_clean &= room->drain(deadline);
    room->close("its owner was disposed of");
  }
  return is_clean;
}

owner::event_range owner::events_until_idle() const { return event_range(core_); }

owner::event_range::iterator& owner::event_range::iterator::operator++() {
  current_ = from_->next_event(time_point::max(), true);
  return *this;
}

}  // namespace actors
