#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "actors/coroutine.hpp"
#include "actors/detail/task_ptr.hpp"
#include "actors/inbox.hpp"
#include "actors/kept_spec.hpp"
#include "actors/mail.hpp"
#include "actors/outcome.hpp"
#include "actors/receipt.hpp"
#include "actors/record.hpp"
#include "actors/result.hpp"
#include "actors/sleep.hpp"
#include "actors/spec.hpp"

namespace actors {

/// One background job, as its parent or its owner holds it. Cheap to copy; any thread may use it,
/// also after the task has ended, and after its runtime is gone. Does not keep the task running.
class task_handle {
 public:
  explicit task_handle(detail::task_ptr task) noexcept : task_(std::move(task)) {}

  task_id id() const noexcept;
  /// Its name; its id when it has none.
  std::string name() const;
  task_state state() const noexcept;
  bool has_ended() const noexcept { return is_terminal(state()); }
  /// A picture of it now.
  actors::record record() const;

  /// Puts a message into the task's inbox. When refused, the message comes back with the reason:
  /// `task_ended`, `no_inbox`, `inbox_closed`, `inbox_full`. The receiver sees which task's body
  /// sent it: `mail::from`.
  send_result send(json content) const;
  /// `co_await child.async_send(content)`, inside a body: the same, but waits while the inbox is
  /// full; one that drops never is. Raises `cancelled`, and then it was not sent. Two tasks that
  /// wait for room at each other wait for ever: one of them has to read.
  coroutine<send_result> async_send(json content) const;
  /// As send(), with a receipt that tells what becomes of the message, a refused one as well. What
  /// the body has not taken when `expiry` has passed is not given to it any more.
  receipt send_with_receipt(json content, duration expiry = duration::max()) const;
  /// No more messages: the task's loop over its inbox ends after what was sent.
  void close_inbox() const noexcept;

  /// Tells this task and everything below it to stop. Returns how many live tasks were told; when
  /// it returns, each of them has its token raised, and no new one can appear below.
  std::size_t cancel() const;
  /// Tells this task alone, not those below it, for which it then waits before it ends. False when
  /// it had ended.
  bool cancel_one() const;

  /// `co_await child.ended()`, inside a body: how it ended. Raises `cancelled`.
  coroutine<outcome> ended() const;
  /// `co_await child.ask(question, 2s)`, inside a body: sends and waits for the reply. Errors:
  /// those of send(), `timed_out`, and `unanswered` when it ended or dropped the question.
  coroutine<result<json>> ask(json question, duration patience) const;

  /// Waits on a thread outside the runtime; empty when the time ran out.
  std::optional<outcome> wait(duration patience = duration::max()) const;

  friend bool operator==(const task_handle&, const task_handle&) = default;
  const detail::task_ptr& core() const noexcept { return task_; }

 private:
  detail::task_ptr task_;
};

/// The task that started this one, as the body sees it.
class parent_ref {
 public:
  explicit parent_ref(detail::task_core& self) noexcept : self_(&self) {}

  /// False for a task that an owner started.
  bool exists() const noexcept;
  /// Empty when there is no parent.
  task_id id() const noexcept;
  /// Puts a message into the parent's inbox. Errors: those of `task_handle::send`, and `no_parent`;
  /// a task without parent reaches its owner by `task_context::emit`.
  send_result send(json content) const;
  /// The same, but waits while the inbox is full: `task_handle::async_send`.
  coroutine<send_result> async_send(json content) const;
  /// As `task_handle::ask`; but without a parent, the call throws `failure` (`no_parent`).
  ///
  /// A parent that asks this task at the same time has to read its inbox meanwhile, or both wait
  /// until their patience is over; `examples/conversation.cpp` shows how.
  coroutine<result<json>> ask(json question, duration patience) const;

 private:
  error why_not() const;

  detail::task_core* self_;
};

/// What the body of a task is given: everything it can reach. Valid inside the body, on its strand.
///
/// Once the task was abandoned (it did not end within its grace period), nothing goes out any more:
/// sends, events and spawns are refused.
class task_context : public detail::context_base {
 public:
  task_context(detail::task_core& self, detail::spawn_request& made_by) noexcept
      : context_base(made_by), self_(&self) {}

  task_id id() const noexcept;
  /// What this task was asked to do, with the lineage that it inherited.
  const kept_spec& spec() const noexcept;
  /// Of this task, for others.
  task_handle handle() const noexcept;
  const std::string& owner_name() const noexcept;
  /// As `owner::parse_id`.
  std::optional<task_id> parse_id(std::string_view text) const noexcept;
  /// The task that started this one, and the run, call and agent that it works for.
  lineage from() const;
  time_point now() const noexcept { return host().now(); }

  /// Messages to this task.
  actors::inbox<mail> inbox() const noexcept { return actors::inbox<mail>(host()); }
  parent_ref parent() const noexcept { return parent_ref(*self_); }

  /// Mails a custom event to the owner: progress, partial results, whatever helps. Arrives in order
  /// and before the terminal event, also when the task is being cancelled. False when the owner
  /// takes no more, or when this task's events go nowhere.
  ///
  /// May be called from another thread as long as the body is there, which a function in
  /// `blocking` cannot rely on: a body that is cancelled under `on_cancel::abandon`, or that is
  /// given up, goes while the function still runs. Let the body emit what the function tells it.
  bool emit(std::string type, json payload = nullptr) const;

  /// Has this task been told to stop? The next wait will raise it.
  bool is_cancelled() const noexcept { return host().stop_reason() != cancel_reason::none; }

  /// Starts a child task: `self.spawn({.name = "critic"}, critic, argument, …)`. It is supervised
  /// by the same manager, its events go to the same owner, its lineage is this task's.
  ///
  /// `body` is a coroutine that takes a `task_context` and the arguments, by value, and gives a
  /// value that turns into JSON, or nothing. It is called later: see `owner::spawn`. Errors: see
  /// `owner::spawn`, and `parent_cancelled`, `parent_ended`, `not_allowed`.
  ///
  /// Not a coroutine: nothing needs to be waited for. The child's handle, inbox and record exist
  /// when this returns.
  template <class Body, class... Args>
  result<task_handle> spawn(actors::spec what, Body body, Args... args) const;

  /// A live child of this task, by its name or its id.
  std::optional<task_handle> find_child(std::string_view name) const;
  std::optional<task_handle> find_child(task_id id) const;

 private:
  detail::task_core* self_;
};

}  // namespace actors

#include "actors/detail/spawn_task.hpp"
