#pragma once

#include <array>
#include <atomic>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "actors/detail/engine.hpp"
#include "cell.hpp"
#include "engine_options.hpp"
#include "live_count.hpp"
#include "small_mutex.hpp"

namespace actors::detail {

/// What the threaded and the simulated engine share: a CAF system, the cells that live in it
/// counted, and those listed that a shutdown must tell itself.
class caf_engine : public engine {
 public:
  caf::actor_system& system() noexcept { return *system_; }
  caf::scheduler::abstract_coordinator& scheduler() noexcept { return *scheduler_; }

  strand& make_cell(const cell_options& options, std::size_t frame_bytes, void** frame) override;
  void launch(strand& cell) noexcept override;
  void expect_late() noexcept override { tasks_.began(); }
  void launch_late(late_actor& one) noexcept override;

  void stop_all(cancel_reason reason) noexcept override;
  void abandon_all() noexcept override;
  live_report live_actors() const override;
  bool wait_until_empty(time_point deadline) override;

  /// An actor without an observer ended by an exception.
  void report_failure(const char* name, std::uint64_t id, const char* what) noexcept;

  /// Counts a cell that is about to be made, and gives it the number in its id.
  std::uint64_t count_in(bool is_task) noexcept {
    return is_task ? tasks_.began() * 2 + 1 : actors_.began() * 2;
  }
  /// It was counted and made.
  void enter(cell& one) noexcept;
  /// Before the first turn of one that is no task, by the thread that runs it.
  void begins(cell& one) noexcept;
  void leave(cell& one) noexcept;
  /// Nothing is left of what launch_late() was given but the cell.
  void late_began() noexcept { count_end(tasks_); }

 protected:
  explicit caf_engine(const engine_options& options) : on_failure_(options.on_failure) {}

  /// Makes the system; its scheduler comes from what `load` puts into the configuration.
  void start_system(const engine_options& options,
                    const std::function<void(caf::actor_system_config&)>& load);
  /// Takes the system apart once all plain CAF actors have ended. Nobody can list them and tell
  /// them to stop: when some are left at `deadline`, the system and its threads are left to them.
  void stop_system(time_point deadline);

 private:
  // Tasks are only counted, because their managers know them. So are bare actors that have not
  // begun; from then on they are in a list of the thread that ran their first turn, which is where
  // most of them end as well, so that two cores seldom write the same list.
  static constexpr unsigned shard_count = 16;
  struct alignas(64) shard {
    mutable small_mutex mutex;
    list_link cells;
  };

  /// Of those that are listed; answers how many those are.
  template <class Action>
  std::uint64_t for_each_cell(Action action) const;
  bool is_empty() const;
  void count_end(live_count& of) noexcept {
    of.ended();
    if (watched_.load(std::memory_order_seq_cst) && of.is_zero()) emptied_.open();
  }

  std::function<void(const std::string&)> on_failure_;
  std::array<shard, shard_count> shards_;
  live_count tasks_;
  live_count actors_;
  std::atomic<cancel_reason> stopping_{cancel_reason::none};
  std::atomic<bool> abandoning_{false};
  std::atomic<bool> watched_{false};
  gate emptied_;  // opened whenever no task is left, or no other actor
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::scheduler::abstract_coordinator* scheduler_ = nullptr;  // the system's
};

}  // namespace actors::detail
