#pragma once

#include <cstddef>

namespace actors::detail {

/// Memory of the framework's own, for what is made and freed by the million: coroutine frames,
/// cells, messages, tasks. Freed by any thread, with the number of bytes, not zero, that was asked
/// for.
void* allocate(std::size_t bytes);
void deallocate(void* memory, std::size_t bytes) noexcept;

/// A base of what is made there one by one.
struct in_own_memory {
  static void* operator new(std::size_t bytes) { return allocate(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    deallocate(memory, bytes);
  }
};

}  // namespace actors::detail
