#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/owner.hpp"
#include "actors/testing/simulated_runtime.hpp"

namespace actors::testing {

/// An owner that keeps what it is told: everything mailed to it so far, in order of arrival.
///
/// The events arrive at an actor of its own, so nothing has to be read for tasks to go on. It
/// keeps them without a lock: it is for the one thread of a simulated runtime.
class recorder {
 public:
  explicit recorder(simulated_runtime& home, std::string name = "recorder",
                    owner_options options = {});
  /// At another manager than the runtime's own.
  recorder(simulated_runtime& home, manager& at, std::string name, owner_options options = {});

  /// The owner, to start tasks with: `heard->spawn({.name = "lead"}, lead)`.
  const owner& get() const noexcept { return owner_; }
  const owner* operator->() const noexcept { return &owner_; }

  const std::vector<event>& events() const noexcept { return *events_; }
  std::vector<event> events_of(task_id id) const;
  /// The terminal events of a task: one, when everything is right and the task has ended.
  std::vector<event> ends_of(task_id id) const;
  /// The kinds of a task's events as words, in order: `{"started", "custom", "completed"}`.
  std::vector<std::string> story_of(task_id id) const;

 private:
  std::shared_ptr<std::vector<event>> events_;
  owner owner_;
};

}  // namespace actors::testing
