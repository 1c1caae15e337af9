#include "admission_control.hpp"

#include "manager_core.hpp"
#include "owner_core.hpp"
#include "planted.hpp"
#include "task_core.hpp"

namespace actors::detail {

namespace {

bool has_room(const admission_limits& limits, const policy::load& now) noexcept {
  return !limits.max_running || now.running < *limits.max_running;
}

}  // namespace

admission_control::admission_control(manager_core& home)
    : home_(home), limits_(home.options.limits), has_limits_(policy::counts_tasks(limits_)) {}

bool admission_control::is_full(const owner_core* owner) const {
  if (!has_limits_ && (owner == nullptr || !owner->counts_tasks)) return false;
  const std::lock_guard lock(mutex_);
  return !has_room(limits_, ledger_.load) ||
         (owner != nullptr && !has_room(owner->options.limits, owner->ledger.load));
}

error admission_control::check_uncounted(const task_core& task) const {
  const auto& owners = task.owner->options.limits;
  if (!limits_.max_depth && !owners.max_depth) return {};
  const policy::wish asks{.depth = task.depth, .field = "owner_options.limits"};
  auto answer = policy::admit(owners, {}, asks);
  if (answer.decision != policy::verdict::reject) {
    answer = policy::admit(limits_, {}, {.depth = task.depth});
  }
  return std::move(answer.why);
}

// A child that shares with a parent in a place of its own makes that a shared one; the parent
// cannot leave meanwhile, because its lock is held.
shared_place* admission_control::place_to_join_locked(const task_core& task) const {
  if (task.its.in_parents_slot()) return task.parent->place;
  if (task.what.slot().empty()) return nullptr;
  const auto& slots = task.owner->ledger.slots;
  const auto found = slots.find(task.what.slot());
  return found == slots.end() ? nullptr : found->second;
}

error admission_control::decide_locked(task_core& task) {
  auto& owner = *task.owner;
  auto& at_owner = owner.ledger;
  auto* place = place_to_join_locked(task);
  const bool joins = place != nullptr || task.its.in_parents_slot();
  policy::wish asks{.depth = task.depth,
                    .has_place = joins,
                    .waits = place != nullptr && place->where == stage::at_owner,
                    .field = "owner_options.limits"};
  auto first = policy::admit(owner.options.limits, at_owner.load, asks);
  if (first.decision == policy::verdict::reject) return std::move(first.why);
  asks.field = "limits";
  asks.max_running = task.what.max_running();
  asks.is_behind = !ledger_.queue.empty();
  asks.waits =
      place != nullptr ? place->where != stage::taken : first.decision == policy::verdict::queue;
  auto second = policy::admit(limits_, ledger_.load, asks);
  if (second.decision == policy::verdict::reject) return std::move(second.why);

  auto where = first.decision == policy::verdict::queue    ? stage::at_owner
               : second.decision == policy::verdict::queue ? stage::at_manager
                                                           : stage::taken;
  if (joins) {
    if (place == nullptr) {
      place = task.parent->place = new shared_place{owner, stage::taken, 1};
    }
    where = place->where;
  } else {
    // What may throw comes first, so that it leaves nothing behind.
    if (where != stage::taken || !task.what.slot().empty()) {
      auto made = std::make_unique<shared_place>(owner, where, 0, std::string(task.what.slot()));
      if (!made->slot.empty()) at_owner.slots.emplace(made->slot, made.get());
      place = made.release();
    }
    if (where != stage::at_owner) ++at_owner.load.running;
    if (where == stage::taken) ++ledger_.load.running;
  }
  task.place = place;
  task.counts = true;
  if (place != nullptr) ++place->holders;
  ++at_owner.load.total;
  ++ledger_.load.total;
  if (where == stage::at_owner) ++at_owner.load.queued;
  ++(where == stage::taken ? started_ : ledger_.load.queued);
  return {};
}

void admission_control::forget_locked(task_core& task) {
  task.counts = false;
  auto& at_owner = task.owner->ledger;
  auto* place = std::exchange(task.place, nullptr);
  const auto where = place == nullptr ? stage::taken : place->where;
  if (where == stage::at_owner) --at_owner.load.queued;
  --(where == stage::taken ? started_ : ledger_.load.queued);
  if (place != nullptr) {
    if (const auto found = place->waiting.find(task.id); found != place->waiting.end()) {
      stop_waiting_locked(found->second);
      place->waiting.erase(found);
    }
    if (--place->holders != 0) return;
    if (where == stage::at_owner) at_owner.queue.erase(place->turn);
    if (where == stage::at_manager) ledger_.queue.erase(place->turn);
    if (!place->slot.empty()) at_owner.slots.erase(place->slot);
    delete place;
  }
  if (where != stage::at_owner) --at_owner.load.running;
  if (where == stage::taken) --ledger_.load.running;
  if (is_planted(bug::slot_freed_twice) && ledger_.load.running != 0) --ledger_.load.running;
}

void admission_control::take_turns_locked(owner_core& owner) {
  auto& waits = owner.ledger;
  while (!waits.queue.empty() && has_room(owner.options.limits, waits.load)) {
    auto& place = *waits.queue.begin()->second;
    waits.queue.erase(waits.queue.begin());
    waits.load.queued -= place.holders;
    ++waits.load.running;
    place.where = stage::at_manager;
    ledger_.queue.emplace(place.turn, &place);
  }
  give_places_locked();
}

void admission_control::give_places_locked() {
  while (holds_ == 0 && !ledger_.queue.empty() && has_room(limits_, ledger_.load)) {
    auto& place = *ledger_.queue.begin()->second;
    ledger_.queue.erase(ledger_.queue.begin());
    ledger_.load.queued -= place.holders;
    started_ += place.holders;
    ++ledger_.load.running;
    place.where = stage::taken;
    for (auto& [id, one] : place.waiting) {
      stop_waiting_locked(one);
      ready_.push_back(std::move(one.task));
    }
    place.waiting.clear();
    // Relaxed: for the thread that does this, which asks next.
    has_ready_.store(true, std::memory_order_relaxed);
  }
}

bool admission_control::hold_turns() noexcept {
  // Relaxed: who begins to wait just now may as well have come later.
  if (!has_had_queue_.load(std::memory_order_relaxed)) return false;
  const std::lock_guard lock(mutex_);
  ++holds_;
  return true;
}

void admission_control::release_turns() {
  const std::lock_guard lock(mutex_);
  --holds_;
  give_places_locked();
}

void admission_control::retract(task_core& task) {
  const std::lock_guard lock(mutex_);
  --task.owner->ledger.load.total;
  --ledger_.load.total;
  if (is_planted(bug::slot_kept_by_refused)) return;
  forget_locked(task);
  take_turns_locked(*task.owner);
}

bool admission_control::enter(task_core& task) {
  const std::lock_guard lock(mutex_);
  auto* place = task.place;
  if (place == nullptr || place->where == stage::taken) return false;
  has_had_queue_.store(true, std::memory_order_relaxed);
  if (!place->turn) {
    place->turn = task.id;
    auto& queue = place->where == stage::at_owner ? task.owner->ledger.queue : ledger_.queue;
    queue.emplace(place->turn, place);
  }
  const auto patience = patience_of(*task.owner);
  const auto limit =
      patience == duration::zero() ? time_point::max() : later(home_.where().now(), patience);
  place->waiting.emplace(task.id, shared_place::waiter{task_ptr(&task), limit});
  if (limit != time_point::max() && !is_planted(bug::wait_never_over)) {
    impatient_.emplace(std::pair(limit, task.id), place);
    if (impatient_.begin()->first.second == task.id) arm_locked();
  }
  take_turns_locked(*task.owner);
  return true;
}

duration admission_control::patience_of(const owner_core& owner) const noexcept {
  return policy::patience_in_queue(owner.options.limits, limits_);
}

void admission_control::stop_waiting_locked(const shared_place::waiter& one) noexcept {
  if (one.limit != time_point::max()) impatient_.erase({one.limit, one.task->id});
}

void admission_control::arm_locked() noexcept {
  if (is_detached_) return;
  if (kept_ == nullptr) kept_ = home_.shared_from_this();
  home_.where().arm(*this, impatient_.begin()->first.first);
}

void admission_control::fire() noexcept {
  std::shared_ptr<manager_core> kept;  // until the end of this
  std::vector<task_ptr> due;
  {
    const std::lock_guard lock(mutex_);
    kept = std::move(kept_);
    const auto now = home_.where().now();
    while (!impatient_.empty() && impatient_.begin()->first.first <= now) {
      const auto first = impatient_.begin();
      // It holds on to its place until it has left; nobody can start it any more.
      const auto found = first->second->waiting.find(first->first.second);
      due.push_back(std::move(found->second.task));
      first->second->waiting.erase(found);
      impatient_.erase(first);
    }
    if (!impatient_.empty()) {
      arm_locked();
    } else {
      home_.where().disarm(*this);  // armed again while this one was on its way
    }
  }
  for (const auto& task : due) task->expire(patience_of(*task->owner));
}

time_point admission_control::still_needed_at() noexcept {
  std::shared_ptr<manager_core> gone;  // dropped after the lock
  const std::lock_guard lock(mutex_);
  if (!impatient_.empty()) return impatient_.begin()->first.first;
  gone = std::move(kept_);
  return time_point::max();
}

void admission_control::detach() noexcept {
  std::shared_ptr<manager_core> gone;
  const std::lock_guard lock(mutex_);
  is_detached_ = true;
  home_.where().disarm(*this);
  gone = std::move(kept_);
}

void admission_control::leave(task_core& task) {
  const std::lock_guard lock(mutex_);
  if (!task.counts) return;
  forget_locked(task);
  if (is_planted(bug::turn_forgotten)) return;
  take_turns_locked(*task.owner);
}

std::vector<task_ptr> admission_control::take_ready() {
  std::vector<task_ptr> ready;
  const std::lock_guard lock(mutex_);
  has_ready_.store(false, std::memory_order_relaxed);
  ready.swap(ready_);
  return ready;
}

admission_control::figures admission_control::count() const {
  const std::lock_guard lock(mutex_);
  return {started_, ledger_.load.queued};
}

}  // namespace actors::detail
