#include <cstdlib>
#include <new>

#ifdef ACTORS_USE_MIMALLOC
#include <mimalloc.h>
#endif

#include "actors/detail/promise.hpp"

namespace actors::detail {

// Frames, cells and messages are made and freed by the million, often on different threads. Only
// they use this allocator; the program's own malloc stays what it is.
#ifdef ACTORS_USE_MIMALLOC
void* allocate(std::size_t bytes) {
  if (void* memory = mi_malloc(bytes)) return memory;
  throw std::bad_alloc();
}

void deallocate(void* memory) noexcept { mi_free(memory); }
#else
void* allocate(std::size_t bytes) {
  if (void* memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}

void deallocate(void* memory) noexcept { std::free(memory); }
#endif

}  // namespace actors::detail
