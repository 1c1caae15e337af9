#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "actors/manager.hpp"
#include "policy.hpp"
#include "task_core.hpp"

namespace actors::detail {

/// Admits tasks, knows them by id, and keeps what they leave behind, within its limits.
///
/// Lock order: a parent's lock, an owner's names, `admission_`; the table's locks are taken alone.
class manager_core : public std::enable_shared_from_this<manager_core> {
 public:
  manager_core(engine& where, manager_options how);

  const manager_options options;
  engine& where() const noexcept { return where_; }

  /// Counts a task in, as running or queued, or says why not; assigns its id.
  error admit(task_core& task);
  void count_rejection() noexcept { rejected_.fetch_add(1, std::memory_order_relaxed); }
  /// Undoes admit() for a task that could not be accepted in the end.
  void retract(task_core& task);
  /// From now on the task is found by its id, and takes its turn.
  void enter(task_core& task);
  /// The task has its outcome: frees its slot, starts what waited for it.
  void leave(task_core& task);
  /// After the terminal event was mailed.
  void retain(task_core& task);

  task_ptr find(task_id id) const;
  /// In order of ids; of one owner, or of all when null.
  std::vector<task_ptr> tasks(const owner_core* owner) const;

  result<void> journal_accepted(const task_core& task);
  void journal_ended(const record& task) noexcept;
  void add_dead_letter(event&& lost);
  std::vector<event> dead_letters() const;
  manager_metrics metrics() const;

  bool wait_until_drained(time_point deadline);
  /// Refuses further tasks.
  void close() noexcept { closed_.store(true, std::memory_order_release); }
  bool is_closed() const noexcept { return closed_.load(std::memory_order_acquire); }
  /// The engine is about to go: nothing may wait in it any more.
  void detach() noexcept { detached_.store(true, std::memory_order_release); }
  bool is_detached() const noexcept { return detached_.load(std::memory_order_acquire); }
  /// Forgets all tasks; handles keep theirs.
  void clear();

 private:
  void start_queued();
  void open_drained() {
    if (watched_.load(std::memory_order_acquire)) drained_.open();
  }
  static constexpr std::size_t shard_count = 16;
  struct alignas(64) shard {
    mutable std::mutex mutex;
    std::unordered_map<task_id, task_ptr> tasks;
  };
  shard& shard_of(task_id id) noexcept { return shards_[id.number() % shard_count]; }
  const shard& shard_of(task_id id) const noexcept { return shards_[id.number() % shard_count]; }

  engine& where_;
  std::atomic<bool> closed_{false};
  std::atomic<bool> detached_{false};
  std::atomic<bool> watched_{false};
  gate drained_;

  // One step decides and counts. Short, and touched once per start and end.
  mutable std::mutex admission_;
  policy::load load_;
  std::uint64_t next_number_ = 0;
  std::uint64_t ended_ = 0;
  std::map<task_id, task_ptr> queue_;  // in order of acceptance

  std::array<shard, shard_count> shards_;

  mutable std::mutex kept_;
  std::deque<task_id> finished_;
  std::deque<event> dead_letters_;
  std::uint64_t dead_letter_count_ = 0;
  std::atomic<std::uint64_t> rejected_{0};
  std::atomic<std::uint64_t> journal_failures_{0};
};

}  // namespace actors::detail
