#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/clock.hpp"
#include "actors/detail/frame_memory.hpp"
#include "actors/detail/list.hpp"
#include "actors/detail/strand.hpp"

namespace actors::detail {

/// Something that happens at a time, unless it is disarmed before. Embedded in what it wakes.
///
/// An armed alarm stands for one reference to its owner: whoever arms one that was not armed adds
/// it; fire() takes it over; whoever disarms one that was armed drops it.
struct alarm : list_link {
  virtual void fire() noexcept = 0;  ///< On the engine's timer thread, with no lock held.
  /// Asked by a simulation before it moves its clock: when the alarm is still of use, not before
  /// its deadline; time_point::max() when it is of none, and then it has given up its reference.
  virtual time_point still_needed_at() noexcept { return deadline; }
  /// Asked by a simulation before that: would it find nothing to do, as things are? The clock does
  /// not move on when this is true of all that is armed.
  virtual bool is_idle() noexcept { return false; }

  time_point deadline{};
  std::uint64_t order = 0;  ///< Kept by the engine: where the alarm is.
  bool is_armed = false;    ///< Kept by the engine, under its lock.

 protected:
  ~alarm() = default;
};

/// Opens once; a thread outside the runtime waits until it does.
class gate {
 public:
  void open() {
    {
      const std::lock_guard lock(mutex_);
      open_ = true;
    }
    opened_.notify_all();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }
  bool is_open() const {
    const std::lock_guard lock(mutex_);
    return open_;
  }
  /// False when `deadline` came first.
  bool wait_until(time_point deadline) {
    std::unique_lock lock(mutex_);
    if (deadline == time_point::max()) {
      opened_.wait(lock, [this] { return open_; });
      return true;
    }
    return opened_.wait_until(lock, deadline, [this] { return open_; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = false;
};

/// Who learns that an actor's coroutine has ended. On the thread that ran it.
struct end_observer {
  /// What there still is of the actor.
  struct remains {
    /// The frame goes, the mailbox is closed, and whoever watches the actor hears of its end.
    virtual void clear() noexcept = 0;

   protected:
    ~remains() = default;
  };

  /// The coroutine has ended, or was given up (`promise` is null then). Clears what is left, once:
  /// until then the frame exists. The actor may go away after this.
  virtual void actor_ended(promise_base* promise, remains& left) noexcept = 0;

 protected:
  ~end_observer() = default;
};

/// The observer of the actor that this thread runs at the moment; null outside of one.
end_observer* running_observer() noexcept;

/// While this exists, the thread runs an actor with this observer.
class running_as {
 public:
  explicit running_as(end_observer* now) noexcept;
  running_as(const running_as&) = delete;
  running_as& operator=(const running_as&) = delete;
  ~running_as();

 private:
  end_observer* before_;
};

/// What actors of one type have in common, as far as the runtime needs to know.
struct actor_kind : inbox_kind {
  /// Turns a message of plain CAF (`caf::mailbox_element`) into one of ours; null refuses all.
  mailbox_node* (*accept_foreign)(void* element) = nullptr;
  const char* name = "actor";  ///< A literal; what plain CAF shows.
};

/// How an actor is made.
struct cell_options {
  const actor_kind* kind = nullptr;  ///< Of static lifetime.
  std::uint32_t inbox_capacity = 0;  ///< 0: no limit.
  end_observer* observer = nullptr;
  std::uint32_t references = 1;
};

class engine;

/// An actor that is made when its turn comes, by the thread that runs it: until then it costs less,
/// and what it is made of is not written by one core and run by another.
class late_actor {
 public:
  /// Makes the actor and answers it, with one reference; null when there is nothing to run any
  /// more. Once, on a thread of the engine. The engine does not touch this object afterwards.
  virtual strand* begin() noexcept = 0;
  /// Instead of begin(), when the engine ends before.
  virtual void give_up() noexcept = 0;
  /// The one that it was given to.
  virtual engine& home() noexcept = 0;

  /// Of the engine, from launch_late() to then.
  alignas(void*) std::byte job[2 * sizeof(void*)];

 protected:
  ~late_actor() = default;
};

/// An actor that has not ended, as a report shows it.
struct live_actor {
  std::uint64_t id = 0;
  std::string name;
  std::string awaiting;
};

/// Actors that are no tasks and have not ended.
struct live_report {
  std::vector<live_actor> begun;
  std::uint64_t not_begun = 0;  ///< So many more are ready to begin.
};

/// What runs actors: threads and a wall clock, or one thread and a virtual one.
///
/// All members may be called from any thread, unless they say otherwise.
class engine {
 public:
  engine() = default;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  virtual ~engine() = default;

  virtual time_point now() const noexcept = 0;
  virtual unix_ms wall_ms() const noexcept = 0;
  /// Evenly distributed; the same numbers for the same seed in a simulation.
  virtual std::uint64_t random() noexcept = 0;

  /// True when the alarm was not armed before; it is moved otherwise.
  virtual bool arm(alarm& item, time_point deadline) noexcept = 0;
  /// True when the alarm was armed.
  virtual bool disarm(alarm& item) noexcept = 0;

  virtual void submit(blocking_job& job) noexcept = 0;

  /// Waits, on a thread outside the runtime, until `until` is open; false when `deadline` came
  /// first. A simulated engine runs its actors meanwhile.
  virtual bool wait(gate& until, time_point deadline) = 0;

  /// Makes an actor with `frame_bytes` of room behind it; answers the room in `frame`. The caller
  /// owns as many references as `options` say.
  virtual strand& make_cell(const cell_options& options, std::size_t frame_bytes, void** frame) = 0;
  /// Lets a finished cell's coroutine begin. Takes over one reference.
  virtual void launch(strand& cell) noexcept = 0;

  /// From now on the engine is not empty until the launch that follows has ended.
  virtual void expect_late() noexcept = 0;
  /// Lets it begin when its turn comes. It must exist until then.
  virtual void launch_late(late_actor& one) noexcept = 0;

  /// Tells every actor to stop, now and in future.
  virtual void stop_all(cancel_reason reason) noexcept = 0;
  /// Gives up every actor that has not ended, now and in future.
  virtual void abandon_all() noexcept = 0;
  virtual live_report live_actors() const = 0;
  /// Waits until no actor is left; false when `deadline` came first.
  virtual bool wait_until_empty(time_point deadline) = 0;
};

/// A request to `engine` to make an actor, filled in by the actor's first coroutine.
class cell_request final : public spawn_request {
 public:
  cell_request(engine& where, const cell_options& options) noexcept
      : engine_(where), options_(options) {}

  void* make_cell(std::size_t frame_bytes) override {
    void* frame = nullptr;
    host = &engine_.make_cell(options_, frame_bytes, &frame);
    return frame;
  }

 private:
  engine& engine_;
  const cell_options& options_;
};

/// An engine with worker threads, on a CAF system of its own.
struct engine_options;
std::unique_ptr<engine> make_threaded_engine(const engine_options& options);

}  // namespace actors::detail
