#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/admission.hpp"
#include "actors/changes.hpp"
#include "actors/clock.hpp"
#include "actors/delivery.hpp"
#include "actors/event.hpp"
#include "actors/journal.hpp"
#include "actors/owner.hpp"
#include "actors/query.hpp"
#include "actors/record.hpp"
#include "actors/stall.hpp"
#include "actors/task_id.hpp"

namespace actors {

/// What becomes of a spawn whose name is taken.
enum class taken_name : std::uint8_t {
  refuse,  ///< It is refused, `name_taken`. A name is free again when its task has ended.
  /// It gets the lowest number that is free: `build-2`, `build-3`, …; one without a name becomes
  /// `job_1`, `job_2`, …. Spaces around names go. A name stays taken until the record goes.
  number,
};

/// How a manager works, as data.
struct manager_options {
  admission_limits limits = {};
  id_scheme ids = id_scheme::bg;
  taken_name names = taken_name::refuse;
  /// From cancel (or deadline) until a body that has not ended is abandoned. Zero: at once;
  /// `duration::max()`: never.
  duration grace = std::chrono::seconds(5);
  /// Ended tasks whose records are kept; oldest go first. Above a hundred or so, they go in small
  /// batches: the next list() is exact, until then a few more can be found by their id.
  std::size_t max_finished = 10'000;
  /// How long the record of an ended task is kept at most, since its event was taken; zero: not at
  /// all. What is too old goes when the manager is next asked for a task, or one ends.
  duration ttl = duration::max();
  std::size_t max_dead_letters = 1'000;  ///< Events kept whose owner is gone; oldest go first.
  /// Run ids that cancel_run() remembers, for the manager and for each owner; oldest go first.
  std::size_t max_cancelled_runs = 10'000;
  std::uint32_t inbox_capacity = 65'536;  ///< Of tasks whose spec does not say; 0: no limit.
  std::shared_ptr<actors::journal> journal = {};  ///< None: records live in memory only.
  bool requires_journal = false;                  ///< Without one, the manager is not opened.
  /// Ends that the journal refused and is offered again; the oldest are reported and go.
  std::size_t max_unwritten_ends = 10'000;
  std::optional<stall_policy> stall = {};  ///< Absent: tasks may be quiet for ever.
  /// A line for the person in charge each time an inbox holds another so many messages: somebody
  /// does not keep up. 0: none.
  std::uint32_t inbox_warning = 0;
  /// Told in one line what nobody else is told: a result that is lost for good, an end that the
  /// journal did not take, a deep inbox. Any thread, sometimes under locks: it must not call back.
  /// Default: a line on stderr; of what happens often the 1st, 2nd, 4th, 8th, … only.
  std::function<void(const std::string&)> on_report = {};
  std::size_t history = 0;  ///< Changes that are kept for subscribe(); oldest go first.
};

/// What a manager has counted since it was opened. While tasks come and go, the figures are of
/// slightly different moments, but add up: `accepted - ended` are those that live.
struct manager_metrics {
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;  ///< Spawns that were refused, for whatever reason.
  std::uint64_t ended = 0;     ///< The sum of the next four.
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t timed_out = 0;
  std::size_t running = 0;
  std::size_t queued = 0;
  std::uint64_t stalls = 0;            ///< That `stall_policy` dealt with.
  std::uint64_t journal_failures = 0;  ///< The sum of the next two.
  std::uint64_t journal_failures_accepted = 0;
  std::uint64_t journal_failures_ended = 0;
  std::size_t unwritten_ends = 0;  ///< Those that the journal has not taken yet.
  // Of owners with a sink, or by claim.
  std::size_t deliveries_waiting = 0;
  std::size_t deliveries_in_flight = 0;
  std::uint64_t delivery_failures = 0;  ///< Attempts, those whose lease ran out included.
  std::uint64_t dead_letters = 0;       ///< Also those that are no longer kept.
};

namespace detail {
class manager_core;
}

/// Admits tasks, supervises them, answers queries. A handle: cheap to copy, any thread may use it.
class manager {
 public:
  explicit manager(std::shared_ptr<detail::manager_core> core) noexcept : core_(std::move(core)) {}

  /// An owner whose events are read with next_event(). Throws `failure` (`invalid_argument`) for
  /// options that make no sense.
  owner open_owner(std::string name, owner_options options = {}) const;
  /// An owner whose events go to `receiver`, in order per task.
  owner open_owner(std::string name, actor_ref<event> receiver, owner_options options = {}) const;
  /// An owner whose events are given to `sink` until it has taken them; see `event_sink`.
  owner open_owner(std::string name, event_sink sink, owner_options options = {}) const;

  /// In order of their ids; the live tasks, and the ended ones that are retained.
  std::vector<record> list() const;
  std::vector<record> list(const query& which) const;
  /// Are all places of `max_running` taken? A spawn is then refused or queued.
  bool at_capacity() const;
  /// Drops the records of ended tasks whose events need no more attention; returns how many.
  std::size_t forget_ended() const;

  /// Tells every task to stop; returns how many live ones were told. Those that wait for their turn
  /// get none while others end.
  std::size_t cancel_all(cancel_reason reason = cancel_reason::requested) const;
  /// As the owners' cancel_run() and cancel_matching(), for all owners.
  std::size_t cancel_run(std::string_view run_id) const;
  std::size_t cancel_matching(const selection& any) const;

  manager_metrics metrics() const;

  /// For readers that keep their own picture: the tasks now, then what changes. A manager without
  /// `manager_options.history` gives the tasks only.
  snapshot take_snapshot() const;
  /// The changes with greater numbers than this.
  subscription subscribe(std::uint64_t after) const;

  /// Events that nobody took, oldest first: their owner was gone, or refused them too often.
  std::vector<dead_letter> dead_letters() const;
  /// Forgets those of this owner, or of all when no name is given; returns how many.
  std::size_t clear_dead_letters(const std::string& owner = {}) const;

  /// Refuses new tasks (`paused`) until resume(), those that tasks would start included. What was
  /// accepted goes on: tasks run, queued ones start when it is their turn, and children in their
  /// parent's slot, which belong to an accepted task, are still taken.
  void pause() const noexcept;
  void resume() const noexcept;
  bool is_paused() const noexcept;

  /// Waits, on a thread outside the runtime, until every task has ended; says what is left when
  /// the time is up. Cancels nothing.
  drain_report drain(duration patience) const;

  const std::shared_ptr<detail::manager_core>& core() const noexcept { return core_; }

 private:
  std::shared_ptr<detail::manager_core> core_;
};

}  // namespace actors
