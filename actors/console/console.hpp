#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "actors/owner.hpp"
#include "actors/runtime.hpp"

namespace actors::console {

/// How events are shown.
enum class style : std::uint8_t {
  automatic,  ///< `live` when the output is a terminal, `plain` otherwise.
  live,       ///< The tree of live tasks, redrawn in place; ends that matter stay above it.
  plain,      ///< One line per event.
  json,       ///< One JSON object per event and line; see `actors::to_json(const event&)`.
};

struct console_options {
  style show = style::automatic;
  std::FILE* out = stdout;  ///< Must outlive the console. Nobody else should write to it meanwhile.
  std::size_t max_rows = 16;                          ///< Of the live tree.
  duration refresh = std::chrono::milliseconds(100);  ///< Between two drawings of the live tree.
};

/// An owner that shows what happens to its tasks: start tasks at owner(), look at the output.
///
/// An actor of its own receives the events and writes them from a thread that may block, so a slow
/// terminal or pipe holds up no task. When the output is gone (a closed pipe), the rest is dropped.
class console {
 public:
  explicit console(runtime& home, std::string owner_name = "console", console_options options = {});
  console(const console&) = delete;
  console& operator=(const console&) = delete;
  /// As close().
  ~console();

  const actors::owner& owner() const noexcept { return owner_; }

  /// Shows what has been mailed so far and stops; waits until it is written. For threads outside
  /// the runtime, before the runtime is destroyed.
  void close();

 private:
  struct state;
  runtime& home_;
  std::shared_ptr<state> state_;
  actor_ref<event> actor_;
  actors::owner owner_;
};

}  // namespace actors::console
