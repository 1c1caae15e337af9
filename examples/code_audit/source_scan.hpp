#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

#include "findings.hpp"
#include "problem.hpp"
#include "source_file.hpp"

namespace code_audit {

/// Bounds of a scan.
struct scan_options {
  std::uint64_t max_bytes = default_max_bytes;  ///< Larger files are not read.
  std::size_t max_windows = 16384;  ///< Fingerprints per file; beyond it they are thinned.
  std::size_t max_markers = 1000;   ///< Marker lines listed per file; all are counted.
};

/// What was found, or why nothing was.
using scan_result = std::variant<file_findings, scan_problem>;

/// Scans a text already in memory. `path` only gives the name and, where the name tells it, the
/// language. Answers `binary` for what is not text and `too_large` beyond `max_bytes`.
///
/// A pure function: the same text and name give the same findings.
[[nodiscard]] scan_result scan_text(std::string path, std::string_view contents,
                                    const scan_options& options = {});

/// Reads and scans a file: every problem of `read_file`, then those of `scan_text`. Blocks while
/// it reads; may be called from any thread.
[[nodiscard]] scan_result scan_file(const std::filesystem::path& path,
                                    const scan_options& options = {});

/// Where TODO, FIXME, XXX or HACK stands in the line as a word, `npos` if none does.
[[nodiscard]] std::size_t find_marker(std::string_view line) noexcept;

}  // namespace code_audit
