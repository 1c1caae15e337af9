#include "delivery_room.hpp"

#include "manager_core.hpp"
#include "planted.hpp"

namespace actors::detail {

namespace {
const std::string postman_name = "postman";
constexpr const char* no_sink = "its owner has no sink";
}  // namespace

delivery_room::delivery_room(manager_core& home, const owner_options& how, event_sink to)
    : home_(home.shared_from_this()), where_(home.where()), options_(how), queue_(how.retry) {
  if (!to) return;
  sink_ = std::make_shared<const event_sink>(std::move(to));
  registration_ = 1;
}

const char* delivery_room::add(event& happened, bool is_new) {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return "its owner is gone";
  if (registration_ != 0 && sink_ == nullptr) return no_sink;
  queue_.add(std::move(happened), where_.now(), is_new);
  if (sink_ != nullptr && !postman_) hire();
  changed_locked();
  return nullptr;
}

void delivery_room::settle(task_id task) {
  const std::lock_guard lock(mutex_);
  queue_.settle(task);
}

std::uint64_t delivery_room::set_sink(event_sink to) {
  auto fresh = std::make_shared<const event_sink>(std::move(to));
  const std::lock_guard lock(mutex_);
  if (registration_ == 0 || is_closed_) return 0;
  sink_.swap(fresh);  // the old one goes where no lock is held
  return ++registration_;
}

bool delivery_room::remove_sink(std::uint64_t registration) {
  std::shared_ptr<const event_sink> gone;
  std::unique_lock lock(mutex_);
  if (sink_ == nullptr || registration != registration_) return false;
  if (!is_planted(bug::old_sink_stays)) gone = std::move(sink_);
  queue_.give_up(no_sink);
  ++given_up_;
  changed_locked();
  tell(std::move(lock));
  return true;
}

void delivery_room::hire() {
  postman_ = start_actor<nudge>(where_, 0, &deliver_all, shared_from_this());
}

void delivery_room::changed_locked() {
  if (postman_ && queue_.next_due() < postman_looks_at_) {
    postman_looks_at_ = time_point::min();
    if (!is_planted(bug::postman_not_woken)) postman_.send(nudge{});
  }
  for (auto* each : drains_) each->open();
}

void delivery_room::tell(std::unique_lock<std::mutex> lock) {
  const auto settled = queue_.take_settled();
  auto dead = queue_.take_dead();
  const auto failures = queue_.take_failures();
  lock.unlock();
  if (failures != 0) home_->count_delivery_failures(failures);
  for (auto& letter : dead) home_->add_dead_letter(std::move(letter));
  if (is_planted(bug::never_evicted)) return;
  for (const auto id : settled) home_->keep_finished(id);
}

void delivery_room::close(const std::string& why) {
  std::unique_lock lock(mutex_);
  is_closed_ = true;
  queue_.give_up(why);
  ++given_up_;
  const auto postman = std::exchange(postman_, {});  // dropped where no lock is held
  for (auto* each : drains_) each->open();
  tell(std::move(lock));
  if (postman) postman.stop();
}

coroutine<std::string> delivery_room::attempt(std::shared_ptr<const event_sink> to, delivery what) {
  try {
    auto work = (*to)(std::move(what));
    const auto done = co_await std::move(work);
    if (done) co_return std::string();
    co_return "the sink refused it: " + done.error().message;
  } catch (const std::exception& why) {
    co_return std::string("the sink failed: ") + why.what();
  } catch (const cancelled&) {
    throw;
  } catch (...) {
    co_return std::string("the sink failed with something that is not a std::exception");
  }
}

coroutine<void> delivery_room::deliver_all(actor_context<nudge> self,
                                           std::shared_ptr<delivery_room> room) {
  for (;;) {
    time_point next{};
    std::shared_ptr<const event_sink> to;
    auto claimed = room->with([&room, &next, &to](delivery_queue& queue, time_point now) {
      to = room->sink_;
      auto due = queue.claim(postman_name, now, duration::max());
      next = queue.next_due();
      room->postman_looks_at_ = due ? time_point::min() : next;
      return due;
    });
    if (!claimed) {
      co_await self.inbox().next(next == time_point::max() ? duration::max() : next - self.now());
      continue;
    }
    event which;  // as much as names it
    which.task = claimed->what.task;
    which.seq = claimed->what.seq;
    auto work = attempt(std::move(to), std::move(*claimed));
    std::optional<std::string> why;
    try {
      why = co_await with_timeout(room->options_.lease, std::move(work));
    } catch (const cancelled&) {
      if (self.is_cancelled()) throw;
      why = "the sink stopped itself";
    }
    room->with([&](delivery_queue& queue, time_point now) {
      if (why && why->empty()) return queue.complete(which, postman_name, now);
      return queue.fail(which, postman_name, now,
                        why ? std::move(*why) : std::string("the sink took longer than the lease"),
                        room->random());
    });
  }
}

std::size_t delivery_room::acknowledge(task_id task, bool has_ended) {
  const std::lock_guard lock(mutex_);
  const auto dropped = queue_.acknowledge(task, has_ended);
  changed_locked();
  return dropped;
}

delivery_state delivery_room::state() {
  const std::lock_guard lock(mutex_);
  return is_closed_ ? delivery_state() : queue_.state();
}

bool delivery_room::drain(time_point deadline) {
  gate changed;
  std::unique_lock lock(mutex_);
  drains_.push_back(&changed);
  const auto given_up = given_up_;
  bool is_idle = false;
  for (bool in_time = true;;) {
    is_idle = queue_.is_idle();
    if (is_idle || !in_time || is_closed_) break;
    if (!queue_.is_in_flight() && queue_.next_due() > deadline) break;
    changed.close();
    lock.unlock();
    in_time = where_.wait(changed, deadline);
    lock.lock();
  }
  std::erase(drains_, &changed);
  return is_idle && given_up_ == given_up;  // what was given up meanwhile was not delivered
}

}  // namespace actors::detail

namespace actors {

turn::turn(std::shared_ptr<detail::delivery_room> of) : room_(std::move(of)) {
  if (room_ != nullptr) {
    room_->with([](detail::delivery_queue& queue, time_point) {
      queue.begin_turn();
      return true;
    });
  }
}

turn::~turn() {
  if (room_ != nullptr) {
    room_->with([](detail::delivery_queue& queue, time_point) {
      queue.end_turn();
      return true;
    });
  }
}

}  // namespace actors
