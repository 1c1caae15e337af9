#pragma once

#include <atomic>
#include <cstdint>

namespace actors::detail {

/// What many threads leave for whoever takes all of it together: a stack of at most `Limit` nodes,
/// which can be shut. A node has a member `Node* next_departed`, which is the stack's from push()
/// until it was taken.
///
/// Any thread may call the members: each node is taken once.
template <class Node, std::uintptr_t Limit = 14>
class departed_stack {
 public:
  static constexpr auto limit = Limit;

  /// False when it is full, or shut. After true the node belongs to whoever takes it.
  bool push(Node& node) noexcept {
    static_assert(alignof(Node) > count_bits, "the count is kept in the node's address");
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

  /// A look that may be outdated at once: is there nothing to be taken?
  bool is_empty() const noexcept {
    return node_of(top_.load(std::memory_order_relaxed)) == nullptr;
  }
  /// All that were pushed, the latest first, linked by `next_departed`; null when there are none.
  /// Not after shut(): it would open the stack again.
  Node* take() noexcept { return node_of(top_.exchange(0, std::memory_order_acquire)); }
  /// The same, and nothing can be pushed any more.
  Node* shut() noexcept { return node_of(top_.exchange(shut_mark, std::memory_order_acquire)); }

 private:
  static constexpr std::uintptr_t count_bits = 15;
  static constexpr std::uintptr_t shut_mark = Limit + 1;
  static_assert(shut_mark <= count_bits);

  static Node* node_of(std::uintptr_t top) noexcept {
    return reinterpret_cast<Node*>(top & ~count_bits);  // NOLINT(performance-no-int-to-ptr)
  }

  // The address of the latest, and in the bits that are zero in it how many there are.
  std::atomic<std::uintptr_t> top_{0};
};

}  // namespace actors::detail
