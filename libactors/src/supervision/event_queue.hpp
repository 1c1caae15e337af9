#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "actors/detail/engine.hpp"
#include "actors/event.hpp"

namespace actors::detail {

class queued_event;

/// A queue of events that threads outside the runtime read.
///
/// One reader at a time: the owner locks. The mailbox's marker says whether the reader waits, so
/// writers touch the gate only then.
///
/// A reader may come when a million events wait, in no cache any more, each of which says where the
/// next one is. So each also says what lies further on, and that is on its way when the reader gets
/// there. (Jump pointers, put in by a queue of recent nodes: Luk and Mowry, "Compiler-based
/// prefetching for recursive data structures", 1996.)
class event_queue final : private mailbox {
 public:
  /// `owner`: the name that all its events have; stays where it is.
  explicit event_queue(const std::string& owner) noexcept : owner_(owner) {}
  ~event_queue();

  /// Any thread. Whatever name of an owner `happened` has is not looked at. False when the queue is
  /// shut: then `happened` is as a reader would have got it.
  bool add(event&& happened);
  /// The next event, waiting until `deadline` for it, or until `give_up` says that none will come.
  template <class GiveUp>
  std::optional<event> next(engine& where, time_point deadline, GiveUp give_up);
  /// Makes a waiting reader ask again whether to give up.
  void nudge() { gate_.open(); }
  /// Takes no more; hands out what was not read.
  std::vector<event> shut();
  /// Does the reader wait, or is it about to?
  bool is_waited_for() const noexcept { return waits_.load(std::memory_order_seq_cst); }

 private:
  void wake() noexcept override { gate_.open(); }
  bool refill() noexcept;
  std::unique_ptr<queued_event> pop() noexcept;
  event take();

  gate gate_;
  std::atomic<bool> waits_{false};
  // Apart from what the writers look at: the reader writes it with each event.
  alignas(64) queued_event* oldest_ = nullptr;
  const std::string& owner_;
};

template <class GiveUp>
std::optional<event> event_queue::next(engine& where, time_point deadline, GiveUp give_up) {
  for (bool in_time = true; !refill();) {
    // Asked before the last look: what was mailed before the answer is seen by the look.
    const bool last_look = !in_time || give_up();
    // To be woken costs the thread that ends a task more than the end: where events come one
    // after the other, some will be there after others had the processor for a moment.
    for (int i = 0; i < 4 && !last_look && !has_mail(); ++i) std::this_thread::yield();
    if (refill()) break;
    if (last_look) return std::nullopt;
    gate_.close();
    if (!try_sleep()) continue;
    // Raised before the question: either it sees the last end, or that sees the flag.
    waits_.store(true, std::memory_order_seq_cst);
    in_time = give_up() || where.wait(gate_, deadline);
    waits_.store(false, std::memory_order_relaxed);
    wake_up();
  }
  // Made where it stays.
  struct taken {
    operator event() const { return from.take(); }  // NOLINT(google-explicit-constructor)
    event_queue& from;
  };
  return std::optional<event>(std::in_place, taken{*this});
}

}  // namespace actors::detail
