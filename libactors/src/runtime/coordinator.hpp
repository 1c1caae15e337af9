#pragma once

#include <concurrentqueue/concurrentqueue.h>

#include <atomic>
#include <caf/actor_system.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "../coroutine/next_here.hpp"
#include "cell.hpp"
#include "idle_workers.hpp"
#include "work_queue.hpp"

namespace actors::detail {

class coordinator;

/// Everybody's way into the scheduler: outside threads, and jobs that had their turn.
///
/// A consumer with a token goes from producer to producer after a few jobs. Without one it prefers
/// the fullest, and a job from outside would wait for as long as anybody else is always ready.
struct injection_traits : moodycamel::ConcurrentQueueDefaultTraits {
  static const std::uint32_t EXPLICIT_CONSUMER_CONSUMPTION_QUOTA_BEFORE_ROTATE = 16;
};
using injection_queue = moodycamel::ConcurrentQueue<caf::resumable*, injection_traits>;

/// One thread that resumes actors. Its members belong to that thread, but for the deque's thieves.
class worker final : public caf::execution_unit {
 public:
  worker(caf::actor_system& system, coordinator& all, std::size_t index);

  /// The calling thread's, if that is one of this scheduler's; null otherwise.
  static worker* here(const caf::scheduler::abstract_coordinator& scheduler) noexcept;

  void exec_later(caf::resumable* job) override { push(job); }
  void push(caf::resumable* job) { set_newest(job, nullptr); }
  void push(cell& ready) { set_newest(&ready, &ready); }
  void run();
  caf::resumable* steal_from() noexcept { return jobs_.steal(); }

  /// For the cells that run here.
  kept_references kept;

 private:
  caf::resumable* take_injected();
  caf::resumable* take_injected_batch();
  void look_ahead() const noexcept;
  caf::resumable* next_local();
  void set_newest(caf::resumable* job, strand* as_strand);
  caf::resumable* take_newest() noexcept {
    next_here = nullptr;
    return std::exchange(newest_, nullptr);
  }
  [[gnu::noinline]] void displace_newest(caf::resumable* job);
  [[gnu::noinline]] caf::resumable* next_of_others();
  [[gnu::noinline]] caf::resumable* next_queued();
  caf::resumable* next_oldest();
  caf::resumable* steal();
  caf::resumable* search();
  bool looks_idle_elsewhere() const noexcept;
  caf::resumable* next();

  coordinator& all_;
  std::size_t index_;
  moodycamel::ConsumerToken injected_;
  work_queue<caf::resumable> jobs_;
  // The job made ready last: it is most likely to find its data in the cache.
  caf::resumable* newest_ = nullptr;
  unsigned newest_in_a_row_ = 0;
  unsigned picks_ = 0;
  unsigned batch_left_ = 0;  // at most so many of the oldest are of a batch from the shared queue

  // The calling thread's. Like `next_here`, never read inside a coroutine.
  static inline constinit thread_local worker* current_ = nullptr;
};

/// CAF's scheduler, made for coroutine actors: plain CAF actors run on it just as well.
class coordinator final : public caf::scheduler::abstract_coordinator {
 public:
  explicit coordinator(caf::actor_system& system) : abstract_coordinator(system) {}
  ~coordinator() override = default;

  /// For caf::actor_system_config::load.
  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>);

  void enqueue(caf::resumable* job) override;
  caf::actor_clock& clock() noexcept override { return clock_; }
  void start() override;
  void stop() override;
  bool detaches_utility_actors() const override { return true; }

 private:
  friend class worker;

  [[gnu::noinline]] void inject(caf::resumable* job);

  std::vector<std::unique_ptr<worker>> workers_;
  std::vector<std::thread> threads_;
  injection_queue injected_;
  idle_workers idle_;
  caf::detail::thread_safe_actor_clock clock_;
  std::thread clock_thread_;
};

inline worker* worker::here(const caf::scheduler::abstract_coordinator& scheduler) noexcept {
  auto* mine = current_;
  return mine != nullptr && &mine->all_ == &scheduler ? mine : nullptr;
}

}  // namespace actors::detail
