#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace actors {

/// Names one task within its manager. A small value; the empty one names nothing.
///
/// Written as `bg_<n>`, n = 0, 1, 2, … in the order in which a manager accepted its tasks.
class task_id {
 public:
  constexpr task_id() = default;
  static constexpr task_id sequential(std::uint64_t n) noexcept { return task_id(n + 1); }

  /// Reads what to_string() wrote; nothing for any other text.
  static std::optional<task_id> parse(std::string_view text) noexcept;

  constexpr explicit operator bool() const noexcept { return value_ != 0; }
  /// The position in the manager's order of acceptance. The id must not be empty.
  constexpr std::uint64_t number() const noexcept { return value_ - 1; }

  friend constexpr auto operator<=>(task_id, task_id) = default;

 private:
  constexpr explicit task_id(std::uint64_t value) noexcept : value_(value) {}
  std::uint64_t value_ = 0;
};

/// `"bg_7"`; an empty text for the empty id.
std::string to_string(task_id id);

}  // namespace actors

template <>
struct std::hash<actors::task_id> {
  std::size_t operator()(actors::task_id id) const noexcept {
    return std::hash<std::uint64_t>{}(id ? id.number() + 1 : 0);
  }
};
