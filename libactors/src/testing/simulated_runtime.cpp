#include "actors/testing/simulated_runtime.hpp"

#include "../runtime/simulated_engine.hpp"
#include "../supervision/policy.hpp"

namespace actors::testing {

namespace {

detail::simulated_engine* make_engine(std::uint64_t seed, const runtime_options& options) {
  if (auto why = detail::policy::check(options); why.code != error_code::none) throw failure(why);
  detail::engine_options how;
  how.workers = 1;
  // Short turns: a simulation is for finding out what the order of things may do.
  how.budget = std::min(options.budget, 8U);
  how.on_failure = options.on_unhandled;
  how.caf = options.caf;
  return new detail::simulated_engine(seed, how);
}

}  // namespace

simulated_runtime::simulated_runtime(std::uint64_t seed, runtime_options options)
    : simulated_runtime(seed, options, make_engine(seed, options)) {}

simulated_runtime::simulated_runtime(std::uint64_t, runtime_options options,
                                     detail::simulated_engine* engine)
    : runtime(std::move(options), std::unique_ptr<detail::engine>(engine)), engine_(engine) {}

simulated_runtime::~simulated_runtime() = default;

void simulated_runtime::run() {
  while (engine_->step()) {
  }
}

void simulated_runtime::advance(duration time) {
  const auto until = later(engine_->now(), time);
  run();
  while (engine_->advance(until)) run();
  engine_->set_now(until);
}

bool simulated_runtime::step() { return engine_->step(); }

void simulated_runtime::run_until_quiet() {
  do {
    run();
  } while (engine_->advance(time_point::max()));
}

std::uint64_t simulated_runtime::steps() const noexcept { return engine_->steps(); }

std::uint64_t simulated_runtime::fingerprint() const noexcept { return engine_->fingerprint(); }

void simulated_runtime::keep_trace() noexcept { engine_->keep_trace(true); }

const std::vector<std::string>& simulated_runtime::trace() const noexcept {
  return engine_->trace();
}

}  // namespace actors::testing
