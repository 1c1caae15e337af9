#include "live_count.hpp"

namespace actors::detail {

bool striped_references::count(std::int64_t change) noexcept {
  auto& mine = stripes_[thread_number() % stripe_count];
  // What comes to a stripe after its close is counted in the rest instead; nobody reads the stripe
  // any more. Release: close() sees what was done before, for whoever is the last in the end.
  const auto before = mine.references.fetch_add(2 * change, std::memory_order_release);
  if (before % 2 == 0) return false;
  // Acquire and release: the last one sees all that the others did before it destroys.
  return rest_.fetch_add(change, std::memory_order_acq_rel) + change == 0;
}

bool striped_references::close() noexcept {
  for (auto& each : stripes_) {
    const auto before = each.references.fetch_add(closed, std::memory_order_acquire);
    rest_.fetch_add(before / 2, std::memory_order_acq_rel);
  }
  return rest_.fetch_sub(closing, std::memory_order_acq_rel) == closing;
}

}  // namespace actors::detail
