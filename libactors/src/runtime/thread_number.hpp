#pragma once

#include <cstddef>

namespace actors::detail {

/// The calling thread's number and one; zero until it has one. Never read inside a coroutine.
inline constinit thread_local std::size_t thread_number_and_one = 0;
std::size_t number_this_thread() noexcept;

/// A number for the calling thread: 0, 1, 2, … in the order in which threads first ask.
inline std::size_t thread_number() noexcept {
  const auto known = thread_number_and_one;
  return known != 0 ? known - 1 : number_this_thread();
}

}  // namespace actors::detail
