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

/// Where there are no free blocks of that size in this thread's hands. `at`: where they would be.
[[gnu::noinline]] void* take_elsewhere(std::size_t at) {
  auto* blocks = mine != nullptr ? mine : begin_thread();
  // Of the whole size also without a cache: whoever frees it may have one.
  void* memory = blocks != nullptr ? blocks->take(at) : mi_malloc(block_sizes::size_at(at));
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

[[gnu::noinline]] void give_elsewhere(std::size_t at, void* memory) noexcept {
  if (auto* blocks = mine != nullptr ? mine : begin_thread()) {
    blocks->give(at, memory);
  } else {
    mi_free(memory);
  }
}

/// `bytes`: so many will be used.
inline void* take(std::size_t at, std::size_t bytes) {
  void* memory = mine != nullptr ? mine->try_take(at, bytes) : nullptr;
  return memory != nullptr ? memory : take_elsewhere(at);
}

inline void give(std::size_t at, void* memory) noexcept {
  if (mine == nullptr || !mine->try_give(at, memory)) give_elsewhere(at, memory);
}

}  // namespace

void* allocate(std::size_t bytes) {
  if (bytes <= block_sizes::largest) return take(block_sizes::index_of(bytes), bytes);
  void* memory = mi_malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void deallocate(void* memory, std::size_t bytes) noexcept {
  if (bytes > block_sizes::largest) return mi_free(memory);
  give(block_sizes::index_of(bytes), memory);
}

// One line is enough to be fetched.
void* allocate_small(std::size_t bytes) { return take(block_sizes::index_of_small(bytes), 1); }

void deallocate_small(void* memory, std::size_t bytes) noexcept {
  give(block_sizes::index_of_small(bytes), memory);
}
#else
void* allocate(std::size_t bytes) { return ::operator new(bytes); }

// With the size, which a sanitizer compares.
void deallocate(void* memory, std::size_t bytes) noexcept { ::operator delete(memory, bytes); }

void* allocate_small(std::size_t bytes) { return allocate(bytes); }

void deallocate_small(void* memory, std::size_t bytes) noexcept { deallocate(memory, bytes); }
#endif

}  // namespace actors::detail
