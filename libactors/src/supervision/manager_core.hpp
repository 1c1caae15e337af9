#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "../runtime/live_count.hpp"
#include "actors/manager.hpp"
#include "admission_control.hpp"
#include "cancelled_runs.hpp"
#include "change_history.hpp"
#include "policy.hpp"
#include "stall_watch.hpp"
#include "task_core.hpp"
#include "task_table.hpp"

namespace actors::detail {

class delivery_room;

/// Admits tasks, knows them by id, and keeps what they leave behind, within its limits.
///
/// Where no limits are, a manager only counts, on each thread by itself; where there are some, it
/// decides and counts under one lock.
///
/// Lock order: a parent's lock, a task's, `kept_`, an owner's names, that of a delivery room, of
/// admission, of `grace_`, or `unwritten_mutex_`, the table's.
class manager_core : public std::enable_shared_from_this<manager_core> {
 public:
  manager_core(engine& where, manager_options how);

  const manager_options options;
  const id_series ids;
  engine& where() const noexcept { return where_; }

  /// Counts a task in, as running or queued, or says why not; assigns its id.
  error admit(task_core& task);
  void count_rejection() noexcept { rejected_.fetch_add(1, std::memory_order_relaxed); }
  /// Undoes admit() for a task that could not be accepted in the end.
  void retract(task_core& task);
  /// From now on the task is found by its id.
  void enlist(task_ptr task) { table_.insert(std::move(task)); }
  /// Takes back enlist().
  void strike(const task_core& task) { table_.remove(task.id); }
  /// It takes its turn.
  void enter(task_ptr task);
  /// The task has its outcome: frees its slot. Under the task's lock.
  void leave(task_core& task);
  /// Starts what waited for a slot.
  void start_queued();
  /// While one lives, no task that waits for its turn gets the place of one that ends: for those
  /// who tell many to stop, one after the other. Not to be made or dropped under a task's lock.
  class held_turns {
   public:
    explicit held_turns(manager_core& of) : home_(of), holds_(of.admission_.hold_turns()) {}
    held_turns(const held_turns&) = delete;
    held_turns& operator=(const held_turns&) = delete;
    ~held_turns() {
      if (!holds_) return;
      home_.admission_.release_turns();
      home_.start_queued();
    }

   private:
    manager_core& home_;
    const bool holds_;
  };

  /// After the terminal event was mailed: the task counts as ended.
  void retain(const task_core& task);
  /// Are there any of tasks that have ended?
  bool keeps_records() const noexcept {
    return options.max_finished != 0 && options.ttl > duration::zero();
  }
  /// The event of this ended task needs no more attention: its record may go when there are many.
  void keep_finished(task_id id);
  /// The task was told to stop: abandons it if it has not ended after the grace period.
  void watch_grace(const task_core& task);

  task_ptr find(task_id id);
  /// In order of ids; of one owner, or of all when null.
  std::vector<task_ptr> tasks(const owner_core* owner);
  std::vector<record> list(const query& which, const owner_core* owner);
  snapshot take_snapshot();
  /// Null when none is kept.
  change_history* history() const noexcept { return history_.get(); }
  /// In no particular order.
  std::vector<task_ptr> running_tasks() const;
  bool has_live_tasks() const noexcept { return !tasks_.is_zero(); }
  /// `of`: null for the manager's places only.
  bool at_capacity(const owner_core* of) const { return admission_.is_full(of); }
  /// Forgets what has ended, of one owner or of all; returns how many.
  std::size_t forget_ended(const owner_core* of);

  /// Tells the tasks of a run, of one owner or of all when null, and all below them; the run stays
  /// cancelled. Returns how many live tasks were told.
  std::size_t cancel_run(std::string_view run, owner_core* of);
  std::size_t cancel_matching(const selection& any, const owner_core* of);
  bool is_run_cancelled(std::string_view run) const { return cancelled_runs_.contains(run); }

  /// Only with a journal.
  result<void> journal_accepted(const task_core& task);
  void journal_ended(const record& task) noexcept;
  /// Offers the journal each end that it did not take once more, while there is time. True when it
  /// took one.
  bool write_again(time_point deadline) noexcept;
  void report(const std::string& line) const noexcept;
  void add_dead_letter(dead_letter&& lost);
  void count_delivery_failures(std::uint64_t more) noexcept {
    delivery_failures_.fetch_add(more, std::memory_order_relaxed);
  }
  std::vector<dead_letter> dead_letters() const;
  /// Hands out, and forgets, those of this owner; of all when null.
  std::vector<dead_letter> take_dead_letters(const std::string* owner);
  /// Takes back some that take_dead_letters() gave.
  void put_back(std::vector<dead_letter>&& letters);
  void add_room(const std::shared_ptr<delivery_room>& room);
  /// Waits until nothing can be delivered any more before the deadline.
  void drain_deliveries(time_point deadline);
  manager_metrics metrics() const;

  bool wait_until_drained(time_point deadline);
  /// Refuses further tasks. Sequentially consistent, as an owner's door is.
  void close() noexcept { closed_.store(true, std::memory_order_seq_cst); }
  bool is_closed() const noexcept { return closed_.load(std::memory_order_seq_cst); }
  /// Refuses further tasks, but for parts of accepted ones.
  void set_paused(bool paused) noexcept { paused_.store(paused, std::memory_order_release); }
  bool is_paused() const noexcept { return paused_.load(std::memory_order_acquire); }
  /// The engine is about to go: nothing may wait in it any more.
  void detach() noexcept;
  bool is_detached() const noexcept { return detached_.load(std::memory_order_acquire); }
  /// Forgets all tasks; handles keep theirs.
  void clear();

 private:
  /// Grace periods of one manager are equally long, so those who are in one stand in a queue, and
  /// one alarm is armed for the first of them. Who has ended meanwhile is passed over.
  struct grace_queue final : alarm {
    explicit grace_queue(manager_core& manager) noexcept : self(manager) {}
    void fire() noexcept override { self.end_grace(); }
    time_point still_needed_at() noexcept override;
    /// The first that has not ended; those before it are forgotten.
    task_ptr first_locked() noexcept;

    struct entry {
      time_point deadline;
      task_id id;
    };
    manager_core& self;
    std::mutex mutex;
    std::deque<entry> waiting;
    std::shared_ptr<manager_core> kept;  // while the alarm is armed
  };
  struct alignas(64) finished_batch {
    small_mutex mutex;
    std::vector<task_id> ids;
  };

  /// Why the journal did not take it; empty when it did.
  std::string offer_end(const record& task) noexcept;
  void keep_unwritten(const record& task);
  static coroutine<void> keep_writing(actor_context<int> self, std::shared_ptr<manager_core> home);
  void report_lost_end(task_id id, std::uint64_t so_far) const noexcept;
  /// The `count`-th of its kind: nobody reads a million lines.
  void report_some(std::uint64_t count, const std::string& line) const noexcept;
  std::size_t count_unwritten() const;
  static void sort_by_id(std::vector<task_ptr>& tasks);
  template <class Meant>
  std::size_t cancel_all(const owner_core* of, Meant meant);
  void end_grace() noexcept;
  std::vector<std::shared_ptr<delivery_room>> rooms() const;
  bool has_ttl() const noexcept { return options.ttl != duration::max(); }
  void keep(const std::vector<task_id>& finished);
  /// Forgets an ended task; what is returned goes where no lock is held.
  task_ptr forget(task_id id);
  /// The same for some of these, as task_table::remove_some() takes them.
  std::size_t forget_some(std::span<const task_id> some, std::span<task_ptr> gone);
  void keep_all_finished();
  void forget_old();
  void open_drained() {
    if (watched_.load(std::memory_order_seq_cst) && tasks_.is_zero()) drained_.open();
  }

  engine& where_;
  const std::size_t batch_size_;
  std::atomic<bool> closed_{false};
  std::atomic<bool> paused_{false};
  std::atomic<bool> detached_{false};
  std::atomic<bool> watched_{false};
  gate drained_;

  std::atomic<std::uint64_t> next_number_{0};
  // Accepted; ended, and everything done that follows from it, by terminal state, or retracted.
  enum end_kind : std::size_t { completed, failed, cancelled, timed_out, retracted, end_kinds };
  static end_kind end_kind_of(task_state state) noexcept;
  live_count_of<end_kinds> tasks_;

  admission_control admission_{*this};
  task_table table_;
  cancelled_runs cancelled_runs_;
  grace_queue grace_{*this};
  const std::unique_ptr<stall_watch> stalls_;  // null without a policy
  const std::unique_ptr<change_history> history_;
  std::array<finished_batch, 16> finished_lately_;

  mutable std::mutex unwritten_mutex_;
  std::list<record> unwritten_;      // ends that the journal did not take; they go when it does
  const record* offered_ = nullptr;  // the one that it is asked for at present
  bool is_writing_again_ = false;
  bool writes_no_more_ = false;
  std::uint64_t lost_ends_ = 0;

  mutable std::mutex kept_;
  struct ended_task {
    task_id id;
    time_point since;  // when there is a ttl
  };
  std::deque<ended_task> finished_;  // oldest first
  std::deque<dead_letter> dead_letters_;
  std::vector<std::weak_ptr<delivery_room>> rooms_;
  std::uint64_t dead_letter_count_ = 0;
  std::uint64_t lost_letters_ = 0;  // that had to make room
  std::atomic<std::uint64_t> rejected_{0};
  std::atomic<std::uint64_t> journal_failures_accepted_{0};
  std::atomic<std::uint64_t> journal_failures_ended_{0};
  std::atomic<std::uint64_t> delivery_failures_{0};
};

}  // namespace actors::detail
