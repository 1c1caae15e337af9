#pragma once

#include <atomic>
#include <cstdint>

#include "actors/detail/hints.hpp"

namespace actors::detail {

class mailbox;

/// Something on its way into a mailbox: a message, or a note for the receiver itself.
struct mailbox_node {
  /// What a note does when its receiver takes it. Called with null when the receiver is gone;
  /// the node then only has to give up what it holds.
  using action = void (*)(mailbox_node& self, mailbox* receiver);

  mailbox_node* next = nullptr;
  action act = nullptr;  ///< Null for a message.
};

/// For a sender that lost a race for a mailbox: about as long as the winner needs for a few dozen
/// messages. When all try again at once the cache line moves with each message, and two senders
/// are slower than one. (Anderson, "The performance of spin lock alternatives", 1990.)
[[gnu::noinline]] inline void back_off() noexcept {
  for (int i = 0; i < 32; ++i) pause();
}

/// Many senders, one receiver, no lock: the way into an actor.
///
/// A stack that the receiver takes whole and turns round, so order per sender is kept. Two marker
/// values make the life cycle part of the same word: `asleep` (the receiver waits and must be
/// woken by whoever pushes next) and `closed` (nothing is taken any more).
///
/// Invariants:
///   1. Exactly one push that finds `asleep` calls wake(); a receiver is never woken twice.
///   2. Once closed, a mailbox stays closed, and a push says so without touching the node.
///   3. Only the receiver takes, and calls try_sleep() and close().
///
/// Memory orders: a push releases the node's content and acquires what the sleeping receiver had
/// published, because a push that finds `asleep` hands the receiver to another thread; whoever
/// takes acquires what the pushes released; try_sleep() and close() release the receiver's state.
class mailbox {
 public:
  mailbox() = default;
  mailbox(const mailbox&) = delete;
  mailbox& operator=(const mailbox&) = delete;

  /// Any thread. False when closed; the node then still belongs to the caller.
  bool push(mailbox_node& node) noexcept {
    auto* old = head_.load(std::memory_order_relaxed);
    for (;;) {
      if (old == closed_mark()) return false;
      node.next = old == asleep_mark() ? nullptr : old;
      if (head_.compare_exchange_weak(old, &node, std::memory_order_acq_rel,
                                      std::memory_order_relaxed)) {
        break;
      }
      back_off();
      old = head_.load(std::memory_order_relaxed);
    }
    if (old == asleep_mark()) wake();
    return true;
  }

  bool is_closed() const noexcept { return head_.load(std::memory_order_acquire) == closed_mark(); }

 protected:
  enum class pushed : std::uint8_t { refused, taken, receiver };

  ~mailbox() = default;

  /// As push(), but a push that finds the receiver asleep gets it, awake, instead of putting the
  /// node in: the caller hands both on, and the receiver needs not look into its mailbox for the
  /// one message that it was woken for.
  pushed push_or_wake(mailbox_node& node) noexcept {
    auto* old = head_.load(std::memory_order_relaxed);
    for (;;) {
      if (old == closed_mark()) return pushed::refused;
      const bool sleeps = old == asleep_mark();
      node.next = sleeps ? nullptr : old;
      if (head_.compare_exchange_weak(old, sleeps ? nullptr : &node, std::memory_order_acq_rel,
                                      std::memory_order_relaxed)) {
        return sleeps ? pushed::receiver : pushed::taken;
      }
      back_off();
      old = head_.load(std::memory_order_relaxed);
    }
  }

  /// Called by the thread whose push found the receiver asleep.
  virtual void wake() noexcept = 0;

  /// What was pushed, as a list from the oldest to the newest.
  struct batch {
    mailbox_node* oldest = nullptr;
    mailbox_node* newest = nullptr;
    bool has_notes = false;  ///< Is any of them no message?
  };

  /// Receiver only. Everything that was pushed.
  batch take_batch() noexcept {
    auto* newest = take_stack();
    bool has_notes = false;
    auto* oldest = reversed(newest, has_notes);
    return {oldest, newest, has_notes};
  }
  /// The same as it was pushed: the newest, whose `next` is the one before. Null when there is
  /// nothing.
  mailbox_node* take_stack() noexcept {
    if (!has_mail()) return nullptr;
    return head_.exchange(nullptr, std::memory_order_acquire);
  }

  bool has_mail() const noexcept {
    auto* head = head_.load(std::memory_order_relaxed);
    return head != nullptr && head != asleep_mark() && head != closed_mark();
  }

  /// Receiver only. True when nothing had been pushed: from now on the next push wakes.
  bool try_sleep() noexcept {
    mailbox_node* expected = nullptr;
    return head_.compare_exchange_strong(expected, asleep_mark(), std::memory_order_acq_rel,
                                         std::memory_order_relaxed);
  }

  /// Receiver only. Undoes try_sleep() when the receiver woke up by itself (a time-out).
  void wake_up() noexcept {
    mailbox_node* expected = asleep_mark();
    head_.compare_exchange_strong(expected, nullptr, std::memory_order_acquire,
                                  std::memory_order_relaxed);
  }

  /// Receiver only. Refuses further pushes and hands out what was left, oldest first.
  mailbox_node* close() noexcept {
    auto* head = head_.exchange(closed_mark(), std::memory_order_acq_rel);
    if (head == asleep_mark() || head == closed_mark()) return nullptr;
    bool has_notes = false;
    return reversed(head, has_notes);
  }

  /// Starts asleep: the first push wakes the receiver.
  void start_asleep() noexcept { head_.store(asleep_mark(), std::memory_order_release); }

 private:
  // Addresses that no node can have, and that are never dereferenced.
  static mailbox_node* asleep_mark() noexcept {
    return reinterpret_cast<mailbox_node*>(std::uintptr_t{1});
  }
  static mailbox_node* closed_mark() noexcept {
    return reinterpret_cast<mailbox_node*>(std::uintptr_t{2});
  }

  static mailbox_node* reversed(mailbox_node* newest, bool& has_notes) noexcept {
    mailbox_node* oldest = nullptr;
    while (newest != nullptr) {
      auto* next = newest->next;
      has_notes = has_notes || newest->act != nullptr;
      newest->next = oldest;
      oldest = newest;
      newest = next;
    }
    return oldest;
  }

  std::atomic<mailbox_node*> head_{nullptr};
};

}  // namespace actors::detail
