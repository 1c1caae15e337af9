#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <utility>

namespace actors::detail {

/// Sizes that share their blocks: steps of 16 bytes up to 128, of 64 bytes up to 1,024.
struct block_sizes {
  static constexpr std::size_t largest = 1024;
  static constexpr std::size_t count = 8 + (largest - 128) / 64;

  /// For 1 to `largest` bytes.
  static constexpr std::size_t index_of(std::size_t bytes) noexcept {
    return bytes <= 128 ? (bytes - 1) / 16 : 8 + (bytes - 129) / 64;
  }
  static constexpr std::size_t size_at(std::size_t index) noexcept {
    return index < 8 ? (index + 1) * 16 : 128 + (index - 7) * 64;
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
/// Bounded: what is too much goes back to `Memory` (`allocate`, null when there is none, and
/// `deallocate`). (Bonwick and Adams, "Magazines and Vmem", 2001.)
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
      while (auto* filled = pop(each.filled)) {
        empty(*filled);
        delete filled;
      }
    }
  }

  /// A magazine with blocks; null when there is none.
  magazine* take(std::size_t index) noexcept {
    auto& shelf = shelves_[index];
    const std::lock_guard lock(shelf.mutex);
    auto* filled = pop(shelf.filled);
    if (filled != nullptr) --shelf.count;
    return filled;
  }

  /// Takes over what is in the magazine, and mostly the magazine: when there are enough of them, it
  /// comes back empty. Null otherwise.
  magazine* put(std::size_t index, magazine& filled) noexcept {
    auto& shelf = shelves_[index];
    {
      const std::lock_guard lock(shelf.mutex);
      if (shelf.count < limit) {
        filled.next = shelf.filled;
        shelf.filled = &filled;
        ++shelf.count;
        return nullptr;
      }
    }
    empty(filled);
    return &filled;
  }

 private:
  // Of each size: two megabytes of the largest.
  static constexpr std::size_t limit = 32;

  struct alignas(64) shelf {
    std::mutex mutex;
    magazine* filled = nullptr;
    std::size_t count = 0;
  };

  static void empty(magazine& filled) noexcept {
    while (filled.count != 0) Memory::deallocate(filled.blocks[--filled.count]);
  }

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
        if (each != nullptr) delete depot_.put(index, *each);
      }
    }
  }

  /// A block for so many bytes, at most `block_sizes::largest`; null when there is no memory.
  void* take(std::size_t bytes) noexcept {
    const auto index = block_sizes::index_of(bytes);
    auto* current = sizes_[index].current;
    if (current == nullptr || current->count == 0) [[unlikely]] {
      return take_elsewhere(index);
    }
    const auto left = --current->count;
    auto* block = current->blocks[left];
    // The next ones may be in another core's cache, and travel meanwhile.
    if (left >= distance) fetch(current->blocks[left - distance], bytes);
    return block;
  }

  /// The block was taken for so many bytes.
  void give(void* block, std::size_t bytes) noexcept {
    const auto index = block_sizes::index_of(bytes);
    auto* current = sizes_[index].current;
    if (current == nullptr || current->is_full()) [[unlikely]] {
      return give_elsewhere(index, block);
    }
    current->blocks[current->count++] = block;
  }

 private:
  static constexpr std::uint32_t distance = 4;

  struct of_size {
    magazine* current = nullptr;
    magazine* spare = nullptr;
  };

  static void fetch(const void* block, std::size_t bytes) noexcept {
    const auto* line = static_cast<const char*>(block);
    __builtin_prefetch(line, 1);
    for (const auto* end = line + bytes; (line += 64) < end;) __builtin_prefetch(line, 1);
  }

  [[gnu::noinline]] void* take_elsewhere(std::size_t index) noexcept {
    auto* filled = refill(index);
    if (filled == nullptr || filled->count == 0) {
      return Memory::allocate(block_sizes::size_at(index));
    }
    return filled->blocks[--filled->count];
  }

  [[gnu::noinline]] void give_elsewhere(std::size_t index, void* block) noexcept {
    auto* empty = make_room(index);
    if (empty == nullptr) return Memory::deallocate(block);
    empty->blocks[empty->count++] = block;
  }

  /// A magazine with blocks as the current one; null when there is no memory.
  magazine* refill(std::size_t index) noexcept {
    auto& mine = sizes_[index];
    if (mine.spare != nullptr && mine.spare->count != 0) {
      std::swap(mine.current, mine.spare);
      return mine.current;
    }
    if (auto* filled = depot_.take(index)) {
      delete std::exchange(mine.spare, std::exchange(mine.current, filled));
      return filled;
    }
    if (mine.current == nullptr) mine.current = new (std::nothrow) magazine;
    if (mine.current != nullptr) fill(*mine.current, block_sizes::size_at(index));
    return mine.current;
  }

  /// Some new blocks at once: who visits the depot in vain for each does little else.
  static void fill(magazine& empty, std::size_t size) noexcept {
    const auto wanted = static_cast<std::uint32_t>(std::clamp<std::size_t>(4096 / size, 4, 32));
    // Those that came first are taken first.
    for (auto place = wanted; place != 0; --place) {
      empty.blocks[place - 1] = Memory::allocate(size);
      if (empty.blocks[place - 1] == nullptr) {
        std::move(&empty.blocks[place], &empty.blocks[wanted], empty.blocks.data());
        empty.count = wanted - place;
        return;
      }
    }
    empty.count = wanted;
  }

  /// A magazine with room as the current one; null when there is no memory for one.
  magazine* make_room(std::size_t index) noexcept {
    auto& mine = sizes_[index];
    if (mine.spare != nullptr && !mine.spare->is_full()) {
      std::swap(mine.current, mine.spare);
      return mine.current;
    }
    magazine* empty = nullptr;
    if (auto* full = std::exchange(mine.spare, nullptr)) empty = depot_.put(index, *full);
    if (empty == nullptr) empty = new (std::nothrow) magazine;
    if (empty == nullptr) return nullptr;
    mine.spare = std::exchange(mine.current, empty);
    return empty;
  }

  block_depot<Memory>& depot_;
  std::array<of_size, block_sizes::count> sizes_;
};

}  // namespace actors::detail
