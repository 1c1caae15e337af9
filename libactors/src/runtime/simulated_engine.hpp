#pragma once

#include <caf/detail/simple_actor_clock.hpp>
#include <caf/execution_unit.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "caf_engine.hpp"

namespace actors::detail {

/// CAF's scheduler for a simulation: keeps what is ready, runs nothing by itself.
class simulated_coordinator final : public caf::scheduler::abstract_coordinator {
 public:
  explicit simulated_coordinator(caf::actor_system& system);
  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>);

  void enqueue(caf::resumable* job) override { ready.push_back(job); }
  caf::actor_clock& clock() noexcept override { return time; }
  bool detaches_utility_actors() const override { return false; }
  void start() override {}
  void stop() override;

  /// The time of plain CAF actors: the simulation's.
  struct virtual_clock final : caf::detail::simple_actor_clock {
    time_point now() const noexcept override { return current; }
    time_point current{};
  };
  struct unit final : caf::execution_unit {
    explicit unit(simulated_coordinator& home);
    void exec_later(caf::resumable* job) override { home_.enqueue(job); }

   private:
    simulated_coordinator& home_;
  };

  std::vector<caf::resumable*> ready;
  virtual_clock time;
  std::unique_ptr<unit> runs_on;
};

/// Runs everything on the calling thread, in an order that a seed decides, on a clock that moves
/// only when nothing is ready. One thread at a time may use it.
class simulated_engine final : public caf_engine {
 public:
  simulated_engine(std::uint64_t seed, const engine_options& options);
  ~simulated_engine() override;

  time_point now() const noexcept override { return now_; }
  unix_ms wall_ms() const noexcept override;
  std::uint64_t random() noexcept override;
  bool arm(alarm& item, time_point deadline) noexcept override;
  bool disarm(alarm& item) noexcept override;
  void submit(blocking_job& job) noexcept override { blocking_.push_back(&job); }
  /// Runs actors until the gate opens; false at `deadline`, or when nothing can happen any more.
  bool wait(gate& until, time_point deadline) override;

  /// Runs one ready actor, chosen by the seed; false when none is ready.
  bool step();
  /// Moves the clock to the next alarm, if that is not later than `limit`, and fires it.
  bool advance(time_point limit);
  void set_now(time_point to) noexcept;

  std::uint64_t steps() const noexcept { return steps_; }
  std::uint64_t fingerprint() const noexcept { return fingerprint_; }
  void keep_trace(bool keep) noexcept { keeps_trace_ = keep; }
  const std::vector<std::string>& trace() const noexcept { return trace_; }

 private:
  void note(std::uint64_t kind, std::uint64_t subject, const char* name);
  std::uint64_t number_of(caf::resumable* job);
  time_point next_alarm_time();

  std::uint64_t random_state_;
  unsigned budget_;
  time_point now_{};
  simulated_coordinator* coordinator_ = nullptr;
  std::map<std::pair<time_point, std::uint64_t>, alarm*> alarms_;
  std::uint64_t next_order_ = 0;
  std::vector<blocking_job*> blocking_;
  std::map<std::uint64_t, std::uint64_t> numbers_;
  std::uint64_t steps_ = 0;
  std::uint64_t fingerprint_ = 14695981039346656037U;
  bool keeps_trace_ = false;
  std::vector<std::string> trace_;
};

}  // namespace actors::detail
