#pragma once

namespace caf {
class actor_system_config;
}

namespace actors {

/// Lets `actors/caf.hpp` have a say in the configuration of the CAF system inside a runtime.
class caf_hook {
 public:
  virtual ~caf_hook() = default;
  virtual void configure(caf::actor_system_config& config) = 0;
};

}  // namespace actors
