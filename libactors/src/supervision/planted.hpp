#pragma once

namespace actors::detail {

/// Mistakes that can be made on purpose, to see that the tests find them.
///
/// Each stands in one place of the sources beside this. Nothing is left of the question in a build
/// without ACTORS_PLANTED_BUGS, which is every build but that of the test.
enum class bug : unsigned char {
  none,
  mail_before_journal,      ///< An end is known before it is written down.
  journal_refusal_ignored,  ///< A task is started although the journal refused it.
  postman_not_woken,        ///< A sink is not told that something came.
  watcher_not_told,         ///< One who waits for an end is left waiting.
  slot_freed_twice,
  slot_kept_by_refused,  ///< What a refused task was counted as stays counted.
  turn_forgotten,        ///< A place becomes free, and nobody is started.
  undelivered_evicted,   ///< A record goes before its event was taken.
  never_evicted,         ///< A record stays when its event was taken.
  late_child_accepted,   ///< A child of a task that was told to stop.
  children_not_told,     ///< A cancel does not go down the tree.
  parent_ends_first,
  grace_not_watched,  ///< A body that does not listen is never given up.
  cancelled_run_forgotten,
  second_end,  ///< A cancel changes the state of a task that has ended.
  end_told_twice,
  gap_in_sequence,
  name_freed_early,  ///< While the task waits for its children.
  name_never_freed,
  dead_letter_lost,     ///< Nobody reads it, nobody keeps it.
  dropped_when_spent,   ///< The last try fails, and there is no dead letter.
  dropped_when_failed,  ///< The first try fails, and there is no second.
  late_claim_accepted,  ///< The lease is over, and its consumer is heard.
  lease_never_over,
  acknowledged_retried,  ///< It failed, was acknowledged meanwhile, and comes again.
  watched_handed_out,
  turn_ignored,        ///< Something is handed out in the middle of a turn.
  newest_first,        ///< A task's events are handed out in another order.
  foreign_task_found,  ///< Of another owner.
  closed_owner_accepts,
  pause_ignored,
  wait_never_over,  ///< A queued task is not expired.
  timeout_ignored,
  waited_end_handed_out,  ///< Although somebody waited and knows.
  dead_letters_unbounded,
  unread_not_told,  ///< A receipt of what the body never took.
  children_unlimited,
  leaf_spawns,            ///< A task that may not start others does.
  end_not_offered_again,  ///< The journal refused it once.
  old_sink_stays,         ///< Although it was taken away.
  kept_name_given_away,   ///< Where names are numbered.
};

#ifdef ACTORS_PLANTED_BUGS
inline bug planted_bug = bug::none;
inline bool is_planted(bug one) noexcept { return planted_bug == one; }
#else
constexpr bool is_planted(bug) noexcept { return false; }
#endif

}  // namespace actors::detail
