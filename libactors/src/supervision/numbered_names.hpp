#pragma once

#include <charconv>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace actors::detail {

/// Numbers for names that are taken: `build-2`, `build-3`, …, and `job_1`, `job_2`, … for those who
/// have none. Always the lowest that is free, without a look at all that are not.
class numbered_names {
 public:
  /// `is_free`: whoever chose such a name himself may have it.
  template <class IsFree>
  std::string next(const std::string& wanted, IsFree is_free) {
    const auto stem = wanted.empty() ? std::string(nameless) : wanted + '-';
    auto& its = series_.try_emplace(stem, series{wanted.empty() ? 1U : 2U, {}}).first->second;
    for (;;) {
      std::size_t number = its.next;
      if (its.freed.empty()) {
        ++its.next;
      } else {
        number = *its.freed.begin();
        its.freed.erase(its.freed.begin());
      }
      auto name = stem + std::to_string(number);
      if (is_free(name)) return name;
    }
  }

  void forget(std::string_view name) {
    const auto digits = name.find_last_not_of("0123456789") + 1;
    std::size_t number = 0;
    if (digits == name.size() || name[digits] == '0') return;
    const auto read = std::from_chars(name.data() + digits, name.data() + name.size(), number);
    if (read.ec != std::errc()) return;
    const auto found = series_.find(std::string(name.substr(0, digits)));
    if (found == series_.end() || number >= found->second.next) return;
    auto& its = found->second;
    its.freed.insert(number);
    // The latest go first, and with the last of them the series.
    while (its.freed.erase(its.next - 1) != 0) --its.next;
    if (its.next == (found->first == nameless ? 1U : 2U)) series_.erase(found);
  }

 private:
  static constexpr std::string_view nameless = "job_";
  struct series {
    std::size_t next;             // never given
    std::set<std::size_t> freed;  // below that
  };

  std::unordered_map<std::string, series> series_;
};

}  // namespace actors::detail
