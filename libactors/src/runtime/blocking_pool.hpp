#pragma once

#include <cstddef>
#include <memory>

#include "actors/detail/engine.hpp"

namespace actors::detail {

/// Threads for work that blocks: started when needed, never more than a limit, kept for reuse. Jobs
/// beyond that wait in order, up to a second limit; beyond that they are given up at once.
///
/// Any thread may submit. A job that never ends keeps its thread, and what it needs, but not the
/// pool's owner: close() waits no longer than it is told.
class blocking_pool {
 public:
  blocking_pool(unsigned max_threads, std::size_t max_queued);
  ~blocking_pool();
  blocking_pool(const blocking_pool&) = delete;
  blocking_pool& operator=(const blocking_pool&) = delete;

  void submit(blocking_job& job) noexcept;
  /// Gives up what waits, refuses what comes; true when every thread ended by `deadline`.
  bool close(time_point deadline) noexcept;

 private:
  struct shared;
  static void work(std::shared_ptr<shared> state);

  std::shared_ptr<shared> state_;
};

}  // namespace actors::detail
