#pragma once

#include <atomic>
#include <cstdint>

namespace actors::detail {

/// What many threads leave for whoever holds a lock: a stack of at most `limit` nodes, which can be
/// shut. A node has a member `Node* next_departed`, which is the stack's from push() until it was
/// taken, and lies on a multiple of 16 bytes.
///
/// Any thread may push. Taking and shutting need no lock either: each node is taken once.
template <class Node>
class departed_stack {
 public:
  static constexpr std::uintptr_t limit = 14;

  /// False when it is full, or shut. After true the node belongs to whoever takes it.
  bool push(Node& node) noexcept {
    auto before = top_.load(std::memory_order_relaxed);
    std::uintptr_t after = 0;
    do {
      const auto count = before & count_bits;
      if (count >= limit) return false;
      node.next_departed = node_of(before);
      after = reinterpret_cast<std::uintptr_t>(&node) | (count + 1);
      // Release: who takes the node sees what was done to it.
    } while (!top_.compare_exchange_weak(before, after, std::memory_order_release,
                                         std::memory_order_relaxed));
    return true;
  }

  /// All that were pushed, the latest first, linked by `next_departed`; null when there are none.
  /// Not after shut().
  Node* take() noexcept { return node_of(top_.exchange(0, std::memory_order_acquire)); }
  /// The same, and nothing can be pushed any more.
  Node* shut() noexcept { return node_of(top_.exchange(shut_mark, std::memory_order_acquire)); }

 private:
  static constexpr std::uintptr_t count_bits = 15;
  static constexpr std::uintptr_t shut_mark = limit + 1;

  static Node* node_of(std::uintptr_t top) noexcept {
    return reinterpret_cast<Node*>(top & ~count_bits);  // NOLINT(performance-no-int-to-ptr)
  }

  // The address of the latest, and in the bits that are zero in it how many there are.
  std::atomic<std::uintptr_t> top_{0};
};

}  // namespace actors::detail
