#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "functions.hpp"
#include "imports.hpp"

namespace code_audit {

/// Lines in a window. Shorter pieces are alike by nature; longer ones were copied.
inline constexpr std::size_t window_lines = 6;

/// The fingerprint of `window_lines` significant lines in a row.
struct window {
  std::uint64_t hash = 0;       ///< The same for the same lines, in any file and on any machine.
  std::uint32_t ordinal = 0;    ///< Place of the first line among the significant ones, from 0.
  std::uint32_t line = 0;       ///< Number of the first line.
  std::uint32_t last_line = 0;  ///< Number of the last line.

  friend bool operator==(const window&, const window&) = default;
};

/// The windows of a source, and how much of it repeats itself.
struct fingerprint_list {
  std::vector<window> windows;  ///< By ordinal; of a repeated stretch overlapping ones left out.
  std::uint32_t significant_lines = 0;
  std::uint32_t repeated_windows = 0;  ///< Windows that stand further up in the same file, too.
  std::uint8_t thinning = 0;           ///< See `thin`.

  friend bool operator==(const fingerprint_list&, const fingerprint_list&) = default;
};

/// Numbers of the lines that say something, by line: comments, blank lines, imports and lines of
/// punctuation do not, nor does anything in a language without code.
[[nodiscard]] std::vector<std::uint32_t> significant_lines(
    const source_view& source, const std::vector<import_found>& imports);

/// The hash of one line, white space folded and comments left out.
[[nodiscard]] std::uint64_t line_hash(const source_view& source, std::uint32_t number);

/// At most `max_windows` windows of the source.
[[nodiscard]] fingerprint_list find_windows(const source_view& source,
                                            const std::vector<import_found>& imports,
                                            std::size_t max_windows);

/// Whether a window survives at this level. Level n keeps one in 2^n, chosen by the hash alone,
/// so that every file and every table keeps the same ones.
[[nodiscard]] constexpr bool survives(std::uint64_t hash, std::uint8_t level) noexcept {
  return (hash & ((std::uint64_t{1} << level) - 1)) == 0;
}

/// Raises the level of thinning until at most `max_windows` are left.
void thin(fingerprint_list& list, std::size_t max_windows);

}  // namespace code_audit
