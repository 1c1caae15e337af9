#pragma once

#include <cstddef>
#include <cstdint>

// What the processor may make use of, and nothing depends on.

namespace actors::detail {

/// For a moment in which the thread would only get in the way of others.
inline void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");
#endif
}

/// These bytes will be read and written soon, if they are there at all: any address will do. A
/// hint for what another core is writing takes it away from there for a moment.
inline void prefetch(const void* where, std::size_t bytes) noexcept {
  const auto first = reinterpret_cast<std::uintptr_t>(where);
  for (std::size_t line = 0; line < bytes; line += 64) {
#if defined(__x86_64__)
    // What the builtin becomes without flags of the compiler's fetches a line to be read: the first
    // write would have to ask the other cores again.
    asm volatile("prefetchw (%0)" : : "r"(first + line));
#else
    __builtin_prefetch(reinterpret_cast<const void*>(first + line), 1);
#endif
  }
}

}  // namespace actors::detail
