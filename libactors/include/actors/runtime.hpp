#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/actor.hpp"
#include "actors/manager.hpp"
#include "actors/owner.hpp"

namespace actors {

class caf_hook;

/// How a runtime is built. The defaults are meant to be right.
struct runtime_options {
  unsigned workers = 0;  ///< Threads that run actors; 0: one per core.
  /// Steps (messages taken, turns given) that an actor may do before others have their turn.
  unsigned budget = 256;
  unsigned blocking_threads = 64;       ///< Most threads for `blocking` work; made on demand.
  std::size_t blocking_queue = 65'536;  ///< Blocking calls that may wait for a thread.
  duration shutdown_patience =
      std::chrono::seconds(5);   ///< What the destructor gives actors to end.
  manager_options manager = {};  ///< For the manager that open_owner() uses.
  /// Told when an actor without supervisor ends by an exception. Default: a line on stderr.
  std::function<void(const std::string&)> on_unhandled = {};
  std::shared_ptr<caf_hook> caf = {};  ///< See `actors/caf.hpp`.
};

/// An actor that was still there when a shutdown's time was up.
struct survivor {
  /// The task's id, or `#<n>` for an actor that is no task. Those that have not begun are one entry
  /// together, with an empty id and their number as the name.
  std::string id;
  std::string name;
  std::string parent;    ///< The id of the parent task, if any.
  std::string state;     ///< The task's state and phase.
  std::string awaiting;  ///< What it last waited for.
};

/// What shutdown() found.
struct shutdown_report {
  std::vector<survivor> survivors;
  bool is_clean() const noexcept { return survivors.empty(); }
};

/// Owns the threads, the clock and the managers. Made explicitly; any number may live in one
/// process, and they share nothing. Any thread may use one; it must not be destroyed from inside
/// one of its actors.
class runtime {
 public:
  /// Throws `failure` (`invalid_argument`) for options that make no sense.
  explicit runtime(runtime_options options = {});
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;
  /// Shuts down as shutdown() does. Never waits for longer than the options say: what a stuck
  /// actor holds is then left behind, on purpose, with its thread.
  virtual ~runtime();

  /// Starts a bare actor, unsupervised, with an inbox for `Message`:
  /// `runtime.spawn<int>(counter, argument, …)`. Its body is a `coroutine<void>` that takes an
  /// `actor_context<Message>` and the arguments, by value.
  ///
  /// It lives until its body ends. One that waits for messages when nobody refers to it any more
  /// is destroyed where it waits: what stands behind its loop over the inbox does not run. That may
  /// take until the thread that ran it last has nothing to do for a moment.
  ///
  /// Its inbox has no bound; see spawn_bounded().
  template <class Message, class Body, class... Args>
  actor_ref<Message> spawn(Body body, Args... args) {
    return detail::start_actor<Message>(engine(), 0, body, std::move(args)...);
  }
  /// The same with at most `capacity` messages in the inbox; `send` says when it is full.
  template <class Message, class Body, class... Args>
  actor_ref<Message> spawn_bounded(std::uint32_t capacity, Body body, Args... args) {
    return detail::start_actor<Message>(engine(), capacity, body, std::move(args)...);
  }

  /// The manager that was made with the runtime.
  manager& default_manager() noexcept;
  /// One more manager, with its own ids, limits and owners.
  manager open_manager(manager_options options = {});
  /// An owner at the default manager.
  owner open_owner(std::string name, owner_options options = {});
  owner open_owner(std::string name, actor_ref<event> receiver, owner_options options = {});
  owner open_owner(std::string name, event_sink sink, owner_options options = {});

  time_point now() const noexcept;

  /// Refuses new tasks, tells everything to stop, waits for the end at most `patience`, and
  /// reports what is left; that is then abandoned: its outcome is given, its owner told. Tasks that
  /// wait for their turn get none while others end.
  shutdown_report shutdown(duration patience);

  detail::engine& engine() const noexcept;

 protected:
  runtime(runtime_options options, std::unique_ptr<detail::engine> engine);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace actors
