#pragma once

#include <cstdint>
#include <string_view>

namespace actors {

/// Where a task is in its life: `queued` → `running` → one of the terminal states, which is final.
enum class task_state : std::uint8_t {
  queued,     ///< Accepted; waits for its turn under an admission limit.
  running,    ///< Started and not ended; see `task_phase` for how far.
  completed,  ///< The body gave a result.
  failed,     ///< The body raised an error, or could not be started.
  cancelled,  ///< The body ended because it was told to, or was abandoned after that.
  timed_out,  ///< The same, because its deadline passed.
};

/// The visible parts of `running`. All of them count against admission limits.
enum class task_phase : std::uint8_t {
  active,      ///< The body runs.
  cancelling,  ///< The body was told to stop and has not ended yet.
  finalizing,  ///< The body has ended; children, the journal or the mailing are outstanding.
};

constexpr bool is_terminal(task_state state) noexcept { return state >= task_state::completed; }

/// The words used everywhere: `"queued"`, `"running"`, `"completed"`, …
std::string_view to_string(task_state state) noexcept;
std::string_view to_string(task_phase phase) noexcept;

}  // namespace actors
