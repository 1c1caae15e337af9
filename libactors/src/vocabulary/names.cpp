#include "actors/error.hpp"
#include "actors/event.hpp"
#include "actors/task_state.hpp"

namespace actors {

std::string_view to_string(error_code code) noexcept {
  switch (code) {
    case error_code::none: return "none";
    case error_code::invalid_argument: return "invalid_argument";
    case error_code::not_found: return "not_found";
    case error_code::not_owner: return "not_owner";
    case error_code::task_ended: return "task_ended";
    case error_code::no_parent: return "no_parent";
    case error_code::no_inbox: return "no_inbox";
    case error_code::inbox_closed: return "inbox_closed";
    case error_code::inbox_full: return "inbox_full";
    case error_code::name_reserved: return "name_reserved";
    case error_code::name_taken: return "name_taken";
    case error_code::capacity_reached: return "capacity_reached";
    case error_code::parent_ended: return "parent_ended";
    case error_code::parent_cancelled: return "parent_cancelled";
    case error_code::run_cancelled: return "run_cancelled";
    case error_code::journal_failed: return "journal_failed";
    case error_code::closed: return "closed";
    case error_code::unanswered: return "unanswered";
    case error_code::timed_out: return "timed_out";
    case error_code::cancelled: return "cancelled";
    case error_code::unsupported: return "unsupported";
    case error_code::not_allowed: return "not_allowed";
    case error_code::paused: return "paused";
  }
  return "unknown";
}

std::string_view to_string(task_state state) noexcept {
  switch (state) {
    case task_state::queued: return "queued";
    case task_state::running: return "running";
    case task_state::completed: return "completed";
    case task_state::failed: return "failed";
    case task_state::cancelled: return "cancelled";
    case task_state::timed_out: return "timed_out";
  }
  return "unknown";
}

std::string_view to_string(task_phase phase) noexcept {
  switch (phase) {
    case task_phase::active: return "active";
    case task_phase::cancelling: return "cancelling";
    case task_phase::finalizing: return "finalizing";
  }
  return "unknown";
}

std::string_view to_string(event_kind kind) noexcept {
  switch (kind) {
    case event_kind::started: return "started";
    case event_kind::custom: return "custom";
    case event_kind::stalled: return "stalled";
    case event_kind::completed: return "completed";
    case event_kind::failed: return "failed";
    case event_kind::cancelled: return "cancelled";
    case event_kind::timed_out: return "timed_out";
  }
  return "unknown";
}

event_kind kind_of(task_state terminal) noexcept {
  switch (terminal) {
    case task_state::completed: return event_kind::completed;
    case task_state::cancelled: return event_kind::cancelled;
    case task_state::timed_out: return event_kind::timed_out;
    default: return event_kind::failed;
  }
}

}  // namespace actors
