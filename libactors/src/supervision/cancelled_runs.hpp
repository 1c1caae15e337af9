#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "text_hash.hpp"

namespace actors::detail {

/// The runs that were cancelled, up to a number; the oldest are forgotten first.
///
/// Any thread may call the members. While no run was cancelled, asking takes no lock.
class cancelled_runs {
 public:
  explicit cancelled_runs(std::size_t kept) noexcept : kept_(kept) {}

  void add(std::string_view run) {
    const std::lock_guard lock(mutex_);
    if (!ids_.emplace(run).second) return;
    in_order_.emplace_back(run);
    if (in_order_.size() > kept_) {
      ids_.erase(in_order_.front());
      in_order_.pop_front();
    }
    any_.store(true, std::memory_order_release);
  }

  bool contains(std::string_view run) const {
    if (run.empty() || !any_.load(std::memory_order_acquire)) return false;
    const std::lock_guard lock(mutex_);
    return ids_.contains(run);
  }

 private:
  const std::size_t kept_;
  std::atomic<bool> any_{false};
  mutable std::mutex mutex_;
  std::unordered_set<std::string, text_hash, std::equal_to<>> ids_;
  std::deque<std::string> in_order_;
};

}  // namespace actors::detail
