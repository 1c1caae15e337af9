#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "functions.hpp"

namespace code_audit {

/// A text made ready for the scanners, with everything that they refer to; the text itself must
/// outlive it.
struct prepared_source {
  prepared_source(std::string_view contents, language lang);
  prepared_source(const prepared_source&) = delete;
  prepared_source& operator=(const prepared_source&) = delete;

  /// One line, masked.
  [[nodiscard]] std::string_view masked_line(std::uint32_t number) const noexcept;

  std::string masked;
  line_index lines;
  source_view view;
};

/// What a stretch of code is made of.
struct code_facts {
  std::uint32_t lines = 0;
  std::uint32_t code_lines = 0;
  std::uint32_t comment_lines = 0;
  std::uint32_t table_lines = 0;  ///< Rows of literals: nothing is decided in them.
  std::uint32_t case_labels = 0;
  std::uint32_t branches = 0;    ///< if, for, while, case, catch, &&, || and the like.
  std::uint32_t deep_lines = 0;  ///< Code indented by four levels and more.
  std::uint32_t marker_lines = 0;
  std::uint32_t repeated_lines = 0;  ///< Significant lines that say what an earlier one said.
};

/// Measures `length` lines from `line` on; `length` 0 measures the whole text.
[[nodiscard]] code_facts measure(const prepared_source& source, std::uint32_t line,
                                 std::uint32_t length);

}  // namespace code_audit
