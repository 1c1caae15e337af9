#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "actors/clock.hpp"

namespace actors {
class caf_hook;
}

namespace actors::detail {

/// What an engine is made of; `runtime_options` in terms of this layer.
struct engine_options {
  unsigned workers = 2;
  unsigned budget = 64;
  unsigned blocking_threads = 16;
  std::size_t blocking_queue = 65536;
  duration shutdown_patience = std::chrono::seconds(5);  ///< For plain CAF actors to end.
  std::function<void(const std::string&)> on_failure;
  std::shared_ptr<caf_hook> caf;
};

}  // namespace actors::detail
