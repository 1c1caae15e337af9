#include "thread_number.hpp"

#include <atomic>

namespace actors::detail {

std::size_t number_this_thread() noexcept {
  static std::atomic<std::size_t> threads{0};
  const auto mine = threads.fetch_add(1, std::memory_order_relaxed);
  thread_number_and_one = mine + 1;
  return mine;
}

}  // namespace actors::detail
