#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "language.hpp"
#include "text.hpp"

namespace code_audit {

/// One function with a body. It begins on the line of its name and ends on the line of its last
/// brace (Python: its last line).
struct function_found {
  std::string name;  ///< As written, with its qualifiers: "list::push_back", "TEST_CASE(\"x\")".
  std::uint32_t line = 0;
  std::uint32_t length = 0;  ///< Lines, the first and the last included.
  std::uint32_t depth = 0;   ///< The deepest block: 0 when the body holds no nested block.

  friend bool operator==(const function_found&, const function_found&) = default;
};

/// A text in the forms that the scanners need. Everything must outlive it.
struct source_view {
  std::string_view text;
  std::string_view masked;  ///< `mask(text, lang)`
  language lang = language::text;
  const line_index& lines;  ///< Of `text`, and so of `masked`.
};

/// Functions that have a name, by their first line. Lambdas and other functions without a name
/// count as part of what holds them.
///
/// Heuristic, since no scanner without a compiler can be more: macros are not expanded, and of
/// the branches of an `#if` each is read as if the others were not there.
[[nodiscard]] std::vector<function_found> find_functions(const source_view& source);

}  // namespace code_audit
