#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

#include "problem.hpp"

namespace code_audit {

/// Largest file that is read unless an option says otherwise.
inline constexpr std::uint64_t default_max_bytes = 8U << 20;

/// A file's contents, or why there are none.
using read_result = std::variant<std::string, scan_problem>;

/// Reads a regular file of at most `max_bytes` (never more than 1 GiB).
///
/// Anything else is not opened: symbolic links, devices, fifos, sockets, folders. Answers with
/// `vanished`, `unreadable`, `symlink`, `not_regular`, `too_large` or `read_failed`; does not
/// look at the contents. Blocks while it reads; may be called from any thread.
[[nodiscard]] read_result read_file(const std::filesystem::path& path,
                                    std::uint64_t max_bytes = default_max_bytes);

/// Whether this is something else than text: a NUL byte in the first 8 KiB, or there more than
/// three bytes in ten that are control characters or not UTF-8.
[[nodiscard]] bool is_binary(std::string_view contents) noexcept;

}  // namespace code_audit
