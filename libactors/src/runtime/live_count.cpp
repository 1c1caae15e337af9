#include "live_count.hpp"

#include <mutex>

namespace actors::detail {

bool striped_references::count(std::int64_t change) noexcept {
  auto& mine = stripes_[thread_number() % stripe_count];
  {
    const std::lock_guard lock(mine.mutex);
    if (!mine.is_closed) {
      mine.references += change;
      return false;
    }
  }
  // Acquire and release: the last one sees all that the others did before it destroys.
  return rest_.fetch_add(change, std::memory_order_acq_rel) + change == 0;
}

bool striped_references::close() noexcept {
  for (auto& each : stripes_) {
    const std::lock_guard lock(each.mutex);
    each.is_closed = true;
    rest_.fetch_add(each.references, std::memory_order_acq_rel);
  }
  return rest_.fetch_sub(closing, std::memory_order_acq_rel) == closing;
}

}  // namespace actors::detail
