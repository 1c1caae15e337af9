#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "actors/cancel.hpp"
#include "actors/clock.hpp"
#include "actors/detail/mailbox.hpp"
#include "actors/detail/scope.hpp"
#include "actors/detail/timer_heap.hpp"

namespace actors::detail {

struct promise_base;
struct frame_owner;
class held_message;

/// Work that may block, on its way to a thread that is made for it.
struct blocking_job {
  virtual void run() noexcept = 0;  ///< On a thread of the pool. Destroys the job.
  /// The pool does not take it: it is full, or closing. Destroys the job.
  virtual void discard(bool is_full) noexcept = 0;
  blocking_job* next = nullptr;

 protected:
  ~blocking_job() = default;
};

/// The way of a message that was sent on terms, from the inbox to the body.
enum class message_step : std::uint8_t {
  give,      ///< A wait is about to be given it. False: it must not be; the strand drops it.
  put_back,  ///< That wait was cancelled.
  take,      ///< The body has it.
};

/// What actors of one type have in common.
struct inbox_kind {
  void (*dispose)(mailbox_node&) = nullptr;  ///< Gives up an unread message.
  /// Asked about messages on terms, on the strand.
  bool (*ask)(mailbox_node&, message_step) = nullptr;
};

/// One sequential story: the coroutines of one actor, of which at most one runs at any time.
///
/// Everything inside a strand belongs to the thread that runs it, and needs no lock: the scopes,
/// the timers, the lists of waiting and ready coroutines. So it does while only one thread can run
/// it (`next_here`), whose messages need not enter as all else from outside does: as a node in the
/// mailbox. Where a strand runs, and what time it is there, is for the derived class to say; a
/// strand knows nothing of tasks or threads.
class strand : public mailbox {
 public:
  // --- Any thread -----------------------------------------------------------------------------

  /// Tells everything in the strand to stop. The first reason stays; false when there was one.
  /// Needs no memory, so it cannot fail.
  bool request_stop(cancel_reason reason) noexcept;
  /// Tells the strand to give up its coroutines at the next opportunity, without their consent.
  void request_abandon() noexcept;
  cancel_reason stop_reason() const noexcept { return stop_.load(std::memory_order_acquire); }
  /// See mailbox::push().
  bool push(mailbox_node& node) noexcept {
    const auto how = push_or_wake(node);
    if (how != pushed::receiver) return how == pushed::taken;
    // Plain: whoever wakes the strand has it to itself until it is handed to a thread that runs it.
    handed_ = &node;
    wake();
    return true;
  }
  /// What the strand waited for when it last suspended.
  const char* awaiting() const noexcept { return awaiting_.load(std::memory_order_relaxed); }

  virtual void add_ref() noexcept = 0;
  virtual void release() noexcept = 0;
  virtual time_point now() const noexcept = 0;

  // --- A sender of messages, any thread ---------------------------------------------------------

  enum class admission : std::uint8_t { taken, full, closed };
  /// Puts a message in, unless the inbox is closed or at its capacity; the node is then untouched.
  admission push_message(mailbox_node& node) noexcept;
  /// Before a message is pushed: its kind is asked about each of its steps.
  static void set_terms(mailbox_node& node) noexcept;
  /// Refuses further messages; the receiver sees the end after what was already taken.
  void close_input() noexcept;
  bool is_input_closed() const noexcept { return input_closed_.load(std::memory_order_acquire); }
  /// Changes with each turn that the strand takes.
  std::uint32_t turns() const noexcept { return turns_.load(std::memory_order_relaxed); }
  /// Messages that the body has not taken; 0 where there is no capacity.
  std::uint32_t unread() const noexcept { return depth_.load(std::memory_order_relaxed); }

  /// Before it runs for the first time: the coroutine to run, which is the strand's from now on.
  void set_root(promise_base& root) noexcept;

  // --- The thread that runs the strand ----------------------------------------------------------

  bool has_timers() const noexcept { return clock_ != nullptr && !clock_->timers.empty(); }
  void arm(timer& item, time_point deadline) noexcept;

  /// Should the wait that `scope` is about to begin be refused, because it is cancelled? Learns of
  /// a stop that was requested but has not arrived as a node yet.
  bool is_cancelled(cancel_scope& scope) noexcept {
    if (stop_.load(std::memory_order_relaxed) != cancel_reason::none &&
        !root_scope_.is_cancelled()) {
      root_scope_.cancel(stop_reason());
    }
    return scope.is_cancelled();
  }

  /// Takes one step off the budget; false when it is used up and others should have their turn.
  bool spend() noexcept {
    if (budget_ == 0) return false;
    --budget_;
    return true;
  }
  bool has_budget() const noexcept { return budget_ != 0; }
  /// The same for a message that is sent; false as well each time that so many were that their
  /// receiver should have a turn.
  bool spend_to_send() noexcept { return spend() && ++sends_ % sends_in_a_row != 0; }
  /// Suspends a coroutine for a moment that no cancel ends.
  void pause(waiter& item, promise_base& promise) noexcept;
  /// Ends this turn at the next suspension.
  void give_up_turn() noexcept { budget_ = 0; }

  void note_wait(const char* what) noexcept { awaiting_.store(what, std::memory_order_relaxed); }
  void enqueue_ready(waiter& item) noexcept { item.insert_before(ready_); }
  void transfer_to(promise_base* promise) noexcept { transfer_ = promise; }
  void root_ended() noexcept { root_ended_ = true; }

  // Messages that were taken from the mailbox and not yet by the body.
  bool has_message() noexcept {
    if (oldest_message_ == nullptr && mail_waits()) take_mail();
    return oldest_message_ != nullptr;
  }
  /// Null when none of those that are there may be given any more.
  mailbox_node* take_message() noexcept {
    auto* node = oldest_message_;
    const bool is_plain =
        capacity_ == 0 && node != nullptr && node->next != nullptr && node->act == nullptr;
    if (!is_plain) return take_next_message();
    oldest_message_ = node->next;
    return node;
  }
  /// The body has it, and is about to open it.
  void message_taken(mailbox_node& node) noexcept {
    if (node.act != nullptr) note_taken(node);
  }
  void return_message(mailbox_node& node) noexcept;
  /// A message waits at the door: taken when there is room, refused when the inbox closes. Without
  /// a limit there is room when the body has read what came before, or does something else.
  void hold(mailbox_node& note) noexcept;
  list_link& receivers() noexcept { return receivers_; }

  /// Hands `job` to threads that may block. Runs it in place where there are none.
  virtual void submit_blocking(blocking_job& job) noexcept = 0;

 protected:
  enum class progress : std::uint8_t { more, waiting, ended };

  /// `capacity`: how many messages the inbox holds; 0 for no limit.
  strand(const inbox_kind& kind, std::uint32_t capacity) noexcept;
  ~strand();

  /// The coroutine to run; null when there is none, or none any more.
  promise_base* root() const noexcept { return root_; }
  const inbox_kind& kind() const noexcept { return *kind_; }
  /// Runs what is ready, for at most `budget` steps.
  progress run(unsigned budget);
  /// Closes the mailbox and gives up what was left in it.
  void close_and_drain() noexcept;
  /// Destroys the coroutines. They must not be running.
  void destroy_root() noexcept;

  bool is_abandoned() const noexcept { return abandoned_.load(std::memory_order_acquire); }
  /// The wake-up that was asked for has come.
  void timer_fired();

  /// Asks to be woken at `deadline`, replacing what was asked for before.
  virtual void arm_wake_up(time_point deadline) noexcept = 0;

 private:
  /// What stays in the fastest cache while sender and receiver take turns.
  static constexpr unsigned sends_in_a_row = 128;

  /// What may be asked of a strand from outside without memory, as bits.
  enum signal : std::uint8_t { stop_signal = 1, abandon_signal = 2, close_signal = 4 };

  /// What only a strand with timers needs.
  struct clock {
    timer_heap timers;
    time_point armed_for = time_point::max();
    struct pause_room : timer {
      pause_room() noexcept;
      list_link waiting;
    };
    pause_room paused;  // coroutines that may not go on for a moment
  };

  void raise(signal what) noexcept;
  void take_signals() noexcept;
  clock& its_clock();
  bool mail_waits() const noexcept { return handed_ != nullptr || has_mail(); }
  void take_mail() noexcept;
  promise_base* give_handed() noexcept;
  [[gnu::noinline]] void take_pushed() noexcept;
  void take_in(mailbox_node& node) noexcept;
  void append_messages(mailbox_node& oldest, mailbox_node& newest) noexcept;
  [[gnu::noinline]] mailbox_node* take_next_message() noexcept;
  bool take_place() noexcept;
  bool may_put_here(const mailbox_node& node) const noexcept;
  [[gnu::noinline]] admission put_here(mailbox_node& node) noexcept;
  [[gnu::noinline]] admission push_counted(mailbox_node& node) noexcept;
  [[gnu::noinline]] admission push_from_elsewhere(mailbox_node& node) noexcept;
  held_message& pop_held() noexcept;
  [[gnu::noinline]] bool admit_held() noexcept;
  void refuse_held() noexcept;
  [[gnu::noinline]] progress end_turn() noexcept;
  bool give_to_receiver(mailbox_node& node) noexcept;
  bool may_be_given(mailbox_node& node) noexcept;
  void note_taken(mailbox_node& node) noexcept;
  void run_chain(promise_base* promise);
  void start_root();

  // In the order in which they are used: a strand moves from core to core, and each cache line that
  // is written in a turn moves with it. What a turn with one message writes is in the first two
  // lines, where a cell begins at a line.
  std::atomic<cancel_reason> stop_{cancel_reason::none};
  std::atomic<bool> abandoned_{false};
  std::atomic<bool> input_closed_{false};
  std::atomic<std::uint8_t> signals_{0};  // raised, and not taken yet: the note is on its way
  bool started_ = false;
  bool root_ended_ = false;
  std::uint8_t sends_ = 0;  // that were awaited, modulo 256
  unsigned budget_ = 0;
  std::atomic<std::uint32_t> turns_{0};  // written by the thread that runs it
  const std::uint32_t capacity_;
  std::atomic<std::uint32_t> depth_{0};
  mailbox_node* handed_ = nullptr;  // what it was woken by
  mailbox_node* oldest_message_ = nullptr;
  mailbox_node* newest_message_ = nullptr;
  mailbox_node* newest_held_ = nullptr;  // in a ring: the oldest comes after it

  promise_base* transfer_ = nullptr;
  list_link ready_;
  list_link receivers_;
  std::atomic<const char*> awaiting_{"start"};
  cancel_scope root_scope_;  // first, what waits in it

  promise_base* root_ = nullptr;
  const inbox_kind* kind_;
  std::unique_ptr<clock> clock_;  // made when first needed: most strands have no timer
  mailbox_node signal_note_;
};

static_assert(alignof(strand) > 1, "a context_base keeps a bit in the address");

/// A coroutine that waits for a message; `node` is what it was given.
class receiver : public list_link {
 public:
  waiter wait;
  mailbox_node* node = nullptr;
};

}  // namespace actors::detail
