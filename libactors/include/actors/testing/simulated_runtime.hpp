#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/runtime.hpp"

namespace actors::detail {
class simulated_engine;
}

namespace actors::testing {

/// A runtime on one thread and a virtual clock: the same seed gives the same run.
///
/// Nothing happens by itself. Actors run inside run(), advance(), step(), and inside whatever waits
/// for them from outside (`next_event`, `events_until_idle`, `task_handle::wait`, `drain`,
/// `shutdown`); there, the clock jumps to the next deadline whenever nothing else is left to do, so
/// a test never waits. Which ready actor goes next, and for how long, is chosen by the seed.
///
/// When nothing can happen any more, because nobody is ready and no deadline is left, such a wait
/// ends, also one without a limit: `next_event()` and `task_handle::wait()` return empty, and
/// `events_until_idle()` is over although a task lives. A journal that goes on refusing ends is
/// asked for ever, so that something can always happen.
///
/// One thread may use it, and everything made with it.
class simulated_runtime : public runtime {
 public:
  explicit simulated_runtime(std::uint64_t seed = 0, runtime_options options = {});
  ~simulated_runtime() override;

  /// Runs until nothing is ready at the present time. The clock stands still.
  void run();
  /// Moves the clock by `time`, running whatever becomes due on the way.
  void advance(duration time);
  /// Runs one turn of one actor; false when none is ready.
  bool step();
  /// Runs until nothing is left to do and nothing is armed, moving the clock as needed. Does not
  /// return while some actor keeps setting itself a new deadline.
  void run_until_quiet();

  /// Turns taken so far, and a number that two runs share exactly when they took the same ones.
  std::uint64_t steps() const noexcept;
  std::uint64_t fingerprint() const noexcept;
  /// Keeps a line per turn from now on.
  void keep_trace() noexcept;
  const std::vector<std::string>& trace() const noexcept;

 private:
  simulated_runtime(std::uint64_t seed, runtime_options options, detail::simulated_engine* engine);

  detail::simulated_engine* engine_;
};

}  // namespace actors::testing
