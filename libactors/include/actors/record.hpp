#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/clock.hpp"
#include "actors/outcome.hpp"
#include "actors/spec.hpp"
#include "actors/task_id.hpp"
#include "actors/task_state.hpp"

namespace actors {

/// A consistent picture of one task, as `list` and `get` show it: a copy, true at the time.
struct record {
  task_id id = {};
  std::string owner = {};
  spec what = {};
  task_state state = task_state::queued;
  task_phase phase = task_phase::active;  ///< Meaningful while `running`.
  lineage from = {};
  std::uint32_t depth = 0;  ///< 0 for a task that an owner started, 1 for its children, …
  unix_ms created_at_ms = 0;
  std::optional<unix_ms> started_at_ms = {};
  std::optional<unix_ms> ended_at_ms = {};
  std::optional<outcome> end = {};  ///< Set exactly when the state is terminal.
  std::string awaiting = {};        ///< What the body waits for, while it runs.
  /// Messages that wait for the body, while it runs; not counted where the inbox has no limit.
  std::uint32_t unread_messages = 0;
  std::uint32_t dropped_messages = 0;  ///< By a full inbox that drops (`spec.inbox`).
};

/// What drain() found when it stopped waiting.
struct drain_report {
  std::vector<record> left;  ///< Tasks that had not ended.
  bool is_clean() const noexcept { return left.empty(); }
};

/// One object; what does not apply is left out.
json to_json(const record& task);

}  // namespace actors
