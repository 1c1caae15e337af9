#pragma once

#include <cstddef>

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

/// These bytes will be read and written soon, if they are there at all.
inline void prefetch(const void* where, std::size_t bytes) noexcept {
  const auto* line = static_cast<const char*>(where);
  for (const auto* end = line + bytes; line < end; line += 64) __builtin_prefetch(line, 1);
}

}  // namespace actors::detail
