#include "actors/task.hpp"

#include "actors/actor.hpp"
#include "actors/completion.hpp"
#include "addressing.hpp"
#include "sender.hpp"

namespace actors {

namespace {

/// Ends a watch with the coroutine that began it, however that ends.
struct watch_guard {
  detail::task_core& task;
  const void* key;
  watch_guard(detail::task_core& watched, const void* by) noexcept : task(watched), key(by) {}
  watch_guard(const watch_guard&) = delete;
  watch_guard& operator=(const watch_guard&) = delete;
  ~watch_guard() { task.unwatch(key); }
};

coroutine<outcome> await_end(detail::task_ptr task) {
  completion<outcome> done;
  const auto tell = done.get_completer();
  task->watch([tell](const detail::kept_outcome& end) { tell.set_value(end.copy()); }, &done);
  const watch_guard guard(*task, &done);
  co_return co_await done.wait("task");
}

/// The asking side of a question between tasks.
class ask_port final : public reply_port {
 public:
  explicit ask_port(completer<result<json>> to) : to_(std::move(to)) {}
  ~ask_port() override {
    to_.set_value(error{error_code::unanswered, "the question was dropped without an answer"});
  }
  bool fulfil(result<json> answer) override { return to_.set_value(std::move(answer)); }

 private:
  completer<result<json>> to_;
};

coroutine<result<json>> ask_task(detail::task_ptr task, task_id from, json question,
                                 duration patience) {
  completion<result<json>> answer;
  auto message = detail::pack(from, std::move(question));
  message->value.answer = std::make_shared<ask_port>(answer.get_completer());
  auto sent = task->send(std::move(message));
  if (!sent) co_return sent.error();
  auto got = co_await answer.wait_for(patience, "answer");
  if (!got) {
    co_return error{error_code::timed_out,
                    "no answer came from " + to_string(task->id) + " in time"};
  }
  co_return std::move(*got);
}

/// A step of the body's turn, and a look whether it was told to stop.
class step : detail::suspension {
 public:
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> caller) noexcept {
    const auto refused = refuse(caller.promise());
    if (refused != detail::refusal::none) return refused == detail::refusal::after_a_pause;
    if (host().spend()) return false;
    take_turn();
    return true;
  }
  void await_resume() const { raise_if_cancelled(); }
};

/// Waits for room in the inbox of a task, or for its end: a body that is stuck, or never begins,
/// takes nobody in.
class wait_for_task : detail::message_sending<mail> {
  using base = detail::message_sending<mail>;

 public:
  wait_for_task(detail::task_core& task, detail::strand& cell, mail& message) noexcept
      : base(cell, message), task_(task) {}
  ~wait_for_task() { task_.unwatch(this); }

  using base::await_ready;
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> caller) {
    const bool waits = base::await_suspend(caller);
    if (auto* held = base::held()) {
      held->add_ref();
      const detail::core_ref keep(held);
      task_.watch([keep](const detail::kept_outcome&) { keep->fulfil(); }, this);
    }
    return waits;
  }
  using base::await_resume;

 private:
  detail::task_core& task_;
};

/// To nobody when `why_not` says so.
coroutine<send_result> send_when_free(detail::task_ptr task, error why_not, task_id from,
                                      json content) {
  if (why_not.code != error_code::none) {
    co_return send_result(std::move(why_not), std::move(content));
  }
  co_await step();
  auto sent = task->send(detail::pack(from, std::move(content)));
  if (sent.error().code != error_code::inbox_full) co_return sent;
  mail message{.from = from, .content = std::move(sent).returned()};
  if (const actor_ref<mail> inbox(task->cell()); inbox) {
    const bool taken = co_await wait_for_task(*task, *inbox.strand(), message);
    if (taken) co_return send_result();
  }
  co_return task->send(detail::pack(std::move(message)));  // which says why
}

}  // namespace

task_id task_handle::id() const noexcept { return task_->id; }

std::string task_handle::name() const {
  const auto own = task_->what.name();
  return own.empty() ? to_string(task_->id) : std::string(own);
}

task_state task_handle::state() const noexcept { return task_->state(); }

actors::record task_handle::record() const { return task_->record(); }

send_result task_handle::send(json content) const {
  return task_->send(detail::pack(detail::sender(), std::move(content)));
}

coroutine<send_result> task_handle::async_send(json content) const {
  return send_when_free(task_, {}, detail::sender(), std::move(content));
}

receipt task_handle::send_with_receipt(json content, duration expiry) const {
  return task_->send_with_receipt(detail::pack(detail::sender(), std::move(content)), expiry);
}

void task_handle::close_inbox() const noexcept { task_->close_inbox(); }

std::size_t task_handle::cancel() const { return task_->cancel_tree(cancel_reason::requested); }

bool task_handle::cancel_one() const { return task_->cancel(cancel_reason::requested); }

coroutine<outcome> task_handle::ended() const { return await_end(task_); }

coroutine<result<json>> task_handle::ask(json question, duration patience) const {
  return ask_task(task_, detail::sender(), std::move(question), patience);
}

std::optional<outcome> task_handle::wait(duration patience) const {
  auto& manager = *task_->owner->manager;
  const auto deadline =
      manager.is_detached() ? time_point::min() : later(manager.where().now(), patience);
  if (!task_->wait(deadline)) return std::nullopt;
  return task_->end();
}

bool parent_ref::exists() const noexcept { return static_cast<bool>(self_->parent); }

task_id parent_ref::id() const noexcept { return exists() ? self_->parent->id : task_id(); }

error parent_ref::why_not() const {
  if (!exists()) {
    return {error_code::no_parent, "task " + to_string(self_->id) +
                                       " was started by its owner and has no parent; emit() "
                                       "reaches the owner"};
  }
  if (self_->is_closed()) {
    return {error_code::task_ended, "the sender, " + to_string(self_->id) + ", has ended"};
  }
  return {};
}

send_result parent_ref::send(json content) const {
  if (!exists() || self_->is_closed()) [[unlikely]]
    return {why_not(), std::move(content)};
  return self_->parent->send(detail::pack(self_->id, std::move(content)));
}

coroutine<send_result> parent_ref::async_send(json content) const {
  return send_when_free(self_->parent, why_not(), self_->id, std::move(content));
}

coroutine<result<json>> parent_ref::ask(json question, duration patience) const {
  if (!exists()) throw failure({error_code::no_parent, "the task has no parent to ask"});
  return ask_task(self_->parent, self_->id, std::move(question), patience);
}

task_id task_context::id() const noexcept { return self_->id; }

task_handle task_context::handle() const noexcept { return task_handle(detail::task_ptr(self_)); }

const std::string& task_context::owner_name() const noexcept { return self_->owner->name; }

std::optional<task_id> task_context::parse_id(std::string_view text) const noexcept {
  return self_->owner->manager->ids.parse(text);
}

const kept_spec& task_context::spec() const noexcept { return self_->what; }

lineage task_context::from() const { return self_->record().from; }

std::optional<task_handle> task_context::find_child(std::string_view name) const {
  auto child = detail::if_child(self_->owner->find(name), id());
  return child ? std::optional(task_handle(std::move(child))) : std::nullopt;
}

std::optional<task_handle> task_context::find_child(task_id wanted) const {
  auto child = detail::if_child(detail::own_task(*self_->owner, wanted), id());
  return child ? std::optional(task_handle(std::move(child))) : std::nullopt;
}

bool task_context::emit(std::string type, json payload) const {
  return self_->emit(std::move(type), std::move(payload));
}

}  // namespace actors
