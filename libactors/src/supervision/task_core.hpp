#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "../runtime/small_mutex.hpp"
#include "actors/detail/engine.hpp"
#include "actors/detail/hints.hpp"
#include "actors/detail/memory.hpp"
#include "actors/detail/spawn_task.hpp"
#include "actors/event.hpp"
#include "actors/record.hpp"
#include "departed_stack.hpp"
#include "kept_outcome.hpp"
#include "mail_ring.hpp"
#include "policy.hpp"

namespace actors::detail {

class manager_core;
class owner_core;
struct shared_place;

/// One supervised task: the node of the tree, the state, the outcome. The coroutine that does the
/// work is a cell, which is made when the body is called, or when somebody needs its mailbox before
/// that, and which this keeps alive until the body has ended.
///
/// Invariants:
///   1. `parent` never changes, and is kept alive. A task is in its parent's list of children from
///      its acceptance until it has ended and has no children itself, or a little longer: while the
///      parent's body runs, a few that have ended wait to be taken out together.
///   2. Once `refuses_children_` is set it stays set, and no child is added; it is set and the
///      children are listed under one lock. So a walk that sets it on the way down reaches every
///      task below.
///   3. The state only moves forward; the outcome is set before the state becomes terminal, and
///      neither changes after.
///   4. `seq_` counts the events that were mailed, under the lock and in the order of mailing.
///
/// Any thread may call the members, but for those of `end_observer`. The lock of a parent may be
/// held while a child's is taken, never the other way round.
class alignas(body_room::alignment) task_core final : public list_link,
                                                      public end_observer,
                                                      public late_actor {
 public:
  task_core(owner_core& owner, task_ptr parent, spec&& what, body_room room);
  task_core(const task_core&) = delete;
  task_core& operator=(const task_core&) = delete;
  ~task_core();

  static void* operator new(std::size_t bytes, body_room room) {
    return allocate(bytes + room.bytes());
  }
  static void operator delete(void* memory, body_room room) noexcept {
    deallocate(memory, sizeof(task_core) + room.bytes());
  }
  static void operator delete(task_core* task, std::destroying_delete_t) noexcept {
    const auto room = task->room_;
    task->~task_core();
    operator delete(task, room);
  }

  // --- Set by the draft, before anybody else knows the task.
  task_id id;
  owner_core* const owner;  // kept by the root of the tree
  kept_spec what;
  task_ptr parent;  // never changes
  const std::uint32_t depth;
  /// Of `what`, which is in another core's cache when a worker runs the task.
  kept_spec::brief its;
  const bool is_root;
  /// Kept by the manager's admission_control, under its lock: whether the task is counted at
  /// present, and the place that it shares or waits for.
  bool counts = false;
  shared_place* place = nullptr;

  /// Counts itself in as child of its parent, unless that takes no more. `inside` runs under the
  /// parent's lock, and decides too.
  template <class Inside>
  error enter_tree(Inside inside);
  /// Takes back enter_tree(), for a task that is given up before it was accepted.
  void leave_tree();

  /// Before anybody else knows the task.
  void set_spec(kept_spec to) noexcept {
    what = std::move(to);
    its = what.in_brief();
  }
  void set_body(unbegun_ptr body, collect_function collect) noexcept;
  /// Lets the body begin, and takes over the reference, for it; does nothing when the task was
  /// cancelled while it was queued.
  static void start(task_ptr shared, bool was_queued);
  /// The task was accepted and waits for its turn. Ends it when it was cancelled meanwhile.
  void wait_for_turn();
  /// The task was refused: its body goes, unstarted, and whoever found it meanwhile learns that.
  void refuse(const error& why);
  /// Shuts it before it was accepted, unless somebody told it to stop: then it was counted as told,
  /// and must be accepted.
  bool withdraw();

  // --- Queries
  task_state state() const noexcept { return state_.load(std::memory_order_acquire); }
  actors::record record() const;
  /// Is it certain that the task is taken on? False for a moment after it is found by its id.
  bool is_accepted() const;
  /// `use(has_ended)` under the task's lock: when it has, its last event was mailed, and when it
  /// has not, it was not.
  template <class Use>
  auto with_end(Use use) const {
    const std::lock_guard lock(mutex_);
    return use(is_terminal(state_.load(std::memory_order_relaxed)));
  }
  /// Has the body ended, or been given up?
  bool is_closed() const noexcept { return closed_.load(std::memory_order_acquire); }
  /// The cell, with a reference for the caller; null when the body has ended. Makes it, if need be.
  strand* cell();
  /// Is there a body that has begun and not ended, abandoned or not?
  bool body_runs() const noexcept { return body_runs_.load(std::memory_order_acquire); }

  /// Changes with each thing that the task does: a turn, an event, the end of its body.
  std::uint64_t progress() const;

  // --- Messages and events
  /// A message is packed before anybody is locked, and where it stays until the body has it.
  using packed_mail = std::unique_ptr<message_node<mail>>;
  /// `on_terms`: `answer` is a `mail_terms`.
  send_result send(packed_mail message, bool on_terms = false);
  receipt send_with_receipt(packed_mail message, duration expiry);
  void close_inbox() noexcept;
  bool emit(std::string type, json payload);
  /// Mails that nothing happened for so long, and answers its progress from then on; nothing when
  /// something has happened since `seen`.
  std::optional<std::uint64_t> report_stall(std::uint64_t seen, duration quiet);

  // --- Cancel
  /// Tells this task and all below it; returns how many live ones were told.
  std::size_t cancel_tree(cancel_reason reason);
  /// Tells these tasks of one manager, which are in order of ids, and all below them, each once;
  /// returns how many live ones were told.
  static std::size_t cancel_all(std::vector<task_ptr> tasks, cancel_reason reason);
  /// Tells this task only. False when it has ended.
  bool cancel(cancel_reason reason);
  /// It was queued for that long and is no longer: it ends without a start.
  void expire(duration waited);
  /// Gives up a body that did not end in the time that it was given.
  void abandon(duration given);
  /// Gives up a body because nothing happened for so long.
  void abandon_stalled(duration quiet);

  // --- Waiting for the end
  using watcher_action = std::function<void(const kept_outcome&)>;
  /// Called once with the outcome, on the thread that ends the task; here and now when it has
  /// ended already. `key` names the watcher for unwatch().
  void watch(watcher_action tell, const void* key);
  void unwatch(const void* key) noexcept;
  std::size_t watchers() const;
  bool wait(time_point deadline);
  outcome end() const;

  // --- late_actor
  strand* begin() noexcept override;
  void give_up() noexcept override { drop_ref(); }
  engine& home() noexcept override;

  // --- end_observer
  void actor_ended(promise_base* promise, remains& left) noexcept override;

  /// Drops these references, to tasks that nobody can find any more.
  static void drop_all(std::span<task_ptr> forgotten) noexcept;

  void add_ref() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  /// Before anybody else knows the task, or its name is taken: then it can be found.
  task_ptr share_unknown() noexcept {
    references_.store(references_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return task_ptr::adopt(this);
  }
  void drop_ref() noexcept { drop_refs(1); }

 private:
  friend class task_draft;
  friend class departed_stack<task_core>;

  class body_request;

  // Hints to the processor: a task that has ended, and then what it keeps, will be used soon.
  void fetch() const noexcept { prefetch(this, sizeof(*this)); }
  void fetch_parts() const noexcept {
    end_.fetch_texts();
    fetch_spec();
  }
  // The first line says how long it is.
  void fetch_spec() const noexcept { prefetch(what.address(), 1); }
  /// Who gives the outcome: the body, whoever has claimed the end, or whoever gives the body up.
  enum class settled : std::uint8_t { by_body, as_claimed, giving_up };

  struct timeout_alarm final : alarm {
    explicit timeout_alarm(task_core& task) noexcept : self(task) {}
    void fire() noexcept override;
    task_core& self;
  };
  struct watcher {
    watcher_action tell;
    const void* key;
  };
  using watcher_list = std::unique_ptr<std::vector<watcher>>;

  /// How far a signal goes: to the task only; to the whole tree; to what no walk has reached yet.
  enum class reach : std::uint8_t { task, tree, rest_of_tree };
  bool signal(cancel_reason reason, reach how, std::vector<task_ptr>& children);
  std::size_t spread(cancel_reason reason, reach how);
  error refuse_child_locked() const;
  /// Is there a limit of children?
  bool counts_among_siblings() const noexcept;
  void leave_siblings() noexcept;
  void append_children_locked(std::vector<task_ptr>& to) const;
  /// It was told to stop: from now on its body has the grace period.
  void begin_grace();
  void disarm_timeout() noexcept;
  /// Makes the cell if it is not there yet. False when the task has ended.
  bool ensure_cell_locked();
  /// With a reference for the caller.
  strand& make_cell_locked(std::size_t frame_bytes, void** frame);
  /// The cell to launch, with a reference; null when there is none.
  strand* call(unbegun_ptr body);
  /// What it had when it ended: `body` when that was never called, the cell when there was one.
  void drop_body(unbegun_ptr body, strand* cell, settled how);
  bool is_shut_locked() const noexcept;
  cancel_reason reason() const;
  const char* awaiting_locked() const noexcept;
  /// The time-out to blame when the task ends by a deadline; zero when it was not its own.
  duration blamed_timeout() const noexcept;
  kept_outcome conclude(promise_base& body) const;
  template <class Result>
  kept_outcome conclude_by(cancel_reason told, Result result) const;
  kept_outcome conclude_failure(const std::exception_ptr& raised) const;
  /// From now on nobody else ends the task, or lets it begin. False when somebody has done so.
  bool claim_end_locked() noexcept;
  /// For one that was told to stop while it was accepted, and needs no worker to end: claims its
  /// end and gives the reason, for settle_unstarted(). `none`: it goes on.
  cancel_reason end_if_told_locked();
  void start_locked(bool was_queued);
  void settle(kept_outcome&& end, settled how = settled::by_body);
  void settle_unstarted(cancel_reason reason);
  void complete_above(bool has_no_children);
  void tell_end(const watcher_list& watchers) const;
  void write_down(unix_ms at);
  /// What the end of a task leaves to be done without its lock.
  struct last_duties {
    watcher_list watchers;
    bool has_no_children;  // and gets none any more
  };
  /// True when it has no children, and gets none any more.
  bool publish();
  last_duties publish_locked(unix_ms at);
  void fulfil(last_duties& left);
  bool is_leaf() const;
  bool forget_child(task_core& child, bool has_no_children);
  /// Takes those that have left the stack out of the list; for drop_departed().
  task_core* forget_departed_locked(task_core* first) noexcept;
  /// The references that the list had.
  static void drop_departed(task_core* first) noexcept;
  void sweep() noexcept;
  void drop_refs(std::uint32_t count) noexcept;
  /// True when these were the last: then the caller destroys the task.
  bool give_references(std::uint32_t count) noexcept {
    // Acquire and release: the last one sees all that the others did before it destroys. Who has
    // all that there are need not count: there is nobody left to take one.
    return references_.load(std::memory_order_acquire) == count ||
           references_.fetch_sub(count, std::memory_order_acq_rel) == count;
  }
  void prune();
  std::uint64_t progress_locked() const noexcept;
  void note_change_locked(task_state now, unix_ms at) const;
  [[gnu::noinline]] void add_to_history(task_state now, unix_ms at) const;
  template <class Conclude>
  void end_without_body(cancel_reason by_default, Conclude conclude);
  send_result send_to_ring(mail&& message, std::unique_lock<small_mutex>& lock);
  send_result refuse_closed(json&& content) const;
  error full_inbox() const;
  /// Where the manager has such a warning. Under the lock, which it may give back.
  void watch_depth(std::unique_lock<small_mutex>& lock);
  /// In place of a text.
  struct no_text {};
  template <class Type = no_text, class Payload = json, class Error = no_text>
  bool mail_locked(unix_ms at, event_kind kind, Type&& type, Payload&& payload, Error&& error);

  // In the order in which they are used. What is written for each child that comes is in one cache
  // line, with the lock, what children read in the one before, and what they write when they go,
  // but for every fifteenth, in the one behind.
  task_core* next_departed = nullptr;  // of the parent's stack, when this has ended
  unix_ms created_at_ms_ = 0;
  collect_function collect_ = nullptr;

  mutable small_mutex mutex_;
  std::atomic<std::uint32_t> references_{1};
  list_link children_;
  std::uint32_t awaited_children_ = 0;
  std::atomic<std::uint32_t> live_children_{0};  // counted where they are limited
  std::atomic<task_state> state_{task_state::queued};
  std::atomic<bool> closed_{false};
  std::atomic<bool> body_runs_{false};
  std::atomic<bool> timed_out_{false};  // its own time-out was what told it to stop
  // Under the lock, and in one byte: eight more would be thirty-two more.
  bool accepted_ : 1 = false;  // counted in, so that an end must be told
  bool refuses_children_ : 1 = false;
  bool walked_ : 1 = false;  // a walk told this task and goes, or went, on to its children
  bool completing_ : 1 = false;
  bool closes_inbox_ : 1 = false;     // also before there is a cell
  bool is_being_called_ : 1 = false;  // the body
  bool cancels_some_ : 1 = false;     // children, when it ends, however it does
  cancel_reason reason_ = cancel_reason::none;
  const body_room room_;
  std::uint32_t dropped_messages_ = 0;
  std::uint32_t reported_depth_ = 0;  // of the inbox
  std::uint64_t seq_ = 0;
  strand* cell_ = nullptr;  // null before and after

  unbegun_ptr body_;                 // until it is called
  std::unique_ptr<mail_ring> ring_;  // null unless a full inbox drops the oldest
  unix_ms started_at_ms_ = 0;
  kept_outcome end_;                        // set when it was claimed, or a little later
  departed_stack<task_core> departed_;      // children that have ended, still in the list; shut
                                            // when the body has ended
  watcher_list watchers_;                   // null while there are none
  std::unique_ptr<timeout_alarm> timeout_;  // null when the spec sets none
};

template <class Inside>
error task_core::enter_tree(Inside inside) {
  if (!parent) return inside();
  const std::lock_guard lock(parent->mutex_);
  if (auto why = parent->refuse_child_locked(); why.code != error_code::none) return why;
  auto in_list = share_unknown();
  auto why = inside();
  if (why.code != error_code::none) return why;
  in_list.detach();
  insert_before(parent->children_);
  if (counts_among_siblings()) parent->live_children_.fetch_add(1, std::memory_order_relaxed);
  if (policy::waits_for_child(its.life())) ++parent->awaited_children_;
  if (policy::cancels_child(its.life(), task_state::completed)) parent->cancels_some_ = true;
  return {};
}

}  // namespace actors::detail
