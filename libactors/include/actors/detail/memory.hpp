#pragma once

#include <cstddef>

namespace actors::detail {

/// Memory of the framework's own, for what is made and freed by the million: coroutine frames,
/// cells, messages, tasks. Freed by any thread, with the number of bytes, not zero, that was asked
/// for.
void* allocate(std::size_t bytes);
void deallocate(void* memory, std::size_t bytes) noexcept;

/// The same for at most so many bytes, a little faster: most messages are so small.
inline constexpr std::size_t small_block = 64;
void* allocate_small(std::size_t bytes);
void deallocate_small(void* memory, std::size_t bytes) noexcept;

/// A base of what is made there one by one. Its size is known where it is made.
struct in_own_memory {
  static void* operator new(std::size_t bytes) {
    return bytes <= small_block ? allocate_small(bytes) : allocate(bytes);
  }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    bytes <= small_block ? deallocate_small(memory, bytes) : deallocate(memory, bytes);
  }
};

}  // namespace actors::detail
