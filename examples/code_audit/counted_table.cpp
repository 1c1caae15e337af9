#include "counted_table.hpp"

#include <algorithm>
#include <functional>

namespace code_audit {

void counted_table::add(std::string_view name, std::uint64_t count) {
  if (limit_ == 0) return;
  counts_[std::string(name)] += count;
  // Half as much again before pruning makes its cost a constant per name.
  if (counts_.size() > limit_ + limit_ / 2) prune();
}

void counted_table::merge(const counted_table& other) {
  undercount_ += other.undercount_;
  for (const auto& [name, count] : other.counts_) counts_[name] += count;
  if (counts_.size() > limit_) prune();
}

void counted_table::prune() {
  std::vector<std::uint64_t> counts;
  counts.reserve(counts_.size());
  for (const auto& [name, count] : counts_) counts.push_back(count);
  const auto cut = counts.begin() + static_cast<std::ptrdiff_t>(limit_);
  std::nth_element(counts.begin(), cut, counts.end(), std::greater<>());
  const std::uint64_t taken = *cut;
  undercount_ += taken;
  for (auto entry = counts_.begin(); entry != counts_.end();) {
    entry->second -= std::min(entry->second, taken);
    entry = entry->second == 0 ? counts_.erase(entry) : std::next(entry);
  }
}

std::vector<std::pair<std::string, std::uint64_t>> counted_table::top(std::size_t n) const {
  std::vector<std::pair<std::string, std::uint64_t>> rows(counts_.begin(), counts_.end());
  n = std::min(n, rows.size());
  const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(n);
  std::partial_sort(rows.begin(), middle, rows.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  rows.resize(n);
  return rows;
}

}  // namespace code_audit
