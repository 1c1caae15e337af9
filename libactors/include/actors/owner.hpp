#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/actor.hpp"
#include "actors/event.hpp"
#include "actors/record.hpp"
#include "actors/task.hpp"

namespace actors {

/// What an owner wants to hear.
struct owner_options {
  bool started_events = false;  ///< Also mail `started` when a body begins.
};

/// Starts tasks and receives their events. Sees its own tasks only: the id of another owner's task
/// answers as one that does not exist.
///
/// The events of an owner go to one place: to this object's own queue, read by threads outside the
/// runtime (`next_event`, `events_until_idle`), or to an actor that was named when the owner was
/// opened; then the queue stays empty.
///
/// A handle: cheap to copy, any thread may use it. When the last one is gone, tasks go on, and
/// their events become dead letters of the manager.
class owner {
 public:
  explicit owner(std::shared_ptr<detail::owner_core> core) noexcept : core_(std::move(core)) {}

  const std::string& name() const noexcept;

  /// Starts a task: `owner.spawn({.name = "lead", .timeout = 10s}, lead, argument, …)`.
  ///
  /// `body` is a coroutine that takes a `task_context` and the arguments, by value, and gives a
  /// value that turns into JSON, or nothing.
  ///
  /// Errors, each of which leaves nothing behind: `invalid_argument` (a field of the spec),
  /// `name_reserved`, `name_taken`, `capacity_reached`, `journal_failed`, `closed`.
  template <class Body, class... Args>
  result<task_handle> spawn(spec what, Body body, Args... args) const {
    return detail::spawn_task(*core_, nullptr, std::move(what), body, std::move(args)...);
  }

  /// This owner's tasks: the live ones and the ended ones that are retained, in order of their ids.
  std::vector<record> list() const;
  std::optional<record> get(task_id id) const;
  std::optional<task_handle> find(task_id id) const;
  /// The live task of this name.
  std::optional<task_handle> find(std::string_view name) const;
  bool has_running() const noexcept;

  /// Tells a task and everything below it to stop; returns how many live tasks were told.
  std::size_t cancel(task_id id) const;
  /// Tells this task alone. False when there is no such live task.
  bool cancel_one(task_id id) const;
  /// Tells every task of this owner to stop; returns how many were told.
  std::size_t cancel_all() const;

  /// Sends to a task by id, as `task_handle::send` does. Its errors, and `not_found`.
  send_result send(task_id id, json content) const;

  /// The next event; waits for one at most `patience`. For threads outside the runtime. In a
  /// simulated runtime it is empty, too, when nothing can happen any more.
  std::optional<event> next_event(duration patience = duration::max()) const;

  class event_range;
  /// `for (const auto& event : owner.events_until_idle())`: each event as it comes, until this
  /// owner has no live task and every event was read. In a simulated runtime the events also end
  /// when nothing can happen any more, with tasks that still live; has_running() tells.
  event_range events_until_idle() const;

  const std::shared_ptr<detail::owner_core>& core() const noexcept { return core_; }

 private:
  std::shared_ptr<detail::owner_core> core_;
};

/// The events that events_until_idle() gives, read once.
class owner::event_range {
 public:
  class iterator {
   public:
    using value_type = event;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    iterator() = default;
    explicit iterator(detail::owner_core* from) : from_(from) { ++*this; }
    const event& operator*() const noexcept { return *current_; }
    const event* operator->() const noexcept { return &*current_; }
    iterator& operator++();
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator& left, std::default_sentinel_t) noexcept {
      return !left.current_.has_value();
    }

   private:
    detail::owner_core* from_ = nullptr;
    std::optional<event> current_;
  };

  explicit event_range(std::shared_ptr<detail::owner_core> from) noexcept
      : from_(std::move(from)) {}
  iterator begin() const { return iterator(from_.get()); }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  std::shared_ptr<detail::owner_core> from_;
};

}  // namespace actors
