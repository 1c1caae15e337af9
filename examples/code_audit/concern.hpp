#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "findings.hpp"

namespace code_audit {

/// What may be wrong with a file.
enum class concern_kind : std::uint8_t {
  long_function,
  deep_nesting,  ///< A function with blocks in blocks in blocks.
  long_file,
  many_markers,
  few_comments,
  repeats_itself,  ///< Stretches of the file stand in it more than once.
  long_lines,
};

[[nodiscard]] std::string_view to_string(concern_kind kind) noexcept;

/// The kind with this name; `long_file` for a name that is not known.
[[nodiscard]] concern_kind concern_kind_from(std::string_view name) noexcept;

/// From where on something counts. A file at a limit gets no points for it.
struct concern_limits {
  std::uint32_t function_lines = 60;
  std::uint32_t depth = 4;
  std::uint32_t file_lines = 500;
  std::uint32_t markers = 3;
  std::uint32_t line_bytes = 160;
  std::uint32_t code_lines_without_comments = 150;  ///< Fewer need no comments.
};

/// One reason to look at a file: the claim that a critic is asked about.
struct concern_reason {
  concern_kind kind = concern_kind::long_file;
  double points = 0;
  std::uint32_t line = 0;    ///< Where it begins; 0 for the whole file.
  std::uint32_t length = 0;  ///< Lines from there on; 0 for the whole file.
  std::string name;          ///< Of the function, if it is about one.
  std::string text;          ///< "run is 214 lines long"

  friend bool operator==(const concern_reason&, const concern_reason&) = default;
};

/// How much a file deserves a second look: 0 for one that does not.
struct concern_result {
  double score = 0;                     ///< Sum of the points.
  std::vector<concern_reason> reasons;  ///< The heaviest first.
};

/// Weighs the findings of one file. A pure function. Files that are not code give no concern.
[[nodiscard]] concern_result concern(const file_findings& found, const concern_limits& limits = {});

}  // namespace code_audit
