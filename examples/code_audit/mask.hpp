#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "language.hpp"

namespace code_audit {

/// What stands in a masked text for each byte that is not code. White space always stays.
inline constexpr char comment_mark = '\x01';
inline constexpr char string_mark = '\x02';  ///< Quotes and contents of strings and characters.
inline constexpr char doc_mark = '\x03';     ///< A string that stands alone as documentation.

/// A copy of `text`, byte for byte as long, in which comments and strings are replaced by marks.
///
/// Knows nested block comments, raw strings (C++, Rust, Go, C#), text blocks, template literals
/// and regular expressions (JavaScript), here-documents (shell) and documentation strings
/// (Python). What is not closed ends with its line where the language says so, else with the text.
[[nodiscard]] std::string mask(std::string_view text, language lang);

/// What a line of a masked text is: the three kinds add up to all lines.
enum class line_kind : std::uint8_t {
  blank,    ///< White space only, wherever it stands.
  comment,  ///< Comment or documentation, and no code.
  code,
};

[[nodiscard]] line_kind kind_of_line(std::string_view masked_line) noexcept;

}  // namespace code_audit
