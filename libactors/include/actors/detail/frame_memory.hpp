#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "actors/detail/memory.hpp"

namespace actors::detail {

class strand;
struct promise_base;

/// An actor in the making: its first coroutine's frame is put behind the cell, in one block.
struct spawn_request {
  spawn_request() = default;
  spawn_request(const spawn_request&) = delete;
  spawn_request& operator=(const spawn_request&) = delete;
  /// Makes the cell with room for `frame_bytes` behind it; answers where that room is. Null when
  /// the cell was there before.
  virtual void* make_cell(std::size_t frame_bytes) = 0;
  /// After the coroutine was made, which is the cell's from then on: the cell, ready to be
  /// launched, with one reference for the caller. Destroys the coroutine when there is no memory
  /// for a cell.
  strand& finish(promise_base& body);

  strand* host = nullptr;  ///< The cell, once it was made, with one reference.

 protected:
  /// Drops that reference, unless finish() gave it away.
  ~spawn_request();
};

/// What every actor's context (`actor_context`, `task_context`) has at its heart: first the request
/// to make the actor, then the strand that runs it. One word for both, so that a context is passed
/// in registers.
class context_base {
 public:
  explicit context_base(spawn_request& made_by) noexcept
      : word_(reinterpret_cast<std::uintptr_t>(&made_by) | is_request) {}

  /// Null once the actor is made.
  spawn_request* request() const noexcept {
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    return (word_ & is_request) == 0 ? nullptr
                                     : reinterpret_cast<spawn_request*>(word_ & ~is_request);
  }
  /// From then on: in the coroutine, and not in a function that is about to make it.
  strand& host() const noexcept {
    assert(request() == nullptr);
    return *reinterpret_cast<strand*>(word_);  // NOLINT(performance-no-int-to-ptr)
  }
  void bind(strand* host) const noexcept { word_ = reinterpret_cast<std::uintptr_t>(host); }

 private:
  static constexpr std::uintptr_t is_request = 1;  // a bit that is zero in either address
  static_assert(alignof(spawn_request) > is_request);
  mutable std::uintptr_t word_;  // because a body may take its context as a constant
};

/// Asked of a pointer, because a lambda's own type, of which this is asked as well, is incomplete
/// inside the lambda.
template <class T>
concept is_context = std::is_convertible_v<const volatile T*, const volatile context_base*>;

template <class T>
void bind_context(T& argument) noexcept {
  if constexpr (is_context<T>) {
    if (auto* request = argument.request()) argument.bind(request->host);
  }
}

template <class T>
spawn_request* request_of(T& argument) noexcept {
  if constexpr (is_context<T>) return argument.request();
  return nullptr;
}

/// Where coroutine frames come from: behind the cell for an actor's own coroutine, which is the one
/// that is given the actor's fresh context; otherwise from the allocator. A byte behind the frame
/// says which.
struct frame_memory {
  static void* operator new(std::size_t bytes) {
    return tagged(allocate(bytes + tag_bytes), bytes, heap);
  }

  template <class... Args>
    requires(is_context<Args> || ...)
  static void* operator new(std::size_t bytes, Args&... args) {
    spawn_request* request = nullptr;
    ((request = request != nullptr ? request : request_of(args)), ...);
    if (request == nullptr || request->host != nullptr) return operator new(bytes);
    void* room = request->make_cell(bytes + tag_bytes);
    return room != nullptr ? tagged(room, bytes, in_cell) : operator new(bytes);
  }

  // Inlined even without optimisation: GCC would warn, in the user's body, that a template's new
  // meets a delete that is none.
  [[gnu::always_inline]] static void operator delete(void* memory, std::size_t bytes) noexcept {
    if (static_cast<const char*>(memory)[bytes] == heap) deallocate(memory, bytes + tag_bytes);
  }

 private:
  static constexpr std::size_t tag_bytes = 8;
  static constexpr char heap = 0;
  static constexpr char in_cell = 1;

  static void* tagged(void* memory, std::size_t bytes, char tag) noexcept {
    static_cast<char*>(memory)[bytes] = tag;
    return memory;
  }
};

}  // namespace actors::detail
