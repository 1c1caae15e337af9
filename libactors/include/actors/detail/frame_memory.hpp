#pragma once

#include <cstddef>
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
/// to make the actor, then the strand that runs it. Mutable, because a body may take its context as
/// a constant.
struct context_base {
  mutable spawn_request* request = nullptr;
  mutable strand* host = nullptr;
};

/// Asked of a pointer, because a lambda's own type, of which this is asked as well, is incomplete
/// inside the lambda.
template <class T>
concept is_context = std::is_convertible_v<const volatile T*, const volatile context_base*>;

template <class T>
void bind_context(T& argument) noexcept {
  if constexpr (is_context<T>) {
    if (argument.request != nullptr) {
      argument.host = argument.request->host;
      argument.request = nullptr;
    }
  }
}

template <class T>
spawn_request* request_of(T& argument) noexcept {
  if constexpr (is_context<T>) return argument.request;
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
