#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/actor.hpp"
#include "actors/admission.hpp"
#include "actors/delivery.hpp"
#include "actors/event.hpp"
#include "actors/query.hpp"
#include "actors/record.hpp"
#include "actors/task.hpp"

namespace actors {

/// What an owner wants to hear, and how much it may ask for.
struct owner_options {
  bool started_events = false;  ///< Also mail `started` when a body begins.
  /// Events are neither queued nor sent, but claimed: see owner::claim().
  bool by_claim = false;
  retry_policy retry = {};  ///< Of an owner with a sink, or by claim.
  /// How long a claim holds unless it says otherwise, and a sink may take for one event.
  duration lease = std::chrono::seconds(300);
  /// Counts this owner's tasks, those that its tasks started included. Decided together with the
  /// manager's limits.
  admission_limits limits = {};
};

/// Starts tasks and receives their events. Sees its own tasks only: the id of another owner's task
/// answers as one that does not exist.
///
/// The events of an owner go to one place, named when it was opened: to this object's own queue,
/// read by threads outside the runtime (`next_event`, `events_until_idle`); to an actor; or, when
/// taking an event may fail, to a sink or to whoever claims them, again and again until they are
/// done with: at least once, where `event::id` tells the second time from the first.
///
/// A handle: cheap to copy, any thread may use it. When the last one is gone, tasks go on, and
/// their events become dead letters of the manager.
class owner {
 public:
  explicit owner(std::shared_ptr<detail::owner_core> core) noexcept : core_(std::move(core)) {}

  const std::string& name() const noexcept;

  /// Starts a task: `owner.spawn({.name = "lead", .timeout = 10s}, lead, argument, …)`.
  ///
  /// `body` is a coroutine that takes a `task_context` and the arguments, by value, and gives a
  /// value that turns into JSON, or nothing. It is called when the task's turn comes, by the thread
  /// that runs it; what it raises then fails the task.
  ///
  /// Errors, each of which leaves nothing behind: `invalid_argument` (a field of the spec),
  /// `name_reserved`, `name_taken`, `capacity_reached`, `paused`, `run_cancelled`,
  /// `journal_failed`, `closed`.
  template <class Body, class... Args>
  result<task_handle> spawn(spec what, Body body, Args... args) const {
    return detail::spawn_task(*core_, nullptr, std::move(what), body, std::move(args)...);
  }

  /// This owner's tasks: the live ones and the ended ones that are retained, in order of their ids.
  std::vector<record> list() const;
  std::vector<record> list(const query& which) const;
  std::optional<record> get(task_id id) const;
  std::optional<task_handle> find(task_id id) const;
  /// The live task of this name.
  std::optional<task_handle> find(std::string_view name) const;
  /// A live child of `parent`, by its name or its id. What is further below is not found.
  std::optional<task_handle> find_child(task_id parent, std::string_view name) const;
  std::optional<task_handle> find_child(task_id parent, task_id id) const;
  /// A live task of this run that no task started, by its name or its id.
  std::optional<task_handle> find_in_run(std::string_view run_id, std::string_view name) const;
  std::optional<task_handle> find_in_run(std::string_view run_id, task_id id) const;
  /// Reads an id of this owner's manager, as to_string() wrote it; nothing for any other text.
  /// There need not be such a task.
  std::optional<task_id> parse_id(std::string_view text) const noexcept;
  bool has_running() const noexcept;
  /// Are all places of `max_running` taken, this owner's or the manager's? A spawn that brings no
  /// place of its own is then refused or queued.
  bool at_capacity() const;
  /// Drops the records of this owner's ended tasks whose events need no more attention; returns how
  /// many.
  std::size_t forget_ended() const;

  /// Tells a task and everything below it to stop; returns how many live tasks were told.
  std::size_t cancel(task_id id) const;
  /// Tells this task alone. False when there is no such live task.
  bool cancel_one(task_id id) const;
  /// Tells every task of this owner to stop; returns how many live ones were told. Those that wait
  /// for their turn get none while others end.
  std::size_t cancel_all(cancel_reason reason = cancel_reason::requested) const;
  /// Tells every task of this owner that works for this run, unless it has a live parent, and
  /// everything below it; returns how many live tasks were told. The run stays cancelled: this
  /// owner's later spawns under it are refused (`manager_options::max_cancelled_runs`).
  std::size_t cancel_run(std::string_view run_id) const;
  /// cancel_run(), and then waits until its tasks have ended; says what is left when the time is
  /// up. For threads outside the runtime: a new run takes the place of an old one.
  drain_report stop_run(std::string_view run_id, duration patience) const;
  /// Tells what is meant, as far as it is this owner's, and everything below it; returns how many
  /// live tasks were told.
  std::size_t cancel_matching(const selection& any) const;

  /// Sends to a task by id, as `task_handle::send` does. Its errors, and `not_found`.
  send_result send(task_id id, json content) const;
  receipt send_with_receipt(task_id id, json content, duration expiry = duration::max()) const;

  /// The next event; waits for one at most `patience`. For threads outside the runtime. In a
  /// simulated runtime it is empty, too, when nothing can happen any more.
  std::optional<event> next_event(duration patience = duration::max()) const;

  // --- Deliveries, of an owner that was opened with a sink or with `by_claim`; for others, these
  // do nothing and say so.

  /// The next event that is due, for `consumer`, who has it until it says what became of it or the
  /// lease is over; then somebody else may get it. Empty when none is due.
  std::optional<delivery> claim(const std::string& consumer, duration lease) const;
  std::optional<delivery> claim(const std::string& consumer) const;
  /// The lease begins anew. False here and below: the claim is not, or no longer, that consumer's.
  bool renew(const delivery& claimed, const std::string& consumer) const;
  bool complete(const delivery& claimed, const std::string& consumer) const;
  /// Tried again after a delay, see `retry_policy`.
  bool fail(const delivery& claimed, const std::string& consumer, std::string why) const;
  /// Tried again at once; does not count as an attempt.
  bool release(const delivery& claimed, const std::string& consumer) const;

  /// Holds back the events of these tasks, until unwatch() was called as often. Returns how many
  /// of them there are; what is unknown, or named twice, does not count.
  std::size_t watch(const std::vector<task_id>& tasks) const;
  /// Returns how many were watched.
  std::size_t unwatch(const std::vector<task_id>& tasks) const;
  /// The events of these tasks are known: drops those that wait, and those that come. Returns how
  /// many were dropped now; one that is in flight is not.
  std::size_t acknowledge(const std::vector<task_id>& tasks) const;
  /// Waits for the end of a task, on a thread outside the runtime. Who is given the outcome here is
  /// not told a second time: the task's events are acknowledged. Reading it by `get` or a handle
  /// acknowledges nothing. Empty when the time ran out, or there is no such task.
  std::optional<outcome> wait(task_id id, duration patience = duration::max()) const;

  /// For an owner that was opened with a sink: its events go to this one from now on; one that the
  /// old sink is working on stays with it. Names the registration, for remove_sink(): 2, 3, … (1 is
  /// the sink of the opening); 0 when the owner has no sinks, or was disposed of. Throws `failure`
  /// (`invalid_argument`) for an empty one.
  std::uint64_t set_sink(event_sink sink) const;
  /// False when another has taken its place. Until there is a new one, the ends that wait and those
  /// that come become dead letters, which replay_dead_letters() brings back; other events are gone.
  /// An end that the old sink is working on is among them, and so may be told twice.
  bool remove_sink(std::uint64_t registration) const;

  delivery_state deliveries() const;
  /// Waits, outside the runtime, until nothing is left to deliver. False when the time is up, or as
  /// soon as it is clear that the next attempt comes after that. A negative time is none.
  bool drain_deliveries(duration patience) const;
  /// As long as what it returns lives, nothing is handed out. Any thread may begin or end one.
  turn begin_turn() const;

  /// Sends this owner's dead letters once more, under their old ids; returns how many.
  std::size_t replay_dead_letters() const;

  /// Waits, on a thread outside the runtime, until this owner has no live task; says what is left
  /// when the time is up. Cancels nothing.
  drain_report drain(duration patience) const;

  /// Takes no more tasks, tells all to stop, waits for their ends and the deliveries, and gives up
  /// what is left when the time is over: it becomes dead letters. Returns whether nothing was left.
  /// Blocks its thread: for threads outside the runtime.
  bool dispose(duration patience) const;

  class event_range;
  /// `for (const auto& event : owner.events_until_idle())`: each event as it comes, until this
  /// owner has no live task and every event was read. In a simulated runtime the events also end
  /// when nothing can happen any more, with tasks that still live; has_running() tells.
  event_range events_until_idle() const;

  const std::shared_ptr<detail::owner_core>& core() const noexcept { return core_; }

 private:
  std::shared_ptr<detail::owner_core> core_;
};

/// The events that events_until_idle() gives, read once.
class owner::event_range {
 public:
  class iterator {
   public:
    using value_type = event;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    iterator() = default;
    explicit iterator(detail::owner_core* from) : from_(from) { ++*this; }
    const event& operator*() const noexcept { return *current_; }
    const event* operator->() const noexcept { return &*current_; }
    iterator& operator++();
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator& left, std::default_sentinel_t) noexcept {
      return !left.current_.has_value();
    }

   private:
    detail::owner_core* from_ = nullptr;
    std::optional<event> current_;
  };

  explicit event_range(std::shared_ptr<detail::owner_core> from) noexcept
      : from_(std::move(from)) {}
  iterator begin() const { return iterator(from_.get()); }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  std::shared_ptr<detail::owner_core> from_;
};

}  // namespace actors
