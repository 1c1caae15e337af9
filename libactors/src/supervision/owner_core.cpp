#include "owner_core.hpp"

#include <thread>

#include "manager_core.hpp"

namespace actors::detail {

namespace {

constexpr const char* gone = "its owner is gone";

template <class Use>
void use_all(mailbox_node* oldest, Use use) {
  while (oldest != nullptr) {
    auto& node = *oldest;
    oldest = node.next;
    use(message_node<event>::open(node));
  }
}

}  // namespace

event_queue::~event_queue() {
  const auto drop = [](event&&) {};
  use_all(std::exchange(oldest_, nullptr), drop);
  use_all(close(), drop);
}

bool event_queue::refill() noexcept {
  if (oldest_ == nullptr) oldest_ = take_all();
  return oldest_ != nullptr;
}

template <class GiveUp>
std::optional<event> event_queue::next(engine& where, time_point deadline, GiveUp give_up) {
  for (bool in_time = true;;) {
    if (!refill()) {
      // Asked before the last look: what was mailed before the answer is seen by the look.
      const bool last_look = !in_time || give_up();
      // To be woken costs the thread that ends a task more than the end: where events come one
      // after the other, some will be there after others had the processor for a moment.
      for (int i = 0; i < 4 && !last_look && !has_mail(); ++i) std::this_thread::yield();
      if (!refill()) {
        if (last_look) return std::nullopt;
        gate_.close();
        if (!try_sleep()) continue;
        // Raised before the question: either it sees the last end, or that sees the flag.
        waits_.store(true, std::memory_order_seq_cst);
        in_time = give_up() || where.wait(gate_, deadline);
        waits_.store(false, std::memory_order_relaxed);
        wake_up();
        continue;
      }
    }
    auto& node = *oldest_;
    oldest_ = node.next;
    return message_node<event>::open<std::optional<event>>(node);
  }
}

std::vector<event> event_queue::shut() {
  std::vector<event> unread;
  const auto keep = [&unread](event&& one) { unread.push_back(std::move(one)); };
  use_all(std::exchange(oldest_, nullptr), keep);
  use_all(close(), keep);
  return unread;
}

owner_core::owner_core(std::shared_ptr<manager_core> home, std::string owner_name,
                       owner_options how, actor_ref<event> to, event_sink sink)
    : manager(std::move(home)),
      name(std::move(owner_name)),
      options(how),
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

bool owner_core::mail(mailbox_node& node) {
  const bool taken = receiver_ ? receiver_.strand()->push_message(node) == strand::admission::taken
                               : queue_.push(node);
  if (taken) return true;
  auto lost = message_node<event>::open(node);
  if (lost.is_terminal()) lose(std::move(lost), gone);
  return false;
}

void owner_core::lose(event&& unread, const char* why) {
  const auto task = unread.task;
  if (is_planted(bug::dead_letter_lost)) return;
  manager->add_dead_letter({std::move(unread), 0, why});
  // Not here: what is forgotten for it may take somebody's sink along, and a task is locked.
  if (room_ != nullptr) room_->settle(task);
}

std::size_t owner_core::replay_dead_letters() {
  auto letters = manager->take_dead_letters(name);
  std::vector<dead_letter> refused;
  for (auto& each : letters) {
    if (room_ == nullptr) {
      mail(*message_node<event>::make(std::move(each.what)));
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
  task.what = std::move(named);
}

void owner_core::erase_name_locked(std::string_view taken) noexcept {
  if (const auto found = names_.find(taken); found != names_.end()) names_.erase(found);
}

void owner_core::forget_name(const task_core& task) noexcept {
  if (task.what.name().empty()) return;
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
    for (auto& unread : queue_.shut()) {
      if (unread.is_terminal()) lose(std::move(unread), gone);
    }
  }
  if (room_ != nullptr) room_->close(gone);
  if (roots_.close()) delete this;
}

}  // namespace actors::detail
