#include "delivery_queue.hpp"

#include "planted.hpp"
#include "policy.hpp"

namespace actors::detail {

void delivery_queue::leave_order(task_id task, lane& of) {
  if (of.head == head_state::due) due_.erase({of.at, of.order, task});
  if (of.head == head_state::claimed) leases_.erase({of.at, of.order, task});
  of.head = head_state::held;
}

void delivery_queue::settle_head(lanes::iterator at) {
  auto& [task, its] = *at;
  if (its.head == head_state::claimed) return;
  leave_order(task, its);
  if (its.events.empty()) {
    its.head = head_state::none;
    if (its.watches == 0 && (its.is_over || !its.is_acknowledged)) lanes_.erase(at);
    return;
  }
  if (its.watches != 0 && !is_planted(bug::watched_handed_out)) return;
  its.head = head_state::due;
  due_.insert({its.at, its.order, task});
}

void delivery_queue::drop_front(lane& of) {
  auto& gone = of.events.front();
  if (gone.what.is_terminal() && gone.is_new) settled_.push_back(gone.what.task);
  of.events.pop_front();
  // The next one begins its own story, behind whatever waits already.
  of.at = time_point::min();
  of.order = ++last_order_;
}

void delivery_queue::add(event&& happened, time_point now, bool is_new) {
  expire(now);
  const auto at = lanes_.try_emplace(happened.task).first;
  auto& its = at->second;
  its.is_over = its.is_over || happened.is_terminal();
  if (its.is_acknowledged) {
    if (happened.is_terminal() && is_new) settled_.push_back(happened.task);
  } else {
    its.events.push_back({std::move(happened), 0, is_new});
    if (is_planted(bug::newest_first) && its.head != head_state::claimed) {
      std::swap(its.events.front(), its.events.back());
    }
    if (its.events.size() != 1) return;
    its.at = time_point::min();
    its.order = ++last_order_;
  }
  settle_head(at);
}

void delivery_queue::expire(time_point now) {
  if (is_planted(bug::lease_never_over)) return;
  while (!leases_.empty() && leases_.begin()->at <= now) {
    const auto task = leases_.begin()->task;
    const auto at = lanes_.find(task);
    leave_order(task, at->second);
    ++failures_;
    retry_or_bury(task, at->second, time_point::min(), "its lease ran out");
  }
}

void delivery_queue::retry_or_bury(task_id task, lane& of, time_point when, std::string why) {
  if (is_planted(bug::dropped_when_failed)) of.is_acknowledged = true;
  auto& first = of.events.front();
  const bool is_spent = retry_.max_attempts && first.attempts >= *retry_.max_attempts;
  if (of.is_acknowledged && !is_planted(bug::acknowledged_retried)) {
    drop_front(of);
  } else if (is_spent) {
    const bool is_told = !is_planted(bug::dropped_when_spent);
    if (is_told) dead_.push_back({first.what, first.attempts, std::move(why)});
    drop_front(of);
  } else {
    of.at = when;
    of.order = ++last_order_;
  }
  settle_head(lanes_.find(task));
}

std::optional<delivery> delivery_queue::claim(const std::string& consumer, time_point now,
                                              duration lease) {
  expire(now);
  const bool is_turn = turns_ != 0 && !is_planted(bug::turn_ignored);
  if (is_turn || due_.empty() || due_.begin()->at > now) return std::nullopt;
  const auto task = due_.begin()->task;
  auto& its = lanes_.find(task)->second;
  leave_order(task, its);
  its.head = head_state::claimed;
  its.at = later(now, lease);
  its.consumer = consumer;
  leases_.insert({its.at, its.order, task});
  auto& first = its.events.front();
  return delivery{first.what, ++first.attempts};
}

delivery_queue::lane* delivery_queue::claimed(const event& which, const std::string& consumer,
                                              time_point now) {
  if (!is_planted(bug::late_claim_accepted)) expire(now);
  const auto at = lanes_.find(which.task);
  if (at == lanes_.end()) return nullptr;
  auto& its = at->second;
  const bool is_his = its.head == head_state::claimed && its.consumer == consumer &&
                      its.events.front().what.seq == which.seq;
  return is_his ? &its : nullptr;
}

bool delivery_queue::renew(const event& which, const std::string& consumer, time_point now,
                           duration lease) {
  auto* its = claimed(which, consumer, now);
  if (its == nullptr) return false;
  leases_.erase({its->at, its->order, which.task});
  its->at = later(now, lease);
  leases_.insert({its->at, its->order, which.task});
  return true;
}

bool delivery_queue::complete(const event& which, const std::string& consumer, time_point now) {
  auto* its = claimed(which, consumer, now);
  if (its == nullptr) return false;
  leave_order(which.task, *its);
  drop_front(*its);
  settle_head(lanes_.find(which.task));
  return true;
}

bool delivery_queue::release(const event& which, const std::string& consumer, time_point now) {
  auto* its = claimed(which, consumer, now);
  if (its == nullptr) return false;
  leave_order(which.task, *its);
  --its->events.front().attempts;
  retry_or_bury(which.task, *its, time_point::min(), "released");
  return true;
}

bool delivery_queue::fail(const event& which, const std::string& consumer, time_point now,
                          std::string why, std::uint64_t random) {
  auto* its = claimed(which, consumer, now);
  if (its == nullptr) return false;
  leave_order(which.task, *its);
  ++failures_;
  const auto delay = policy::retry_delay(retry_, its->events.front().attempts, random);
  retry_or_bury(which.task, *its, later(now, delay), std::move(why));
  return true;
}

void delivery_queue::watch(task_id task) {
  const auto at = lanes_.try_emplace(task).first;
  ++at->second.watches;
  settle_head(at);
}

bool delivery_queue::unwatch(task_id task) {
  const auto at = lanes_.find(task);
  if (at == lanes_.end() || at->second.watches == 0) return false;
  --at->second.watches;
  settle_head(at);
  return true;
}

std::size_t delivery_queue::acknowledge(task_id task, bool has_ended) {
  auto at = lanes_.find(task);
  if (at == lanes_.end()) {
    if (has_ended) return 0;
    at = lanes_.try_emplace(task).first;
  }
  auto& its = at->second;
  // One that is in flight is left to whoever has it.
  const std::size_t kept = its.head == head_state::claimed ? 1 : 0;
  std::size_t dropped = 0;
  for (; its.events.size() > kept; ++dropped) {
    auto& gone = its.events.back();
    if (gone.what.is_terminal() && gone.is_new) settled_.push_back(task);
    its.events.pop_back();
  }
  its.is_acknowledged = true;
  its.is_over = its.is_over || has_ended;
  settle_head(at);
  return dropped;
}

time_point delivery_queue::next_due() const {
  auto next = time_point::max();
  if (!due_.empty() && turns_ == 0) next = due_.begin()->at;
  if (!leases_.empty()) next = std::min(next, leases_.begin()->at);
  return next;
}

delivery_state delivery_queue::state() const {
  delivery_state now;
  for (const auto& [task, its] : lanes_) {
    if (its.head == head_state::claimed) {
      now.in_flight += 1;
      now.queued += its.watches == 0 ? its.events.size() : 1;
    } else if (its.head == head_state::due) {
      now.queued += its.events.size();
    }
  }
  for (const auto& each : due_) now.pending.push_back(each.task);
  for (const auto& each : leases_) now.pending.push_back(each.task);
  if (!due_.empty()) now.next_attempt = due_.begin()->at;
  return now;
}

void delivery_queue::give_up(const std::string& why) {
  for (auto next = lanes_.begin(); next != lanes_.end();) {
    const auto at = next++;
    auto& [task, its] = *at;
    leave_order(task, its);
    for (auto& each : its.events) {
      if (!each.what.is_terminal()) continue;
      if (each.is_new) settled_.push_back(task);
      if (!its.is_acknowledged) dead_.push_back({std::move(each.what), each.attempts, why});
    }
    its.events.clear();
    settle_head(at);
  }
}

}  // namespace actors::detail
