#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace code_audit {

/// Counts names in bounded memory (the mergeable summary of Misra and Gries).
///
/// Up to `limit` different names the counts are exact, whatever the order of adding and merging.
/// Beyond it the rarest names are dropped, and each count that remains may be too low by at
/// most `undercount()`, which stays below total / limit. Never too high.
class counted_table {
 public:
  explicit counted_table(std::size_t limit) : limit_(limit) {}

  void add(std::string_view name, std::uint64_t count = 1);
  void merge(const counted_table& other);

  /// The `n` most frequent names, ties by name.
  [[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> top(std::size_t n) const;

  [[nodiscard]] std::size_t size() const noexcept { return counts_.size(); }
  [[nodiscard]] bool is_saturated() const noexcept { return undercount_ > 0; }
  [[nodiscard]] std::uint64_t undercount() const noexcept { return undercount_; }

 private:
  void prune();

  std::size_t limit_;
  std::unordered_map<std::string, std::uint64_t> counts_;
  std::uint64_t undercount_ = 0;
};

}  // namespace code_audit
