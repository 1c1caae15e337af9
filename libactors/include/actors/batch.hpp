#pragma once

#include <cstddef>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "actors/owner.hpp"
#include "actors/task.hpp"

namespace actors {

namespace detail {

/// A task that is started when its batch is.
struct batch_part {
  explicit batch_part(spec its_spec) : what(std::move(its_spec)) {}
  virtual ~batch_part() = default;
  /// Once.
  virtual result<task_handle> start(const task_context& unit) = 0;

  spec what;
};

template <class Body, class... Args>
struct batch_part_of final : batch_part {
  batch_part_of(spec its_spec, Body its_body, Args... its_args)
      : batch_part(std::move(its_spec)), body(its_body), args(std::move(its_args)...) {}

  result<task_handle> start(const task_context& unit) override {
    return std::apply(
        [&](auto&... each) { return unit.spawn(std::move(what), body, std::move(each)...); }, args);
  }

  Body body;
  std::tuple<Args...> args;
};

}  // namespace detail

/// Tasks that are started as one unit, take one place of `max_running` and give one event:
///
///     batch readers({.timeout = 1min});
///     for (const auto& file : files) readers.add({.goal = "read " + file}, read, file);
///     const auto unit = std::move(readers).spawn(owner);
///
/// The unit is a task, and those that were added are its children. Its owner hears of the unit
/// alone. Its result is `{"results": […]}` with an object per child, in the order of add(): `name`
/// (the id of one that has none), `state`, and `result` or `error`.
///
/// | the children                      | the unit                                                |
/// |-----------------------------------|---------------------------------------------------------|
/// | at least one completed            | `completed`                                             |
/// | none did                          | `failed`, with the same result                          |
/// | none did, and it was told to stop | as every task that was: `cancelled`, `timed_out`        |
///
/// To cancel the unit is to cancel them all, and its timeout is that of all. A child that is
/// refused (its name is taken, say) counts as failed. Children are tasks: each counts against
/// `max_total`, and they are one level below their unit.
///
/// A value that is used once; one thread at a time.
class batch {
 public:
  /// A unit without a goal gets one: `"3 parallel subagents: "` and the goals of the children, or
  /// their names.
  explicit batch(spec unit = {}) : unit_(std::move(unit)) {}

  /// One more child; `body` and the arguments are what `owner::spawn` takes. Where its events go
  /// and whose place it takes is not for its spec to say.
  template <class Body, class... Args>
  void add(spec what, Body body, Args... args) {
    if constexpr (detail::is_task_body<Body, Args...>()) {
      parts_.push_back(std::make_unique<detail::batch_part_of<Body, Args...>>(std::move(what), body,
                                                                              std::move(args)...));
    }
  }
  std::size_t size() const noexcept { return parts_.size(); }

  /// Starts the unit. Errors: those of `owner::spawn`, and `invalid_argument` for an empty batch.
  result<task_handle> spawn(const owner& by) &&;
  /// The same, as a child of the task whose body calls this.
  result<task_handle> spawn(const task_context& by) &&;

 private:
  template <class By>
  result<task_handle> spawn_unit(const By& by);

  spec unit_;
  std::vector<std::unique_ptr<detail::batch_part>> parts_;
};

}  // namespace actors
