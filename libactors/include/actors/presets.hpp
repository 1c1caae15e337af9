#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "actors/manager.hpp"

/// Ways in which others run background work, as values of the same options: a start, to be changed
/// field by field.
///
///     auto how = presets::delegation();
///     how.limits.max_running = 5;
///     auto manager = runtime.open_manager(how);
namespace actors::presets {

/// A few agents that work for one that talks to a person. Three at a time, and a fourth is refused,
/// with the advice to wait; those may start others, which may not. Cancelling waits for the body,
/// however long it takes. The last 50 are remembered, for a week; ids are `deleg_` and eight
/// digits.
inline manager_options delegation() {
  return {.limits = {.max_running = 3, .max_depth = 2, .max_children = 3},
          .ids = id_scheme::deleg,
          .grace = duration::max(),
          .max_finished = 50,
          .ttl = std::chrono::hours(7 * 24)};
}

/// Tasks in the background of a thread that goes on: as many as are asked for, with inboxes that
/// are never full, but reported at every 256 messages. Cancelling waits for the body, however long
/// it takes. Each is written down in `journal`, which there must be.
inline manager_options background_tasks(std::shared_ptr<journal> journal) {
  return {.grace = duration::max(),
          .inbox_capacity = 0,
          .journal = std::move(journal),
          .requires_journal = true,
          .inbox_warning = 256};
}

/// Helpers of one agent. Three at a time; others wait for their turn, for 30 minutes at most. None
/// may start another.
inline manager_options subagents() {
  return {.limits = {.max_running = 3,
                     .max_depth = 1,
                     .when_full = on_full::queue,
                     .max_wait = std::chrono::minutes(30)}};
}

/// Shell commands and other jobs of a session. Fifteen at a time, and one more is refused. A
/// cancelled job has its outcome at once, whatever its body does. Records are kept for five
/// minutes, and with them the names, which are numbered when they are taken.
inline manager_options jobs() {
  return {.limits = {.max_running = 15},
          .names = taken_name::number,
          .grace = duration::zero(),
          .ttl = std::chrono::minutes(5)};
}

}  // namespace actors::presets
