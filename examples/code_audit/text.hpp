#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace code_audit {

/// White space as the C locale has it, whatever the locale of the process is.
[[nodiscard]] constexpr bool is_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// A byte of a word as `LC_ALL=C grep -w` sees words.
[[nodiscard]] constexpr bool is_word(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// A byte that an identifier may hold. Beyond ASCII everything counts, so that no name is split.
[[nodiscard]] constexpr bool is_name_byte(char c) noexcept {
  return is_word(c) || static_cast<unsigned char>(c) >= 0x80;
}

[[nodiscard]] constexpr bool is_name_start(char c) noexcept {
  return is_name_byte(c) && !is_digit(c);
}

/// `text` without white space at either end.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

/// Bytes of the well-formed UTF-8 character at the front of a text that is not empty; 0 if there is
/// none.
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

/// `text` fit for a terminal and for JSON: control characters become a space, bytes that are not
/// UTF-8 become U+FFFD, and what exceeds `max_bytes` is cut at a character's start.
[[nodiscard]] std::string clean_text(std::string_view text, std::size_t max_bytes = 4096);

/// "1,234,567"
[[nodiscard]] std::string with_commas(std::uint64_t number);

/// "1 file", "2,000 files"
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view noun);

/// Where each line of a text begins. Lines are numbered from 1; the text must outlive the index.
class line_index {
 public:
  explicit line_index(std::string_view text);

  /// Lines, an unterminated last one included.
  [[nodiscard]] std::uint32_t count() const noexcept {
    return static_cast<std::uint32_t>(starts_.size());
  }

  /// The line without its newline; empty for a number out of range.
  [[nodiscard]] std::string_view line(std::uint32_t number) const noexcept;

  /// The offset at which the line starts; the text's size for a number out of range.
  [[nodiscard]] std::size_t start(std::uint32_t number) const noexcept;

  /// The number of the line that holds this offset.
  [[nodiscard]] std::uint32_t line_of(std::size_t offset) const noexcept;

 private:
  std::string_view text_;
  std::vector<std::uint32_t> starts_;
};

}  // namespace code_audit
