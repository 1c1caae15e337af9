#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace code_audit {

/// The first `limit` of all items ever added, in their order (`operator<`). Which items remain
/// depends on the set that was added and not on the order of adding, provided no two are equal.
template <class Item>
class top_list {
 public:
  explicit top_list(std::size_t limit) : limit_(limit) {}

  void add(Item item) {
    if (limit_ == 0 || (items_.size() == limit_ && !(item < items_.back()))) return;
    const auto place = std::upper_bound(items_.begin(), items_.end(), item);
    items_.insert(place, std::move(item));
    if (items_.size() > limit_) items_.pop_back();
  }

  void merge(const top_list& other) {
    for (const Item& item : other.items_) add(item);
  }

  [[nodiscard]] const std::vector<Item>& items() const noexcept { return items_; }

 private:
  std::size_t limit_;
  std::vector<Item> items_;
};

}  // namespace code_audit
