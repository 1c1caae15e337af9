#include "problem.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace code_audit {

namespace {

constexpr std::array<std::string_view, 11> names{
    "unreadable",  "vanished", "read_failed", "too_large",      "too_many_entries", "not_a_folder",
    "not_regular", "binary",   "symlink",     "skipped_folder", "mount_point"};

}  // namespace

std::string_view to_string(problem_kind kind) noexcept {
  const auto index = static_cast<std::size_t>(kind);
  return index < names.size() ? names[index] : "read_failed";
}

problem_kind problem_kind_from(std::string_view name) noexcept {
  for (std::size_t index = 0; index < names.size(); ++index) {
    if (names[index] == name) return static_cast<problem_kind>(index);
  }
  return problem_kind::read_failed;
}

bool is_by_rule(problem_kind kind) noexcept { return kind >= problem_kind::not_regular; }

scan_problem problem_from_errno(std::string path, int error) {
  const auto make = [&](problem_kind kind, std::string message) {
    return scan_problem{kind, std::move(path), std::move(message)};
  };
  switch (error) {
    case ENOENT: return make(problem_kind::vanished, "does not exist, or not any more");
    case EACCES:
    case EPERM: return make(problem_kind::unreadable, "permission denied");
    case ENOTDIR: return make(problem_kind::not_a_folder, "is not a folder");
    case EISDIR: return make(problem_kind::not_regular, "is a folder, not a file");
    case ELOOP:
      return make(problem_kind::symlink, "is a symbolic link, or its path goes round in a loop");
    case ENXIO: return make(problem_kind::not_regular, "is a device or socket, not a file");
    default: return make(problem_kind::read_failed, std::generic_category().message(error));
  }
}

}  // namespace code_audit
