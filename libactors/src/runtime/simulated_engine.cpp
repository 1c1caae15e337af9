#include "simulated_engine.hpp"

#include <fmt/format.h>
#include <caf/actor_system_config.hpp>

#include "../vocabulary/split_mix.hpp"

namespace actors::detail {

namespace {

// A simulation begins at the same moment every time: 2020-01-01T00:00:00Z.
constexpr unix_ms simulated_epoch_ms = 1'577'836'800'000;

enum trace_kind : std::uint64_t { ran_actor = 1, ran_blocking = 2, moved_clock = 3 };

}  // namespace

simulated_coordinator::simulated_coordinator(caf::actor_system& system)
    : abstract_coordinator(system), runs_on(std::make_unique<unit>(*this)) {}

simulated_coordinator::unit::unit(simulated_coordinator& home)
    : execution_unit(&home.system()), home_(home) {}

caf::actor_system::module* simulated_coordinator::make(caf::actor_system& system,
                                                       caf::detail::type_list<>) {
  return new simulated_coordinator(system);
}

void simulated_coordinator::stop() {
  while (!ready.empty()) {
    auto* job = ready.back();
    ready.pop_back();
    cleanup_and_release(job);
  }
  time.cancel_all();
}

simulated_engine::simulated_engine(std::uint64_t seed, const engine_options& options)
    : caf_engine(options), random_state_(seed), budget_(options.budget) {
  start_system(options,
               [](caf::actor_system_config& config) { config.load<simulated_coordinator>(); });
  coordinator_ = &static_cast<simulated_coordinator&>(system().scheduler());
  // Plain CAF actors that are left at the end are dropped, not waited for: nobody would run them.
  system().await_actors_before_shutdown(false);
}

simulated_engine::~simulated_engine() {
  for (auto* job : blocking_) job->discard(false);
  blocking_.clear();
  while (step()) {
  }
  stop_system(time_point::min());
}

unix_ms simulated_engine::wall_ms() const noexcept {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now_ - time_point{});
  return simulated_epoch_ms + since.count();
}

// The same everywhere, unlike the distributions of the standard library.
std::uint64_t simulated_engine::random() noexcept {
  return split_mix(random_state_ += split_mix_step);
}

bool simulated_engine::arm(alarm& item, time_point deadline) noexcept {
  const bool fresh = !disarm(item);
  item.deadline = deadline;
  item.order = next_order_++;
  item.is_armed = true;
  alarms_.emplace(std::pair(deadline, item.order), &item);
  return fresh;
}

bool simulated_engine::disarm(alarm& item) noexcept {
  if (!item.is_armed) return false;
  alarms_.erase({item.deadline, item.order});
  item.is_armed = false;
  return true;
}

// Actors get numbers in the order in which they first run: their ids depend on the thread that
// made them.
std::uint64_t simulated_engine::number_of(caf::resumable* job) {
  const auto* one = dynamic_cast<cell*>(job);
  if (one == nullptr) return 0;
  return numbers_.try_emplace(one->id(), numbers_.size() + 1).first->second;
}

void simulated_engine::note(std::uint64_t kind, std::uint64_t subject, const char* name) {
  ++steps_;
  const auto at = static_cast<std::uint64_t>((now_ - time_point{}).count());
  // FNV-1a over whole words: equal runs have equal fingerprints.
  for (const auto word : {kind, subject, at}) {
    fingerprint_ = (fingerprint_ ^ word) * 1099511628211U;
  }
  if (keeps_trace_) {
    trace_.push_back(fmt::format("{} at={}us {} #{}", steps_, at / 1000, name, subject));
  }
}

bool simulated_engine::step() {
  auto& ready = coordinator_->ready;
  const auto choices = ready.size() + blocking_.size();
  if (choices == 0) return false;
  const auto choice = random() % choices;
  if (choice >= ready.size()) {
    const auto at = blocking_.begin() + static_cast<std::ptrdiff_t>(choice - ready.size());
    auto* job = *at;
    blocking_.erase(at);
    note(ran_blocking, choice, "blocking work");
    job->run();
    return true;
  }
  auto* job = ready[choice];
  ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(choice));
  note(ran_actor, number_of(job), "actor");
  // Turns of different lengths bring about more interleavings.
  const auto turn = 1 + random() % budget_;
  switch (job->resume(coordinator_->runs_on.get(), turn)) {
    case caf::resumable::resume_later: ready.push_back(job); break;
    case caf::resumable::shutdown_execution_unit: break;
    default: caf::intrusive_ptr_release(job);
  }
  return true;
}

void simulated_engine::set_now(time_point to) noexcept {
  if (to > now_) now_ = to;
  coordinator_->time.current = now_;
}

// The first of those that are armed, if there is one that is not idle.
time_point simulated_engine::next_alarm_time() {
  for (auto at = alarms_.begin(); at != alarms_.end();) {
    auto& one = *at->second;
    if (one.is_idle()) {
      ++at;
      continue;
    }
    const auto needed_at = one.still_needed_at();
    if (needed_at == one.deadline) return alarms_.begin()->first.first;
    disarm(one);
    if (needed_at != time_point::max()) arm(one, needed_at);
    at = alarms_.begin();
  }
  return time_point::max();
}

bool simulated_engine::advance(time_point limit) {
  auto& clock = coordinator_->time;
  const auto next_alarm = next_alarm_time();
  const auto next_caf =
      clock.schedule().empty() ? time_point::max() : clock.schedule().begin()->first;
  const auto next = std::min(next_alarm, next_caf);
  if (next == time_point::max() || next > limit) return false;
  set_now(next);
  note(moved_clock, 0, "clock");
  clock.trigger_expired_timeouts();
  while (!alarms_.empty() && alarms_.begin()->first.first <= now_) {
    auto* due = alarms_.begin()->second;
    alarms_.erase(alarms_.begin());
    due->is_armed = false;
    due->fire();
  }
  return true;
}

bool simulated_engine::wait(gate& until, time_point deadline) {
  while (!until.is_open()) {
    if (step() || advance(deadline)) continue;
    if (deadline != time_point::max()) set_now(deadline);
    return until.is_open();
  }
  return true;
}

}  // namespace actors::detail
