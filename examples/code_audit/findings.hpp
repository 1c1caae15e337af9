#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fingerprints.hpp"
#include "functions.hpp"
#include "imports.hpp"
#include "language.hpp"

namespace code_audit {

/// A line that holds TODO, FIXME, XXX or HACK as a word.
struct marker_found {
  std::uint32_t line = 0;
  std::string text;  ///< From the word to the end of its line, cut to a readable length.

  friend bool operator==(const marker_found&, const marker_found&) = default;
};

/// What was found in one file. The numbers are exact; the lists may have been cut to travel (see
/// `summary_of`), which is why each list has its count beside it.
struct file_findings {
  std::string path;
  language lang = language::text;

  std::uint64_t bytes = 0;
  std::uint32_t lines = 0;        ///< Newline characters, as `wc -l` counts.
  bool is_unterminated = false;   ///< Text follows the last newline, and so one line more.
  std::uint32_t blank_lines = 0;  ///< The three kinds add up to `all_lines()`.
  std::uint32_t comment_lines = 0;
  std::uint32_t code_lines = 0;
  std::uint32_t longest_line = 0;        ///< Its number; 0 in an empty file.
  std::uint32_t longest_line_bytes = 0;  ///< Without the newline.

  std::uint32_t marker_lines = 0;     ///< As `grep -cwE 'TODO|FIXME|XXX|HACK'` counts.
  std::vector<marker_found> markers;  ///< By line.

  std::uint32_t import_count = 0;
  std::vector<import_found> imports;  ///< By line.

  std::uint32_t function_count = 0;
  std::vector<function_found> functions;  ///< Longest first, then by line.

  fingerprint_list fingerprints;

  /// Lines, an unterminated last one included.
  [[nodiscard]] std::uint32_t all_lines() const noexcept {
    return lines + (is_unterminated ? 1U : 0U);
  }

  friend bool operator==(const file_findings&, const file_findings&) = default;
};

}  // namespace code_audit
