#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "../runtime/live_count.hpp"
#include "../runtime/small_mutex.hpp"
#include "actors/detail/engine.hpp"
#include "actors/inbox.hpp"
#include "actors/owner.hpp"
#include "admission_control.hpp"
#include "cancelled_runs.hpp"
#include "delivery_room.hpp"
#include "event_queue.hpp"
#include "numbered_names.hpp"
#include "planted.hpp"
#include "task_core.hpp"
#include "text_hash.hpp"

namespace actors::detail {

class manager_core;

/// The actor or the queue that receives the events of its tasks, and the names that are taken.
///
/// Lives as long as a handle or a task refers to it.
class owner_core {
 public:
  owner_core(std::shared_ptr<manager_core> home, std::string owner_name, owner_options how,
             actor_ref<event> to, event_sink sink);

  const std::shared_ptr<manager_core> manager;
  const std::string name;
  const owner_options options;
  // Of its own limits, or the manager's: policy::counts_tasks(), and policy::has_limits().
  const bool counts_tasks;
  const bool has_limits;
  detail::cancelled_runs cancelled_runs;
  admission_ledger ledger;  ///< Under the lock of the manager's admission_control.

  /// Tasks that the owner started refer to it, and those that they started to them.
  void add_root() noexcept { roots_.add(); }
  /// May destroy the owner, and with it the last reference to the manager.
  void drop_root() noexcept {
    if (roots_.drop()) delete this;
  }
  /// The last handle is gone: what was not read, and what comes, becomes a dead letter. May destroy
  /// the owner.
  void drop_handles() noexcept;

  /// Mails the event that `build(name)` gives, for the name of this owner, or an empty one where it
  /// goes without; false when the receiver takes no more. Never waits. Under the task's lock.
  template <class Build>
  bool deliver(const Build& build) {
    const auto with_name = [this, &build] { return build(name); };
    if (room_ != nullptr) return deliver_later(with_name());
    if (receiver_) return mail(*message_node<event>::make_by(with_name));
    return queue(build(std::string()));
  }
  /// After deliver(), under no lock.
  void delivered() {
    if (room_ != nullptr) room_->tell();
  }
  /// Is an event that was mailed not yet taken?
  bool settles_later() const noexcept { return room_ != nullptr; }
  /// Null when its events are mailed once.
  delivery_room* room() const noexcept { return room_.get(); }
  std::shared_ptr<delivery_room> shared_room() const noexcept { return room_; }
  std::size_t replay_dead_letters();

  /// Takes no more tasks. Sequentially consistent, like the count of the live ones: a spawn counts
  /// and then looks at the door, and whoever closes it then looks at the count.
  void close() noexcept { closed_.store(true, std::memory_order_seq_cst); }
  bool is_closed() const noexcept { return closed_.load(std::memory_order_seq_cst); }

  /// Under its own lock: reserves a name for `task`, if it is free and `inside` says so too.
  template <class Inside>
  error reserve_name(task_core& task, Inside inside);
  /// `inside` runs under the same lock: a task that is seen to have ended has no name any more, and
  /// one whose name is seen to be free has ended. Where names are numbered they stay taken.
  template <class Inside>
  void release_name(task_core& task, Inside inside) noexcept;
  /// Nobody asks for the name of this task any more.
  void forget_name(const task_core& task) noexcept;
  task_ptr find(std::string_view name) const;

  void task_began() noexcept { live_.began(); }
  void task_ended() noexcept;
  bool has_live_tasks() const noexcept { return !live_.is_zero(); }

  /// For threads outside. `until_idle`: also returns nothing once no task is live and no event
  /// left.
  std::optional<event> next_event(time_point deadline, bool until_idle);

 private:
  ~owner_core() = default;
  bool deliver_later(event&& happened);
  bool mail(message_node<event>& node);
  bool queue(event&& happened);
  void refuse(event&& unread);
  void lose(event&& unread, const char* why);
  bool numbers_names() const noexcept;
  std::string free_name_locked(const std::string& wanted);
  void rename_locked(task_core& task);
  void erase_name_locked(std::string_view taken) noexcept;

  std::atomic<bool> closed_{false};
  actor_ref<event> receiver_;
  std::shared_ptr<delivery_room> room_;
  event_queue queue_{name};  // begins a cache line: whoever spawns looks only at what is above
  small_mutex reader_;
  live_count live_;
  striped_references roots_;
  mutable std::mutex names_mutex_;
  /// Who was accepted last under each name; kept by the table until the name is forgotten.
  std::unordered_map<std::string, task_core*, text_hash, std::equal_to<>> names_;
  numbered_names numbers_;  // where names are numbered
};

template <class Inside>
void owner_core::release_name(task_core& task, Inside inside) noexcept {
  if (!task.its.has_name()) return inside();
  const std::lock_guard lock(names_mutex_);
  if (!numbers_names() && !is_planted(bug::name_never_freed)) erase_name_locked(task.what.name());
  inside();
}

template <class Inside>
error owner_core::reserve_name(task_core& task, Inside inside) {
  if (!task.its.has_name() && !numbers_names()) return inside();
  const std::lock_guard lock(names_mutex_);
  if (numbers_names()) rename_locked(task);
  const auto wanted = task.what.name();
  if (names_.contains(wanted)) {
    return {error_code::name_taken,
            "a running task named '" + std::string(wanted) + "' already exists"};
  }
  auto why = inside();
  if (why.code == error_code::none) {
    names_.emplace(wanted, &task);
  } else if (numbers_names()) {
    numbers_.forget(wanted);
  }
  return why;
}

}  // namespace actors::detail
