#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "counted_table.hpp"
#include "duplicates.hpp"
#include "findings.hpp"
#include "folder.hpp"
#include "problem.hpp"
#include "top_list.hpp"

namespace code_audit {

/// Bounds of the totals. Memory follows from these alone, whatever the size of the tree.
struct totals_limits {
  std::size_t functions = 10;     ///< Longest functions.
  std::size_t files = 10;         ///< Largest files, and those with most markers.
  std::size_t markers = 10;       ///< Marker lines, the first by path and line.
  std::size_t examples = 3;       ///< Problems of one kind, the first by path.
  std::size_t imports = 20'000;   ///< Different import targets.
  std::size_t windows = 400'000;  ///< Different windows looked at for duplicates (some 50 MB).
};

/// Sums over the files of one language.
struct language_totals {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;  ///< As `wc -l` counts.
  std::uint64_t blank_lines = 0;
  std::uint64_t comment_lines = 0;
  std::uint64_t code_lines = 0;
  std::uint64_t functions = 0;
  std::uint64_t imports = 0;
  std::uint64_t marker_lines = 0;

  language_totals& operator+=(const language_totals& other) noexcept;
  friend bool operator==(const language_totals&, const language_totals&) = default;
};

/// Something at a place that has a size. The larger comes first, then the place.
struct ranked_place {
  std::uint64_t size = 0;
  std::string path;
  std::uint32_t line = 0;
  std::string text;  ///< A name, or what the line says.

  friend bool operator==(const ranked_place&, const ranked_place&) = default;
  friend bool operator<(const ranked_place& a, const ranked_place& b) {
    return std::tie(b.size, a.path, a.line, a.text) < std::tie(a.size, b.path, b.line, b.text);
  }
};

/// How often a kind of problem was met, and the first examples by path.
struct problem_totals {
  explicit problem_totals(std::size_t examples_limit) : examples(examples_limit) {}

  std::uint64_t count = 0;
  top_list<scan_problem> examples;
};

/// What is known about a tree, or a part of one. Parts add up with `merge`: associative, and, as
/// long as no table says that it is saturated, the same in any order of arrival.
struct audit_totals {
  explicit audit_totals(const totals_limits& bounds = {});

  void add(const file_findings& found);
  void add(const scan_problem& problem);
  /// Counts the folder, the files left out by their names, and its problems; not its files.
  void add(const folder_listing& listing);
  void merge(const audit_totals& other);

  /// All languages together.
  [[nodiscard]] language_totals sum() const noexcept;

  totals_limits limits;
  std::uint64_t folders = 0;
  std::uint64_t other_files = 0;
  std::map<language, language_totals> languages;
  top_list<ranked_place> longest_functions;  ///< Size in lines.
  top_list<ranked_place> largest_files;      ///< Size in lines.
  top_list<ranked_place> most_markers;       ///< Size in marker lines.
  top_list<ranked_place> first_markers;      ///< Size 0: in the order of their places.
  counted_table imports;
  duplicate_table duplicates;
  std::map<problem_kind, problem_totals> problems;
};

}  // namespace code_audit
