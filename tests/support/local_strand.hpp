#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <utility>

#include "actors/coroutine.hpp"
#include "actors/detail/strand.hpp"
#include "actors/inbox.hpp"

namespace actors::test {

/// A strand that a test drives by hand, with a clock that stands still until it is moved.
///
/// Whatever may still call it from another thread must have ended before it is destroyed.
template <class T, class Message = int>
class local_strand final : public detail::strand {
 public:
  explicit local_strand(coroutine<T> work, std::uint32_t capacity = 0) : strand(kind, capacity) {
    start(std::move(work));
  }
  /// For work that needs to know its strand; start() must follow.
  explicit local_strand(std::uint32_t capacity = 0) : strand(kind, capacity) {}
  ~local_strand() {
    destroy_root();
    discard_blocking_work();
    close_and_drain();
  }

  void start(coroutine<T> work) { set_root(*work.detach()); }

  /// Runs until it waits or ends, `budget` steps at a time; true when the coroutine has ended.
  bool run(unsigned budget = 64) {
    while (run_turn(budget) == progress::more) {
    }
    return ended_;
  }
  /// One turn only; true when there is nothing left to do now.
  bool run_once(unsigned budget) { return run_turn(budget) != progress::more; }
  bool has_ended() const { return ended_; }
  /// How many turns it has had.
  int turns() const { return turns_; }

  /// Runs on this thread until the coroutine has ended. Sleeps while it waits for other threads.
  void serve() {
    while (!run()) {
      if (!try_sleep()) continue;
      awake_.wait(false, std::memory_order_acquire);
      awake_.store(false, std::memory_order_relaxed);
    }
  }
  /// Until the next push wakes it. False, and it does not, when there is mail.
  bool sleep() { return is_asleep_ = try_sleep(); }
  /// By sleep(), which nobody has ended.
  bool is_asleep() const { return is_asleep_; }
  /// How often a sender found it asleep.
  int wakes() const { return wakes_; }

  /// Moves the clock and runs.
  bool advance(duration time, unsigned budget = 64) {
    move_clock(time);
    return run(budget);
  }
  /// Moves the clock; what became due is ready, and runs in the next turn.
  void move_clock(duration time) {
    now_ += time;
    if (now_ >= wake_at_) {
      wake_at_ = time_point::max();
      timer_fired();
    }
  }
  /// When it asked to be woken; `time_point::max()` when it did not.
  time_point wake_at() const { return wake_at_; }

  /// The value, or what the coroutine raised.
  T result() { return static_cast<typename coroutine<T>::promise_type*>(root())->take(); }

  admission send(Message message) {
    auto* node = detail::message_node<Message>::make(std::move(message));
    const auto how = push_message(*node);
    if (how != admission::taken) detail::message_node<Message>::dispose(*node);
    return how;
  }
  inbox<Message> mail() { return inbox<Message>(*this); }
  /// Destroys the coroutine where it stands.
  void destroy() { destroy_root(); }
  /// Ends it as a runtime does: the coroutine is gone, and so is all that was on its way to it.
  void end() {
    destroy_root();
    close_and_drain();
  }

  /// From now on blocking work waits until the test says otherwise.
  void hold_blocking_work() { holds_blocking_work_ = true; }
  void run_blocking_work() {
    for (auto* job : std::exchange(held_work_, {})) job->run();
  }
  /// As a pool does that is full, or one that is closing.
  void discard_blocking_work(bool is_full = false) {
    for (auto* job : std::exchange(held_work_, {})) job->discard(is_full);
  }

  void add_ref() noexcept override { ++references_; }
  void release() noexcept override { --references_; }
  int references() const { return references_; }
  time_point now() const noexcept override { return now_; }
  void submit_blocking(detail::blocking_job& job) noexcept override {
    if (holds_blocking_work_) {
      held_work_.push_back(&job);
    } else {
      job.run();
    }
  }

 private:
  progress run_turn(unsigned budget) {
    if (ended_) return progress::ended;
    const auto how = strand::run(budget);
    ++turns_;
    if (how == progress::ended) ended_ = true;
    return how;
  }

  void wake() noexcept override {
    // Not atomic: wakes of one strand never overlap, and TSan tells when they do.
    ++wakes_;
    is_asleep_ = false;
    awake_.store(true, std::memory_order_release);
    awake_.notify_one();
  }
  void arm_wake_up(time_point deadline) noexcept override { wake_at_ = deadline; }

  static constexpr detail::inbox_kind kind{&detail::message_node<Message>::dispose};

  bool ended_ = false;
  int turns_ = 0;
  int wakes_ = 0;
  bool is_asleep_ = false;
  std::atomic<bool> awake_{false};
  std::atomic<int> references_{0};
  bool holds_blocking_work_ = false;
  std::deque<detail::blocking_job*> held_work_;
  time_point now_{};
  time_point wake_at_ = time_point::max();
};

}  // namespace actors::test
