#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "../vocabulary/split_mix.hpp"
#include "alarm_wheel.hpp"
#include "blocking_pool.hpp"
#include "caf_engine.hpp"
#include "coordinator.hpp"
#include "wall_clock.hpp"

namespace actors::detail {

namespace {

/// Worker threads, one thread for alarms, a pool for what blocks.
///
/// Alarms have a thread of their own, because they must come when every worker is busy, and above
/// all when one is stuck.
class threaded_engine final : public caf_engine {
 public:
  explicit threaded_engine(const engine_options& options)
      : caf_engine(options),
        patience_(options.shutdown_patience),
        pool_(options.blocking_threads, options.blocking_queue) {
    start_system(options, [](caf::actor_system_config& config) { config.load<coordinator>(); });
    alarm_thread_ = std::thread([this] { run_alarms(); });
  }

  ~threaded_engine() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    alarm_thread_.join();
    pool_.close(clock_type::now() + std::chrono::milliseconds(100));
    stop_system(later(clock_type::now(), patience_));
  }

  time_point now() const noexcept override { return clock_type::now(); }

  unix_ms wall_ms() const noexcept override { return wall_clock_ms(); }

  std::uint64_t random() noexcept override {
    return split_mix(random_state_.fetch_add(split_mix_step, std::memory_order_relaxed));
  }

  bool arm(alarm& item, time_point deadline) noexcept override {
    const std::lock_guard lock(mutex_);
    const bool fresh = wheel_.insert(item, deadline);
    if (deadline < next_look_) {
      next_look_ = deadline;
      changed_.notify_one();
    }
    return fresh;
  }

  bool disarm(alarm& item) noexcept override {
    const std::lock_guard lock(mutex_);
    return wheel_.remove(item);
  }

  void submit(blocking_job& job) noexcept override { pool_.submit(job); }

  bool wait(gate& until, time_point deadline) override { return until.wait_until(deadline); }

 private:
  void run_alarms() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (auto* due = wheel_.pop_due(clock_type::now())) {
        lock.unlock();
        due->fire();
        lock.lock();
        continue;
      }
      next_look_ = wheel_.next_look();
      if (next_look_ == time_point::max()) {
        changed_.wait(lock);
      } else {
        changed_.wait_until(lock, next_look_);
      }
    }
  }

  static std::uint64_t seed() {
    std::random_device device;
    return std::uint64_t{device()} << 32U | device();
  }

  const duration patience_;
  std::atomic<std::uint64_t> random_state_{seed()};
  std::mutex mutex_;
  std::condition_variable changed_;
  alarm_wheel wheel_{clock_type::now()};
  time_point next_look_ = time_point::max();
  bool stopping_ = false;
  std::thread alarm_thread_;
  blocking_pool pool_;
};

}  // namespace

std::unique_ptr<engine> make_threaded_engine(const engine_options& options) {
  return std::make_unique<threaded_engine>(options);
}

}  // namespace actors::detail
