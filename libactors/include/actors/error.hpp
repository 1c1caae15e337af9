#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace actors {

/// Why a call could not do what it was asked.
enum class error_code : std::uint8_t {
  none,              ///< No error.
  invalid_argument,  ///< A value makes no sense; the message names the field and the value.
  not_found,         ///< No such task, or another owner's; or it is no longer kept.
  not_owner,         ///< The caller does not own this task (inside the library only).
  task_ended,        ///< The task already has its outcome.
  no_parent,         ///< The task was started by an owner, not by another task.
  no_inbox,          ///< The task takes no messages: its spec says so.
  inbox_closed,      ///< The receiver takes no more messages.
  inbox_full,        ///< The receiver's inbox is at its named capacity.
  name_reserved,     ///< The task name has a meaning of its own: parent, self, all, broadcast.
  name_taken,        ///< A live task of the same owner has this name.
  capacity_reached,  ///< An admission limit would be exceeded; the message names the limit.
  parent_ended,      ///< The task that wanted a child has ended or is about to.
  parent_cancelled,  ///< The task that wanted a child, or one above it, was cancelled.
  run_cancelled,     ///< The run that the task would work for was cancelled.
  journal_failed,    ///< The journal did not accept the record; nothing was started.
  paused,            ///< The manager takes no new tasks for the time being.
  closed,            ///< The runtime, manager or owner is shutting down.
  unanswered,   ///< The question was dropped without an answer: its receiver ended, or ignored it.
  timed_out,    ///< The answer did not come in time.
  cancelled,    ///< The work was cancelled before it could answer.
  unsupported,  ///< The message cannot be expressed at the other end.
  not_allowed,  ///< The task that wanted a child may not start others: its spec says so.
};

/// The name of `code` as it appears in JSON, e.g. `"name_taken"`.
std::string_view to_string(error_code code) noexcept;

/// An expected failure, as a value.
struct error {
  error_code code = error_code::none;
  std::string message;  ///< A sentence that says what was wrong, with the facts.

  friend bool operator==(const error&, const error&) = default;
};

/// Thrown when the value of a failed `result` is used.
class failure : public std::runtime_error {
 public:
  explicit failure(error why) : std::runtime_error(why.message), why_(std::move(why)) {}

  const error& why() const noexcept { return why_; }

 private:
  error why_;
};

}  // namespace actors
