#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

namespace code_audit {

/// Why a path gave no findings. The first group are failures, the second things left out by rule.
enum class problem_kind : std::uint8_t {
  unreadable,        ///< Permission denied.
  vanished,          ///< It was there when the folder was listed, or was never there.
  read_failed,       ///< The system gave another error while opening or reading.
  too_large,         ///< Longer than `scan_options::max_bytes`.
  too_many_entries,  ///< A folder holds more than `folder_options::max_entries`.
  not_a_folder,      ///< A folder was asked for and something else is there.
  not_regular,       ///< A device, fifo, socket or folder where a file was expected; never opened.
  binary,            ///< Not text.
  symlink,           ///< Symbolic links are not followed, so that no loop can be entered.
  skipped_folder,    ///< Named in `folder_options::skip_names`, or recognised as build output.
  mount_point,       ///< Another file system begins here.
};

/// The name as it stands in reports and messages: "too_large".
[[nodiscard]] std::string_view to_string(problem_kind kind) noexcept;

/// The kind with this name; `read_failed` for a name that is not known.
[[nodiscard]] problem_kind problem_kind_from(std::string_view name) noexcept;

/// True for kinds that follow from a rule and call for nobody's attention.
[[nodiscard]] bool is_by_rule(problem_kind kind) noexcept;

/// One path that gave no findings, and a sentence that says why.
struct scan_problem {
  problem_kind kind = problem_kind::read_failed;
  std::string path;
  std::string message;

  friend bool operator==(const scan_problem&, const scan_problem&) = default;
  friend bool operator<(const scan_problem& a, const scan_problem& b) {
    return std::tie(a.path, a.kind, a.message) < std::tie(b.path, b.kind, b.message);
  }
};

/// Turns `errno` after a failed system call on `path` into a problem.
[[nodiscard]] scan_problem problem_from_errno(std::string path, int error);

}  // namespace code_audit
