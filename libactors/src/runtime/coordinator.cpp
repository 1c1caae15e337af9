#include "coordinator.hpp"

#include <algorithm>
#include <array>
#include <caf/actor_system_config.hpp>
#include <caf/detail/set_thread_name.hpp>
#include <caf/logger.hpp>

#include "actors/detail/hints.hpp"

namespace actors::detail {

namespace {

// How often in a row the newest job may jump the queue, and how often the shared queue and the
// oldest job are looked at although there is newer work: what keeps everybody's turn bounded.
constexpr unsigned newest_limit = 64;
constexpr unsigned fair_interval = 61;
constexpr int search_rounds = 64;
constexpr std::size_t steal_limit = 32;
constexpr std::size_t batch_limit = 8;

}  // namespace

worker::worker(caf::actor_system& system, coordinator& all, std::size_t index)
    : execution_unit(&system), all_(all), index_(index), injected_(all.injected_) {}

caf::resumable* worker::take_injected() {
  caf::resumable* job = nullptr;
  return all_.injected_.try_dequeue(injected_, job) ? job : nullptr;
}

// What happens with most messages is apart from what happens now and then, here and below: it has
// no registers to save.
void worker::set_newest(caf::resumable* job, strand* as_strand) {
  next_here = as_strand;
  if (newest_ == nullptr) {
    newest_ = job;
  } else {
    displace_newest(job);
  }
}

void worker::displace_newest(caf::resumable* job) {
  jobs_.push(newest_);
  newest_ = job;
  all_.idle_.wake_one();
}

caf::resumable* worker::next_local() {
  if (++picks_ % fair_interval == 0) {
    if (auto* job = next_of_others()) return job;
  }
  if (newest_ != nullptr && ++newest_in_a_row_ < newest_limit) {
    return take_newest();
  }
  return next_queued();
}

caf::resumable* worker::next_of_others() {
  if (picks_ % (fair_interval * 64) == 0) kept.drop_all();
  // Each in turn: either may always have something. What is left of a batch came before all that is
  // in the shared queue now.
  const bool own_first = batch_left_ != 0 || picks_ / fair_interval % 2 != 0;
  if (auto* job = own_first ? next_oldest() : take_injected()) return job;
  return own_first ? take_injected() : next_oldest();
}

caf::resumable* worker::next_oldest() {
  if (batch_left_ != 0) --batch_left_;
  return jobs_.steal();
}

caf::resumable* worker::next_queued() {
  newest_in_a_row_ = 0;
  if (auto* newest = take_newest()) {
    auto* oldest = next_oldest();
    if (oldest == nullptr) return newest;
    jobs_.push(newest);
    return oldest;
  }
  caf::resumable* job = nullptr;
  while (job == nullptr && batch_left_ != 0) job = next_oldest();  // a thief may be faster
  if (job == nullptr) job = jobs_.pop();
  if (job != nullptr) {
    look_ahead();
    return job;
  }
  return take_injected_batch();
}

// What another core has made or run is in that core's cache, and travels while something else runs.
// A cell's block begins 120 bytes before the job and is half a kilobyte, a task's core begins a
// little before it; a hint may be wrong.
void worker::look_ahead() const noexcept {
  const auto* job = batch_left_ != 0 ? jobs_.peek_oldest() : jobs_.peek();
  if (job != nullptr) prefetch(reinterpret_cast<const char*>(job) - 128, 512);
}

caf::resumable* worker::take_injected_batch() {
  std::array<caf::resumable*, batch_limit> batch;
  auto count = all_.injected_.try_dequeue_bulk(injected_, batch.begin(), batch.size());
  // Nothing else is queued here: they are run in the order in which they came, whatever they push,
  // but for those that a thief takes.
  for (std::size_t i = 1; i < count; ++i) jobs_.push(batch[i]);
  batch_left_ = count == 0 ? 0 : static_cast<unsigned>(count) - 1;
  if (count == 0) return nullptr;
  look_ahead();
  // Somebody may have gone to sleep while these were in no queue; or while the queue, as it does
  // for a moment when it gives less than was asked for, looked empty.
  if (count != 1 || all_.injected_.size_approx() != 0) all_.idle_.wake_one();
  return batch[0];
}

caf::resumable* worker::steal() {
  for (std::size_t i = 1; i < all_.workers_.size(); ++i) {
    auto& victim = *all_.workers_[(index_ + i) % all_.workers_.size()];
    auto* job = victim.steal_from();
    if (job == nullptr) continue;
    // Half of what is there, within limits: who comes back for each single job does little else.
    auto more = std::min(victim.jobs_.looks_long() / 2, steal_limit);
    for (; more != 0; --more) {
      auto* another = victim.steal_from();
      if (another == nullptr) break;
      jobs_.push(another);
    }
    return job;
  }
  return take_injected();
}

caf::resumable* worker::search() {
  for (int round = 0; round < search_rounds; ++round) {
    if (auto* job = steal()) return job;
    for (int i = 0; i < 16; ++i) pause();
  }
  return nullptr;
}

// To be asked after steal(). That misses what is in a deque when somebody else takes the oldest,
// and what is in the shared queue while another worker steps back from it, because somebody was
// faster.
bool worker::looks_idle_elsewhere() const noexcept {
  for (const auto& each : all_.workers_) {
    if (each.get() != this && !each->jobs_.looks_empty()) return false;
  }
  return all_.injected_.size_approx() == 0;
}

caf::resumable* worker::next() {
  if (auto* job = next_local()) return job;
  if (kept.drop_all()) {
    if (auto* job = next_local()) return job;
  }
  return all_.idle_.find_work([this] { return search(); }, [this] { return steal(); },
                              [this] { return looks_idle_elsewhere(); });
}

void worker::run() {
  current_ = this;
  const auto throughput = all_.max_throughput();
  for (auto* job = next(); job != nullptr;) {
    switch (job->resume(this, throughput)) {
      case caf::resumable::resume_later:
        // Behind everything that is ready here: it had its turn. The owner's end of the deque
        // would give it the next one as well. One that is alone goes on, and nobody is woken.
        if (auto* other = next_local()) {
          all_.inject(job);
          job = other;
        }
        continue;
      case cell::reference_was_kept: break;
      default: caf::intrusive_ptr_release(job);
    }
    job = next();
  }
  current_ = nullptr;
}

caf::actor_system::module* coordinator::make(caf::actor_system& system, caf::detail::type_list<>) {
  return new coordinator(system);
}

void coordinator::enqueue(caf::resumable* job) {
  if (auto* here = worker::here(*this)) {
    here->push(job);
  } else {
    inject(job);
  }
}

void coordinator::inject(caf::resumable* job) {
  // It fails while there is no memory for it, and a job that is lost is an actor that never ends.
  while (!injected_.enqueue(job)) std::this_thread::yield();
  idle_.wake_one();
}

void coordinator::start() {
  for (std::size_t i = 0; i < num_workers(); ++i) {
    workers_.push_back(std::make_unique<worker>(system(), *this, i));
  }
  for (auto& each : workers_) {
    threads_.emplace_back([this, &each] {
      CAF_SET_LOGGER_SYS(&system());
      caf::detail::set_thread_name("actors.worker");
      system().thread_started();
      each->run();
      system().thread_terminates();
    });
  }
  clock_thread_ = std::thread([this] {
    CAF_SET_LOGGER_SYS(&system());
    caf::detail::set_thread_name("actors.clock");
    clock_.run_dispatch_loop();
  });
  abstract_coordinator::start();
}

void coordinator::stop() {
  stop_actors();
  idle_.stop();
  for (auto& each : threads_) each.join();
  // What is left belongs to actors that will not run again.
  const auto give_up = [](caf::resumable* job) { cleanup_and_release(job); };
  caf::resumable* job = nullptr;
  while (injected_.try_dequeue(job)) give_up(job);
  for (auto& each : workers_) {
    while (auto* left = each->steal_from()) give_up(left);
  }
  clock_.cancel_dispatch_loop();
  clock_thread_.join();
}

}  // namespace actors::detail
