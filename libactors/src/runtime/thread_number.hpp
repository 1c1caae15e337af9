#pragma once

#include <cstddef>

namespace actors::detail {

/// A number for the calling thread: 0, 1, 2, … in the order in which threads first ask.
std::size_t thread_number() noexcept;

}  // namespace actors::detail
