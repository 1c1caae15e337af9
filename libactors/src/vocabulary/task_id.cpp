#include "actors/task_id.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "split_mix.hpp"

namespace actors {

namespace {

using detail::split_mix;

constexpr std::string_view prefix = "bg_";
constexpr std::string_view deleg_prefix = "deleg_";
constexpr std::string_view uuid_form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
constexpr std::uint64_t low_32_bits = 0xFFFF'FFFF;

/// A permutation of the numbers of two halves, which the key chooses: a Feistel network (Luby and
/// Rackoff, 1988). It makes ids look random; it keeps nothing secret.
struct permutation {
  std::uint64_t key;
  unsigned half_bits;

  static constexpr unsigned rounds = 6;
  std::uint64_t mask() const noexcept { return (std::uint64_t{1} << half_bits) - 1; }
  std::uint64_t blur(std::uint64_t half, unsigned round) const noexcept {
    return split_mix(split_mix(key + round) + half) & mask();
  }
  std::uint64_t there(std::uint64_t value) const noexcept {
    auto left = value >> half_bits;
    auto right = value & mask();
    for (unsigned round = 0; round < rounds; ++round) {
      left = std::exchange(right, left ^ blur(right, round));
    }
    return left << half_bits | right;
  }
  std::uint64_t back(std::uint64_t value) const noexcept {
    auto left = value >> half_bits;
    auto right = value & mask();
    for (unsigned round = rounds; round-- > 0;) {
      right = std::exchange(left, right ^ blur(left, round));
    }
    return left << half_bits | right;
  }
};

permutation of_32_bits(std::uint64_t key) noexcept { return {key, 16}; }
permutation of_64_bits(std::uint64_t key) noexcept { return {key, 32}; }

bool is_hex(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

std::optional<std::uint64_t> read_hex(std::string_view digits) noexcept {
  std::uint64_t value = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stop, failed] = std::from_chars(digits.data(), end, value, 16);
  if (failed != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::string write_deleg(std::uint64_t n, std::uint64_t key) {
  const auto low = of_32_bits(key).there(n & low_32_bits);
  const auto high = n >> 32U;
  return high == 0 ? fmt::format("deleg_{:08x}", low) : fmt::format("deleg_{:x}{:08x}", high, low);
}

bool resembles_deleg(std::string_view text) noexcept {
  return text.starts_with(deleg_prefix) && text.size() >= deleg_prefix.size() + 8 &&
         std::ranges::all_of(text.substr(deleg_prefix.size()), is_hex);
}

std::optional<std::uint64_t> number_of_deleg(std::string_view text, std::uint64_t key) noexcept {
  if (!resembles_deleg(text)) return std::nullopt;
  const auto all = read_hex(text.substr(deleg_prefix.size()));
  if (!all) return std::nullopt;
  return (*all & ~low_32_bits) | of_32_bits(key).back(*all & low_32_bits);
}

// Of the 122 bits that version and variant leave, 64 are the number behind its permutation, and 58
// follow from it.
std::string write_uuid(std::uint64_t n, std::uint64_t key) {
  const auto number = of_64_bits(key).there(n);
  const auto rest = split_mix(key ^ split_mix(n)) >> 6U;
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", number >> 32U, number >> 16U & 0xFFFFU,
                     number >> 4U & 0xFFFU, 0x8000U | (number & 0xFU) << 10U | rest >> 48U,
                     rest & 0xFFFF'FFFF'FFFFU);
}

bool resembles_uuid(std::string_view text) noexcept {
  return std::ranges::equal(text, uuid_form, [](char c, char form) {
    const auto small = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    return form == 'x' ? is_hex(small) : c == form;
  });
}

std::optional<std::uint64_t> number_of_uuid(std::string_view text, std::uint64_t key) noexcept {
  if (!resembles_uuid(text)) return std::nullopt;
  const auto part = [text](std::size_t from, std::size_t count) {
    return *read_hex(text.substr(from, count));
  };
  return of_64_bits(key).back(part(0, 8) << 32U | part(9, 4) << 16U | part(15, 3) << 4U |
                              (part(19, 4) >> 10U & 0xFU));
}

}  // namespace

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
  if (!id) return {};
  switch (id.scheme()) {
    case id_scheme::deleg: return write_deleg(id.number(), id.key_);
    case id_scheme::uuid: return write_uuid(id.number(), id.key_);
    default: return std::string(prefix) + std::to_string(id.number());
  }
}

std::optional<task_id> id_series::parse(std::string_view text) const noexcept {
  std::optional<std::uint64_t> n;
  switch (at(0).scheme()) {
    case id_scheme::deleg: n = number_of_deleg(text, key_); break;
    case id_scheme::uuid: n = number_of_uuid(text, key_); break;
    default: return task_id::parse(text);
  }
  // One way to write each id, and no number beyond the last.
  if (!n || *n == std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  if (to_string(at(*n)) != text) return std::nullopt;
  return at(*n);
}

bool id_series::resembles(std::string_view text) const noexcept {
  switch (at(0).scheme()) {
    case id_scheme::deleg: return resembles_deleg(text);
    case id_scheme::uuid: return resembles_uuid(text);
    default: return task_id::parse(text).has_value();
  }
}

}  // namespace actors
