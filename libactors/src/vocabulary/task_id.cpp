#include "actors/task_id.hpp"

#include <charconv>
#include <limits>

namespace actors {

namespace {
constexpr std::string_view prefix = "bg_";
}

std::optional<task_id> task_id::parse(std::string_view text) noexcept {
  if (!text.starts_with(prefix)) return std::nullopt;
  const auto digits = text.substr(prefix.size());
  // One way to write each id: no sign, no leading zero.
  if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  std::uint64_t n = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stop, failed] = std::from_chars(digits.data(), end, n);
  if (failed != std::errc{} || stop != end) return std::nullopt;
  if (n == std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  return sequential(n);
}

std::string to_string(task_id id) {
  return id ? std::string(prefix) + std::to_string(id.number()) : std::string();
}

}  // namespace actors
