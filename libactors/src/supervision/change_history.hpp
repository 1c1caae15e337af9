#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "actors/changes.hpp"
#include "actors/detail/engine.hpp"

namespace actors::detail {

/// The last changes of one manager's tasks. Any thread may call the members; its lock is taken
/// inside a task's, and nothing inside it.
class change_history {
 public:
  explicit change_history(std::size_t size) noexcept : size_(size) {}

  /// Gives it its number.
  void add(change&& happened);
  std::uint64_t last() const;
  /// All after this number; empty when there are none yet.
  result<std::vector<change>> after(std::uint64_t number) const;
  /// Opens `told` with the next change; at once when there is one after this number.
  void watch(std::uint64_t number, const std::shared_ptr<gate>& told);
  void unwatch(const std::shared_ptr<gate>& told);

 private:
  const std::size_t size_;
  mutable std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::deque<change> kept_;  // the newest last
  std::vector<std::shared_ptr<gate>> readers_;
};

}  // namespace actors::detail
