#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace actors::detail {

/// What one worker has to do: the owner pushes and pops at one end, others steal at the other, each
/// in O(1). The deque of Chase and Lev (2005) with the memory orders of Lê et al. (2013).
///
/// push() and pop() belong to the owner; steal() and looks_empty() to any thread. A grown array
/// keeps its predecessors until the end, because a thief may still read them; together they are no
/// larger than the last.
template <class T>
class work_queue {
 public:
  /// `size`: for so many items there is room at first; a power of two.
  explicit work_queue(std::size_t size = 1024) : array_(make_array(size)) {}
  work_queue(const work_queue&) = delete;
  work_queue& operator=(const work_queue&) = delete;

  void push(T* item) {
    const auto bottom = bottom_.load(std::memory_order_relaxed);
    auto* items = array_.load(std::memory_order_relaxed);
    if (bottom - seen_top_ >= static_cast<std::int64_t>(items->size)) {
      // Looked at only now: thieves write it with every item that they take.
      seen_top_ = top_.load(std::memory_order_acquire);
      if (bottom - seen_top_ >= static_cast<std::int64_t>(items->size)) {
        items = grow(*items, seen_top_, bottom);
      }
    }
    items->at(bottom).store(item, std::memory_order_relaxed);
    // Release: a thief that sees the new bottom sees the item, and what the item points to.
    bottom_.store(bottom + 1, std::memory_order_release);
  }

  /// The item pushed last; null when there is none.
  T* pop() noexcept {
    const auto bottom = bottom_.load(std::memory_order_relaxed) - 1;
    auto* items = array_.load(std::memory_order_relaxed);
    // Release here and below: a thief that reads this bottom must see older items, too.
    bottom_.store(bottom, std::memory_order_release);
    // The owner's claim on the last item and a thief's look at it must be in one order for both.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    auto top = top_.load(std::memory_order_relaxed);
    if (top > bottom) {
      bottom_.store(bottom + 1, std::memory_order_release);
      return nullptr;
    }
    auto* item = items->at(bottom).load(std::memory_order_relaxed);
    if (top == bottom) {
      // The last one: race the thieves for it.
      if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                        std::memory_order_relaxed)) {
        item = nullptr;
      }
      bottom_.store(bottom + 1, std::memory_order_release);
    }
    return item;
  }

  /// Owner only. The item that pop() would give next, unless a thief takes it; null when there is
  /// none.
  T* peek() const noexcept {
    const auto bottom = bottom_.load(std::memory_order_relaxed);
    // Relaxed: the answer is no promise.
    if (bottom <= top_.load(std::memory_order_relaxed)) return nullptr;
    return array_.load(std::memory_order_relaxed)->at(bottom - 1).load(std::memory_order_relaxed);
  }

  /// Owner only. The item that steal() would give next, unless a thief takes it; null when there is
  /// none.
  T* peek_oldest() const noexcept {
    // Relaxed: the answer is no promise.
    const auto top = top_.load(std::memory_order_relaxed);
    if (bottom_.load(std::memory_order_relaxed) <= top) return nullptr;
    return array_.load(std::memory_order_relaxed)->at(top).load(std::memory_order_relaxed);
  }

  /// The oldest item; null when there is none or another thief was faster.
  T* steal() noexcept {
    auto top = top_.load(std::memory_order_acquire);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    const auto bottom = bottom_.load(std::memory_order_acquire);
    if (top >= bottom) return nullptr;
    auto* item = array_.load(std::memory_order_acquire)->at(top).load(std::memory_order_relaxed);
    if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                      std::memory_order_relaxed)) {
      return nullptr;
    }
    return item;
  }

  bool looks_empty() const noexcept { return looks_long() == 0; }
  /// About how many items there are.
  std::size_t looks_long() const noexcept {
    const auto top = top_.load(std::memory_order_acquire);
    const auto bottom = bottom_.load(std::memory_order_acquire);
    return bottom > top ? static_cast<std::size_t>(bottom - top) : 0;
  }

 private:
  struct array {
    std::size_t size;
    std::unique_ptr<std::atomic<T*>[]> items;
    std::atomic<T*>& at(std::int64_t i) const noexcept {
      return items[static_cast<std::size_t>(i) & (size - 1)];
    }
  };

  array* make_array(std::size_t size) {
    arrays_.push_back(std::make_unique<array>(
        array{size, std::unique_ptr<std::atomic<T*>[]>(new std::atomic<T*>[size])}));
    return arrays_.back().get();
  }

  array* grow(const array& old, std::int64_t top, std::int64_t bottom) {
    auto* larger = make_array(old.size * 2);
    for (auto i = top; i < bottom; ++i) {
      larger->at(i).store(old.at(i).load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
    array_.store(larger, std::memory_order_release);
    return larger;
  }

  // Apart from each other: thieves write one, the owner the other.
  alignas(64) std::atomic<std::int64_t> top_{0};
  alignas(64) std::atomic<std::int64_t> bottom_{0};
  std::int64_t seen_top_ = 0;  // the owner's; top_ is never below it
  std::vector<std::unique_ptr<array>> arrays_;
  std::atomic<array*> array_;
};

}  // namespace actors::detail
