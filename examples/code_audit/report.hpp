#pragma once

#include <cstddef>
#include <string>

#include "totals.hpp"

namespace code_audit {

/// How the report is laid out.
struct report_options {
  std::string title = "Code audit";
  std::size_t width = 96;  ///< Columns; 60 at least.
  std::size_t rows = 10;   ///< Longest list under any heading.
  std::string base{};      ///< Cut off the front of paths, as the title names it already.
};

/// The report that a person reads: plain text, no colours, ends with a newline. Sections with
/// nothing to say are left out. Names of files are made harmless for a terminal.
[[nodiscard]] std::string format_report(const audit_totals& totals,
                                        const report_options& options = {});

/// `text` in at most `columns` columns; what is too long loses its front, as the end of a path
/// says more. Counts one column for each character.
[[nodiscard]] std::string fit_end(const std::string& text, std::size_t columns);

}  // namespace code_audit
