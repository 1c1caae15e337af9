#include "owner_core.hpp"

#include "manager_core.hpp"

namespace actors::detail {

namespace {

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
    // Asked before looking: what was mailed before the answer is seen by the look.
    const bool last_look = !in_time || give_up();
    if (refill()) {
      auto& node = *oldest_;
      oldest_ = node.next;
      return message_node<event>::open(node);
    }
    if (last_look) return std::nullopt;
    gate_.close();
    if (!try_sleep()) continue;
    in_time = give_up() || where.wait(gate_, deadline);
    wake_up();
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
                       owner_options how, actor_ref<event> to)
    : manager(std::move(home)),
      name(std::make_shared<const std::string>(std::move(owner_name))),
      options(how),
      receiver_(std::move(to)) {}

bool owner_core::deliver(event&& happened) {
  auto* node = message_node<event>::make(std::move(happened));
  const bool taken = receiver_ ? receiver_.strand()->push_message(*node) == strand::admission::taken
                               : queue_.push(*node);
  if (taken) return true;
  auto lost = message_node<event>::open(*node);
  if (lost.is_terminal()) manager->add_dead_letter(std::move(lost));
  return false;
}

task_ptr owner_core::find(std::string_view wanted) const {
  const std::lock_guard lock(names_mutex_);
  const auto found = names_.find(std::string(wanted));
  return found == names_.end() ? task_ptr() : task_ptr(found->second);
}

void owner_core::task_ended() noexcept {
  // Release: a reader that sees nobody live sees every event that was mailed before.
  if (live_.fetch_sub(1, std::memory_order_acq_rel) == 1 && !receiver_) queue_.nudge();
}

std::optional<event> owner_core::next_event(time_point deadline, bool until_idle) {
  const std::lock_guard lock(reader_);
  return queue_.next(manager->where(), deadline, [this, until_idle] {
    return manager->is_detached() || (until_idle && live() == 0);
  });
}

void owner_core::abandon_queue() noexcept {
  if (receiver_) return;
  const std::lock_guard lock(reader_);
  for (auto& unread : queue_.shut()) {
    if (unread.is_terminal()) manager->add_dead_letter(std::move(unread));
  }
}

}  // namespace actors::detail
