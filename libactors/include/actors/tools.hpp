#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "actors/event.hpp"
#include "actors/json.hpp"
#include "actors/owner.hpp"
#include "actors/record.hpp"
#include "actors/result.hpp"
#include "actors/spec.hpp"
#include "actors/task.hpp"

/// What a language model may call, and what it is told, as JSON: requests become specs and calls,
/// results become receipts. A receipt always says what happened; none of these throws for a request
/// that makes no sense. What takes a `task_context` is for its body; any thread may call the rest.
/// Receipts are written with dump_json(): names may hold what is not UTF-8.
///
/// The words of `status` are those that models and other systems know, not those of `task_state`.
namespace actors::tools {

/// A request to delegate work, understood.
struct delegation {
  spec what = {};
  std::vector<std::string> warnings = {};  ///< What was not understood, and taken for what.
};

/// Reads `{"goal": "…", "context": …, "toolsets": […], "role": "leaf", "model": "…", "name": "…"}`,
/// of which only the goal must be there. The role `"orchestrator"` may delegate in turn; `"leaf"`,
/// and any other, which is warned of, may not. `spec.context` holds `context`, `toolsets` (null for
/// none), `role` and `model`.
///
/// Errors: `invalid_argument`, with the field that is missing or of another type.
result<delegation> read_delegation(const json& request);

/// `{"status": "dispatched", "delegation_id": "…"}`, with the `name` and the `warnings` if there
/// are any, or `{"status": "rejected", "error": "…"}`, where the error of a full manager says what
/// to do instead.
json dispatch_receipt(const result<task_handle>& spawned,
                      const std::vector<std::string>& warnings = {});

/// The end of a delegation, complete in itself: `type`, `delegation_id`, `session_key` (the owner),
/// `goal`, `context`, `toolsets`, `role`, `model`, `status`, `summary`, `error`, `api_calls`,
/// `duration_seconds`, `dispatched_at` and `completed_at` (seconds since 1970), `exit_reason`.
///
/// `summary`, `error`, `model`, `api_calls`, `duration_seconds` and `exit_reason`, and the status
/// of one that completed, are those of the result, when it is an object in which they say
/// something: not null, false, 0 or empty. Else the status is `completed`, `error`, `interrupted`
/// or `timeout`, and the result is the summary, as it is written when it is no text.
json delegation_event(const event& last);

/// One of the words `running`, `completed`, `interrupted`, `failed`, for whatever status the above
/// gave.
std::string_view public_status(std::string_view status) noexcept;

/// What others may see of the end of a delegation: its public status, and of one that did not
/// complete only `delegation_id`, `goal`, `error` and the times.
json public_view(const json& delegation_event);

/// What others may see of a task: its record without name and owner.
json public_view(const record& task);

/// Stops what `request` names, with everything below it: `{"target": "self"}` or
/// `{"target": {"child": "name or id"}}`. The receipt: `{"status": "accepted", "root_task_id": "…",
/// "cancelled_count": 2}`, or `{"status": "failed", "error": "…", "message": "…"}` with the error
/// `task_not_found`, `current_task_unavailable` or `invalid_argument`.
json cancel_task(const task_context& self, const json& request);

/// The same for an agent that is no task but works in a run of this owner: `self` is the run, which
/// counts as one, and a child is a task of the run that no task started.
json cancel_task(const owner& of, std::string_view run_id, const json& request);

/// Sends `request["content"]` to `{"to": {"child": "name or id"}}`, `{"to": "parent"}`, or
/// `{"to": {"agent": "owner"}}`: to the owner of this task, as an event of the type `message`. The
/// receipt: `{"status": "queued"}`, or `{"status": "failed", "error": "…", "message": "…"}` with
/// the error `recipient_not_found`, `permission_denied` (another agent), `recipient_unavailable`
/// (it takes no more, or is full) or `invalid_argument`.
json send_message(const task_context& self, const json& request);

}  // namespace actors::tools
