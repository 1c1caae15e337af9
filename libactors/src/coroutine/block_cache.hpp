#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <utility>

#include "actors/detail/hints.hpp"

namespace actors::detail {

/// Sizes that share their blocks: steps of 16 bytes up to 128, of 32 up to 512, of 64 up to 1,024.
struct block_sizes {
  static constexpr std::size_t largest = 1024;
  static constexpr std::size_t count = 8 + 12 + 8;

  /// For 1 to `largest` bytes.
  static constexpr std::size_t index_of(std::size_t bytes) noexcept {
    if (bytes <= 128) return index_of_small(bytes);
    if (bytes <= 512) return 8 + (bytes - 129) / 32;
    return 20 + (bytes - 513) / 64;
  }
  /// For 1 to 128 bytes.
  static constexpr std::size_t index_of_small(std::size_t bytes) noexcept {
    return (bytes - 1) / 16;
  }
  static constexpr std::size_t size_at(std::size_t index) noexcept {
    if (index < 8) return (index + 1) * 16;
    if (index < 20) return 128 + (index - 7) * 32;
    return 512 + (index - 19) * 64;
  }
};

/// Addresses of free blocks of one size. An array and no list through the blocks: whoever passes
/// them on, or takes them up, does not touch what is in another core's cache.
struct magazine {
  static constexpr std::uint32_t capacity = 62;

  bool is_full() const noexcept { return count == capacity; }

  magazine* next = nullptr;
  std::uint32_t count = 0;
  std::array<void*, capacity> blocks;
};

/// Where threads that free more than they allocate leave magazines for those that do the opposite.
/// Bounded: it does not take what is too much, which is for `Memory` (`allocate`, null when there
/// is none, and `deallocate`). (Bonwick and Adams, "Magazines and Vmem", 2001.)
///
/// Any thread.
template <class Memory>
class block_depot {
 public:
  block_depot() = default;
  block_depot(const block_depot&) = delete;
  block_depot& operator=(const block_depot&) = delete;
  ~block_depot() {
    for (auto& each : shelves_) {
      while (auto* filled = pop(each.filled)) discard(*filled);
    }
  }

  /// A magazine that is not empty; null when there is none.
  magazine* take(std::size_t index) noexcept {
    auto& its = shelves_[index];
    const std::lock_guard lock(its.mutex);
    auto* filled = pop(its.filled);
    if (filled != nullptr) --its.count;
    return filled;
  }

  /// Takes the magazine, which is not empty, over; false when there are enough of them.
  bool put(std::size_t index, magazine& filled) noexcept {
    auto& its = shelves_[index];
    const std::lock_guard lock(its.mutex);
    if (its.count == limit) return false;
    filled.next = its.filled;
    its.filled = &filled;
    ++its.count;
    return true;
  }

  static void discard(magazine& filled) noexcept {
    while (filled.count != 0) Memory::deallocate(filled.blocks[--filled.count]);
    delete &filled;
  }

 private:
  // Of each size: two megabytes of the largest, 22 in all. A thread keeps up to 1.4.
  static constexpr std::size_t limit = 32;

  struct alignas(64) shelf {
    std::mutex mutex;
    magazine* filled = nullptr;
    std::size_t count = 0;
  };

  static magazine* pop(magazine*& list) noexcept {
    auto* first = list;
    if (first != nullptr) list = first->next;
    return first;
  }

  std::array<shelf, block_sizes::count> shelves_;
};

/// One thread's free blocks: up to two magazines of each size, so that a thread which goes to and
/// fro across the end of one need not go to the depot each time.
///
/// Used by one thread.
template <class Memory>
class block_cache {
 public:
  explicit block_cache(block_depot<Memory>& depot) noexcept : depot_(depot) {}
  block_cache(const block_cache&) = delete;
  block_cache& operator=(const block_cache&) = delete;
  ~block_cache() {
    for (std::size_t index = 0; index < sizes_.size(); ++index) {
      for (auto* each : {sizes_[index].current, sizes_[index].spare}) {
        if (each == nullptr) continue;
        // One with a few blocks takes the place of a full one.
        const bool is_worth_it = each->count >= magazine::capacity / 2;
        if (!is_worth_it || !depot_.put(index, *each)) depot_.discard(*each);
      }
    }
  }

  /// A block of the size at `index`, of which so many bytes will be used soon. Null when none is at
  /// hand.
  void* try_take(std::size_t index, std::size_t bytes) noexcept {
    auto* current = sizes_[index].current;
    if (current == nullptr || current->count == 0) [[unlikely]]
      return nullptr;
    const auto left = --current->count;
    // The next ones may be in another core's cache, and travel meanwhile.
    if (left >= distance) prefetch(current->blocks[left - distance], bytes);
    return current->blocks[left];
  }
  /// The same wherever there is one, or a new one; null when there is no memory.
  void* take(std::size_t index) noexcept {
    if (auto* block = try_take(index, 1)) return block;
    if (refill(sizes_[index], index)) return try_take(index, 1);
    if (auto* block = Memory::allocate(block_sizes::size_at(index))) return block;
    sizes_[index].new_ones = 0;  // look everywhere before there is none
    return refill(sizes_[index], index) ? try_take(index, 1) : nullptr;
  }

  /// False when there is no room at hand for a block of the size at `index`.
  bool try_give(std::size_t index, void* block) noexcept {
    auto* current = sizes_[index].current;
    if (current == nullptr || current->is_full()) [[unlikely]]
      return false;
    current->blocks[current->count++] = block;
    return true;
  }
  /// Makes room, or gives the block to the memory.
  void give(std::size_t index, void* block) noexcept {
    if (try_give(index, block)) return;
    if (!make_room(sizes_[index], index) || !try_give(index, block)) Memory::deallocate(block);
  }

 private:
  static constexpr std::uint32_t distance = 4;

  struct of_size {
    magazine* current = nullptr;
    magazine* spare = nullptr;
    // So many blocks come from the memory, or go there, before the depot is visited again: who does
    // that in vain for each does little else.
    std::uint32_t new_ones = 0;
    std::uint32_t old_ones = 0;
  };

  /// False when there are no free blocks.
  bool refill(of_size& mine, std::size_t index) noexcept {
    if (mine.spare != nullptr && mine.spare->count != 0) {
      std::swap(mine.current, mine.spare);
      return true;
    }
    if (mine.new_ones != 0) {
      --mine.new_ones;
      return false;
    }
    auto* filled = depot_.take(index);
    if (filled == nullptr) {
      mine.new_ones = magazine::capacity;
      return false;
    }
    delete std::exchange(mine.spare, std::exchange(mine.current, filled));
    // Those that are taken first; for the others try_take() does it.
    const auto first = filled->count > distance ? filled->count - distance : 0;
    for (auto i = first; i < filled->count; ++i) {
      prefetch(filled->blocks[i], block_sizes::size_at(index));
    }
    return true;
  }

  /// False when there are free blocks enough, or no memory for a magazine.
  bool make_room(of_size& mine, std::size_t index) noexcept {
    if (mine.spare == nullptr || mine.spare->is_full()) {
      if (mine.old_ones != 0) {
        --mine.old_ones;
        return false;
      }
      auto* empty = new (std::nothrow) magazine;
      if (empty == nullptr || (mine.spare != nullptr && !depot_.put(index, *mine.spare))) {
        delete empty;
        mine.old_ones = magazine::capacity;
        return false;
      }
      mine.spare = empty;
    }
    std::swap(mine.current, mine.spare);
    return true;
  }

  block_depot<Memory>& depot_;
  std::array<of_size, block_sizes::count> sizes_;
};

}  // namespace actors::detail
