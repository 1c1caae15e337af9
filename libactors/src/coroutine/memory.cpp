#include <new>

#ifdef ACTORS_USE_MIMALLOC
#include <mimalloc.h>

#include "block_cache.hpp"
#endif

#include "actors/detail/memory.hpp"

namespace actors::detail {

// Frames, cells and messages are made and freed by the million, often on different threads. Only
// they use this allocator; the program's own malloc stays what it is.
#ifdef ACTORS_USE_MIMALLOC
namespace {

struct large_memory {
  static void* allocate(std::size_t bytes) noexcept { return mi_malloc(bytes); }
  static void deallocate(void* memory) noexcept { mi_free(memory); }
};

using cache = block_cache<large_memory>;

// A block that one thread allocates and another frees is what mimalloc does least well: it costs an
// atomic step each, and the owner walks through the blocks themselves when it collects them.
thread_local cache* mine = nullptr;
thread_local bool is_over = false;  // the thread ends: what it still frees goes to mimalloc

[[gnu::noinline]] cache* begin_thread() noexcept {
  struct ending {
    ~ending() {
      is_over = true;
      delete std::exchange(mine, nullptr);
    }
  };
  // Never destroyed: threads may end after everything else.
  static auto* depot = new (std::nothrow) block_depot<large_memory>;
  if (is_over || depot == nullptr) return nullptr;
  static thread_local const ending at_end;
  mine = new (std::nothrow) cache(*depot);
  return mine;
}

/// Those of the calling thread, for a block of this size; null when mimalloc has to do.
inline cache* cache_for(std::size_t bytes) noexcept {
  if (bytes > block_sizes::largest) return nullptr;
  return mine != nullptr ? mine : begin_thread();
}

}  // namespace

void* allocate(std::size_t bytes) {
  auto* blocks = cache_for(bytes);
  // Whoever frees a small one may put it among blocks of that size.
  if (blocks == nullptr && bytes <= block_sizes::largest) {
    bytes = block_sizes::size_at(block_sizes::index_of(bytes));
  }
  void* memory = blocks != nullptr ? blocks->take(bytes) : mi_malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void deallocate(void* memory, std::size_t bytes) noexcept {
  if (auto* blocks = cache_for(bytes)) {
    blocks->give(memory, bytes);
  } else {
    mi_free(memory);
  }
}
#else
void* allocate(std::size_t bytes) { return ::operator new(bytes); }

// With the size, which a sanitizer compares.
void deallocate(void* memory, std::size_t bytes) noexcept { ::operator delete(memory, bytes); }
#endif

}  // namespace actors::detail
