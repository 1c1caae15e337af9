#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/actor.hpp"
#include "actors/detail/engine.hpp"
#include "actors/owner.hpp"
#include "delivery_queue.hpp"

namespace actors::detail {

class manager_core;

/// Where the events of one owner wait until they were delivered, and who delivers them.
///
/// An owner with a sink has a postman, an actor that claims like any other consumer: one owner that
/// is slow, or fails, delays nobody else. Any thread may call the members. Its lock is taken inside
/// a task's; nothing else is taken inside it, but for the postman's mailbox.
class delivery_room : public std::enable_shared_from_this<delivery_room> {
 public:
  delivery_room(manager_core& home, const owner_options& how, event_sink to);

  /// Why it was not taken; null, and the event is moved from, when it was.
  const char* add(event& happened, bool is_new = true);
  /// 0 when events are claimed here, not sent.
  std::uint64_t set_sink(event_sink to);
  bool remove_sink(std::uint64_t registration);
  /// The last event of this task needs no more attention. Told by the next tell().
  void settle(task_id task);
  /// What has become of deliveries is told to the manager. Under no lock.
  void tell() { tell(std::unique_lock(mutex_)); }
  /// What waits becomes dead letters.
  void close(const std::string& why);

  /// Does something with the queue, and all that follows from it: `use(queue, now)`. Gives a
  /// default value when the room is closed.
  template <class Use>
  auto with(Use use);

  /// Without telling: under the task's lock.
  std::size_t acknowledge(task_id task, bool has_ended);
  bool drain(time_point deadline);
  delivery_state state();
  std::uint64_t random() noexcept { return where_.random(); }
  const owner_options& options() const noexcept { return options_; }

 private:
  struct nudge {};

  void hire();
  static coroutine<void> deliver_all(actor_context<nudge> self,
                                     std::shared_ptr<delivery_room> room);
  static coroutine<std::string> attempt(std::shared_ptr<const event_sink> to, delivery what);
  void changed_locked();
  /// Unlocks before it tells.
  void tell(std::unique_lock<std::mutex> lock);

  const std::shared_ptr<manager_core> home_;
  engine& where_;
  const owner_options options_;

  std::mutex mutex_;
  delivery_queue queue_;
  bool is_closed_ = false;
  std::shared_ptr<const event_sink> sink_;
  std::uint64_t registration_ = 0;  // of the latest sink; 0 when events are claimed
  std::uint64_t given_up_ = 0;      // how often everything was
  actor_ref<nudge> postman_;        // hired with the first event
  // When the postman looks next by itself; never while it has been told to, or is busy.
  time_point postman_looks_at_ = time_point::min();
  std::vector<gate*> drains_;  // of those who wait; each closes only its own
};

template <class Use>
auto delivery_room::with(Use use) {
  std::unique_lock lock(mutex_);
  if (is_closed_) return decltype(use(queue_, time_point())){};
  auto answer = use(queue_, where_.now());
  changed_locked();
  tell(std::move(lock));
  return answer;
}

}  // namespace actors::detail
