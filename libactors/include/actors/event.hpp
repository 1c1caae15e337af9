#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "actors/clock.hpp"
#include "actors/json.hpp"
#include "actors/kept_spec.hpp"
#include "actors/outcome.hpp"
#include "actors/task_id.hpp"

namespace actors {

/// What happened to a task.
enum class event_kind : std::uint8_t {
  started,    ///< Its body begins. Mailed to owners that asked for it (`owner_options`).
  custom,     ///< The body emitted something: `type` and `payload`.
  stalled,    ///< It makes no progress (`stall_policy`): `payload` says for how long.
  completed,  ///< Terminal: `payload` is the result.
  failed,     ///< Terminal: `error` says why.
  cancelled,  ///< Terminal.
  timed_out,  ///< Terminal.
};

constexpr bool is_terminal(event_kind kind) noexcept { return kind >= event_kind::completed; }
std::string_view to_string(event_kind kind) noexcept;
event_kind kind_of(task_state terminal) noexcept;

/// One thing that happened, as it is mailed to the owner of the task. A value: it stays true and
/// complete after the task, its manager and its runtime are gone, and holds no handle to them.
struct event {
  event_kind kind = event_kind::custom;
  task_id task = {};
  task_id parent = {};    ///< Empty when an owner started the task.
  std::uint64_t seq = 0;  ///< 1, 2, 3, … per task without a gap; the terminal event is the last.
  unix_ms created_at_ms = 0;  ///< When the task was accepted.
  unix_ms at_ms = 0;          ///< When this happened.
  kept_spec what = {};        ///< What the task was asked to do.
  std::string owner = {};     ///< The name of the owner.
  std::string type = {};      ///< Of a custom event; of `failed`, that of the error.
  json payload = nullptr;     ///< Of a custom event or a stall; the result, if any.
  std::string error = {};     ///< Of a terminal event that is not `completed`.

  bool is_terminal() const noexcept { return actors::is_terminal(kind); }
  /// The task's name, or its id when it has none.
  std::string name() const;
  /// Names this event among all of its manager's, for de-duplication: `"bg_7:3"`.
  std::string id() const;
  /// How the task ended. The event must be terminal.
  outcome result() const;

  /// One that was moved from holds nothing, and need not be destroyed.
  using empty_once_moved = event;
};

/// One object: `kind`, `task_id`, `seq`, `name`, `owner`, `parent_id`, `created_at_ms`, `at_ms`; of
/// a terminal event `duration_seconds`, since the task was accepted; and by kind `result`, `error`,
/// `error_type`, or `event_type` and `payload`. What does not apply is left out.
///
/// dump_json() is the way to write it: texts and payloads may hold invalid UTF-8, for which
/// `json::dump` throws. A payload that nests deeper than `max_written_depth` is cut there.
json to_json(const event& happened);

/// A line for people: `bg_7 critic: completed "done"`. The type of a custom event stands in quotes
/// when it could be taken for another kind of event: `bg_7 critic: "completed" 1`.
std::string to_string(const event& happened);

/// A block of text that explains itself to a reader who has forgotten everything, such as an agent
/// in its next turn: which task, what it was for, with which context, how long it took, and how it
/// ended, with the whole result or error.
std::string to_block(const event& happened);

}  // namespace actors
