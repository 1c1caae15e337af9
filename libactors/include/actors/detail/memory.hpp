#pragma once

#include <cstddef>

namespace actors::detail {

/// Memory of the framework's own, for what is made and freed by the million: coroutine frames,
/// cells, messages, tasks. Freed by any thread, with the number of bytes, not zero, that was asked
/// for.
void* allocate(std::size_t bytes);
void deallocate(void* memory, std::size_t bytes) noexcept;

}  // namespace actors::detail
