#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace actors {

/// How a manager writes the ids of its tasks. Those of all but the first look random, and differ
/// from manager to manager.
enum class id_scheme : std::uint8_t {
  bg,     ///< `bg_<n>`, n = 0, 1, 2, … in the order in which a manager accepted its tasks.
  deleg,  ///< `deleg_` and eight hexadecimal digits; more after the first 2^32 tasks.
  uuid,   ///< A UUID of version 4.
};

/// Names one task within its manager. A small value; the empty one names nothing.
class task_id {
 public:
  constexpr task_id() = default;
  static constexpr task_id sequential(std::uint64_t n) noexcept { return {n + 1, 0}; }

  /// Reads an id of the scheme `bg`; nothing for any other text. Those of other schemes are read
  /// where they belong: `owner::parse_id`.
  static std::optional<task_id> parse(std::string_view text) noexcept;

  constexpr explicit operator bool() const noexcept { return value_ != 0; }
  /// The position in the manager's order of acceptance. The id must not be empty.
  constexpr std::uint64_t number() const noexcept { return value_ - 1; }
  constexpr id_scheme scheme() const noexcept { return static_cast<id_scheme>(key_ >> key_bits); }

  /// In the order of acceptance, among those of one manager.
  friend constexpr auto operator<=>(task_id, task_id) = default;
  friend std::string to_string(task_id id);
  friend struct std::hash<task_id>;

 private:
  friend class id_series;
  static constexpr unsigned key_bits = 62;  // the scheme is above them

  constexpr task_id(std::uint64_t value, std::uint64_t key) noexcept : value_(value), key_(key) {}
  std::uint64_t value_ = 0;
  std::uint64_t key_ = 0;
};

/// The ids of one manager: its n-th task has the n-th of them.
///
/// What looks random is the number behind a permutation that the key chooses. So nothing repeats,
/// nothing is remembered, and a text leads back to its number.
class id_series {
 public:
  constexpr id_series() = default;
  constexpr id_series(id_scheme how, std::uint64_t key) noexcept
      : key_(how == id_scheme::bg ? 0
                                  : static_cast<std::uint64_t>(how) << task_id::key_bits |
                                        key >> (64 - task_id::key_bits)) {}

  constexpr task_id at(std::uint64_t n) const noexcept { return {n + 1, key_}; }
  /// Reads what to_string() wrote for an id of this series; nothing for any other text.
  std::optional<task_id> parse(std::string_view text) const noexcept;
  /// Does this text have the form of its ids, whether or not it is one?
  bool resembles(std::string_view text) const noexcept;

 private:
  std::uint64_t key_ = 0;
};

/// As its scheme has it, such as `"bg_7"`; an empty text for the empty id.
std::string to_string(task_id id);

}  // namespace actors

template <>
struct std::hash<actors::task_id> {
  std::size_t operator()(actors::task_id id) const noexcept {
    return std::hash<std::uint64_t>{}(id.value_ ^ id.key_);
  }
};
