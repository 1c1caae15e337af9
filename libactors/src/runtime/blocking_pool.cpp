#include "blocking_pool.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

namespace actors::detail {

// Shared with the threads, which may outlive the pool when a job does not end.
struct blocking_pool::shared {
  shared(unsigned threads_limit, std::size_t queue_limit)
      : max_threads(threads_limit), max_queued(queue_limit) {}

  const unsigned max_threads;
  const std::size_t max_queued;
  std::mutex mutex;
  std::condition_variable work;
  std::condition_variable ended;
  std::deque<blocking_job*> waiting;
  unsigned threads = 0;
  unsigned idle = 0;
  bool closed = false;
};

blocking_pool::blocking_pool(unsigned max_threads, std::size_t max_queued)
    : state_(std::make_shared<shared>(max_threads, max_queued)) {}

blocking_pool::~blocking_pool() { close(time_point::min()); }

void blocking_pool::submit(blocking_job& job) noexcept {
  std::unique_lock lock(state_->mutex);
  const bool has_room = state_->idle > state_->waiting.size() ||
                        state_->threads < state_->max_threads ||
                        state_->waiting.size() < state_->max_queued;
  if (state_->closed || !has_room) {
    const bool is_full = !state_->closed;
    lock.unlock();
    job.discard(is_full);
    return;
  }
  state_->waiting.push_back(&job);
  if (state_->idle < state_->waiting.size() && state_->threads < state_->max_threads) {
    try {
      std::thread(&blocking_pool::work, state_).detach();
      ++state_->threads;
    } catch (const std::system_error&) {
      // No more threads to be had: the ones there are will do, if there are any.
      if (state_->threads == 0) {
        state_->waiting.pop_back();
        lock.unlock();
        job.discard(true);
        return;
      }
    }
  }
  state_->work.notify_one();
}

void blocking_pool::work(std::shared_ptr<shared> state) {
  std::unique_lock lock(state->mutex);
  for (;;) {
    ++state->idle;
    state->work.wait(lock, [&state] { return state->closed || !state->waiting.empty(); });
    --state->idle;
    if (state->waiting.empty()) break;
    auto& job = *state->waiting.front();
    state->waiting.pop_front();
    lock.unlock();
    job.run();
    lock.lock();
  }
  --state->threads;
  state->ended.notify_all();
}

bool blocking_pool::close(time_point deadline) noexcept {
  std::deque<blocking_job*> given_up;
  std::unique_lock lock(state_->mutex);
  state_->closed = true;
  given_up.swap(state_->waiting);
  state_->work.notify_all();
  lock.unlock();
  for (auto* job : given_up) job->discard(false);
  lock.lock();
  const auto all_ended = [this] { return state_->threads == 0; };
  if (deadline == time_point::min()) return all_ended();
  return state_->ended.wait_until(lock, deadline, all_ended);
}

}  // namespace actors::detail
