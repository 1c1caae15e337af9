#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "actors/clock.hpp"
#include "actors/json.hpp"

namespace actors {

/// What becomes of a task when the task that started it ends first.
enum class lifetime : std::uint8_t {
  bound,     ///< The parent ends after it; a parent that did not complete cancels it.
  cancel,    ///< Cancelled as soon as the parent's body has ended, whatever its result.
  outlives,  ///< Goes on. Cancelling the tree above still reaches it.
};

/// Whether a task takes messages, and what gives way when its inbox is full.
enum class inbox_policy : std::uint8_t {
  reject,       ///< The new message is refused, `inbox_full`.
  drop_oldest,  ///< The oldest one that the body has not taken makes room.
  drop_newest,  ///< The new message is dropped; only a receipt tells its sender.
  none,         ///< It takes no messages; each is refused, `no_inbox`.
};

/// Who is told what happens to a task.
enum class events_go : std::uint8_t {
  to_owner,
  nowhere,  ///< Nothing is mailed; its parent awaits it, and its record shows it.
};

/// What to run, as data. Checked as a whole before anything is started.
///
/// Designated initialisers read best: `{.name = "critic", .goal = "challenge the claim"}`.
struct spec {
  /// Unique among the owner's live tasks; empty for none. Refused: `parent`, `self`, `all`,
  /// `broadcast`, names that look like an id (`bg_<n>`, or as the manager writes its own), and what
  /// is not UTF-8 or holds control characters: names stand in lines of text.
  std::string name = {};
  std::string goal = {};   ///< What it is for, in words; carried in every record and event.
  std::string type = {};   ///< What kind of work it is, e.g. `"reader"`; free to choose.
  json context = nullptr;  ///< Whatever else the owner of the events needs to make sense of them.
  /// From its start until it and all below it are told to stop; zero for none.
  duration timeout = duration::zero();
  lifetime life = lifetime::bound;
  events_go events = events_go::to_owner;
  /// Messages that may wait in the inbox; 0 for the manager's default.
  std::uint32_t inbox_capacity = 0;
  inbox_policy inbox = inbox_policy::reject;
  /// Live tasks of one owner with the same slot take one place of `max_running` together, from the
  /// start of the first to the end of the last. Empty: a place of its own.
  std::string slot = {};
  /// Takes no place of its own: its parent's, together with it. Needs a parent, and no `slot`.
  bool in_parents_slot = false;
  /// Stands for `max_running` of the manager's limits when it is decided about this task. Those
  /// must be set, and must refuse what is too much.
  std::optional<std::size_t> max_running = {};
  bool may_spawn = true;  ///< May it start others?

  // Lineage beyond the parent task; what is empty is inherited from the task that spawns.
  std::string run_id = {};
  std::string call_id = {};
  std::string agent_id = {};
};

/// Where a task comes from: the task that started it (empty when an owner did) and the ids of the
/// run, tool call and agent that it works for.
struct lineage {
  std::string task_id = {};
  std::string run_id = {};
  std::string call_id = {};
  std::string agent_id = {};

  friend bool operator==(const lineage&, const lineage&) = default;
};

/// Which tasks are meant: all for which any of these is true. What is empty means nobody.
struct selection {
  std::string owner = {};  ///< The name of their owner.
  std::string run_id = {};
  std::string call_id = {};
  std::string agent_id = {};
};

}  // namespace actors
