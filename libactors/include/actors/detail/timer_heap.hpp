#pragma once

#include "actors/clock.hpp"

namespace actors::detail {

class timer_heap;

/// One deadline of a strand, embedded in whatever waits for it; leaves its heap when destroyed.
/// Used only by the thread that runs the strand.
class timer {
 public:
  /// What happens at the deadline. The timer has left the heap by then.
  using action = void (*)(timer& self);

  explicit timer(action fire) noexcept : fire_(fire) {}
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;
  ~timer() { disarm(); }

  bool is_armed() const noexcept { return heap_ != nullptr; }
  time_point deadline() const noexcept { return deadline_; }
  void disarm() noexcept;

 private:
  friend class timer_heap;

  action fire_;
  time_point deadline_{};
  timer_heap* heap_ = nullptr;
  timer* child_ = nullptr;     // first child
  timer* sibling_ = nullptr;   // next in the parent's list of children
  timer* previous_ = nullptr;  // previous sibling, or the parent for a first child
};

/// The deadlines of one strand: an intrusive pairing heap, so that arming is O(1), firing and
/// disarming O(log n) amortised, and nothing is allocated.
class timer_heap {
 public:
  timer_heap() = default;
  timer_heap(const timer_heap&) = delete;
  timer_heap& operator=(const timer_heap&) = delete;

  bool empty() const noexcept { return root_ == nullptr; }
  /// The nearest deadline. The heap must not be empty.
  time_point nearest() const noexcept { return root_->deadline_; }

  /// `item` must not be armed.
  void arm(timer& item, time_point deadline) noexcept;
  void remove(timer& item) noexcept;
  /// Fires everything due at `now`, in the order of the deadlines.
  void fire_due(time_point now);

 private:
  static timer* meld(timer* left, timer* right) noexcept;
  static timer* combine(timer* first) noexcept;

  timer* root_ = nullptr;
};

inline void timer::disarm() noexcept {
  if (heap_ != nullptr) heap_->remove(*this);
}

}  // namespace actors::detail
