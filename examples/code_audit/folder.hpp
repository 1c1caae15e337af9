#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "problem.hpp"

namespace code_audit {

/// What is left out of a listing, and its bounds.
struct folder_options {
  /// Folders with these names are not entered.
  std::vector<std::string> skip_names{".git",       ".hg",   ".svn",         ".bzr",
                                      "CMakeFiles", "_deps", "node_modules", "__pycache__",
                                      ".venv",      ".tox",  ".mypy_cache",  ".pytest_cache",
                                      ".gradle",    ".idea", ".vscode"};
  /// A folder that holds one of these was made by a tool: CMake, Cargo and other caches, Python,
  /// Meson, Ninja. Names such as "build" and "target" tell nothing; sources live under them, too.
  std::vector<std::string> build_markers{"CMakeCache.txt", "CACHEDIR.TAG", "pyvenv.cfg",
                                         "meson-info", "build.ninja"};
  bool all_files = false;             ///< Every regular file, not only what may be source.
  bool crosses_mounts = false;        ///< Enter other file systems.
  std::size_t max_entries = 200'000;  ///< Entries of one folder; the rest is left out and told.
};

/// One folder, not what lies below it. All names are sorted, so that the same folder always gives
/// the same listing.
struct folder_listing {
  std::string path;
  std::vector<std::string> files;      ///< Names of regular files that may be source.
  std::vector<std::string> folders;    ///< Names of folders to go on with.
  std::vector<scan_problem> problems;  ///< What failed, and what was left out by rule.
  std::size_t other_files = 0;         ///< Regular files whose names say that they are no source.
};

/// Lists a folder. Symbolic links are never followed, so that no loop can be entered, and
/// nothing but the folder itself is opened. A folder that cannot be listed gives a listing with one
/// problem: `vanished`, `unreadable`, `not_a_folder`, `symlink` or `read_failed`. Blocks; may be
/// called from any thread.
[[nodiscard]] folder_listing list_folder(const std::filesystem::path& path,
                                         const folder_options& options = {});

/// Where an audit begins, from what a person typed: the folder's own path, free of symbolic links;
/// or why there is nothing to audit.
[[nodiscard]] std::variant<std::filesystem::path, scan_problem> resolve_root(
    const std::filesystem::path& typed);

}  // namespace code_audit
