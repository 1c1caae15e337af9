#include "thread_number.hpp"

#include <atomic>

namespace actors::detail {

std::size_t thread_number() noexcept {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t mine = threads.fetch_add(1, std::memory_order_relaxed);
  return mine;
}

}  // namespace actors::detail
