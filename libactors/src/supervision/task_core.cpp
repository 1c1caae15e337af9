#include "task_core.hpp"

#include <cxxabi.h>
#include <fmt/format.h>

#include <cassert>
#include <cstdlib>
#include <type_traits>

#include "manager_core.hpp"
#include "owner_core.hpp"
#include "planted.hpp"
#include "policy.hpp"

namespace actors::detail {

void add_ref(task_core& task) noexcept { task.add_ref(); }
void release(task_core& task) noexcept { task.drop_ref(); }
owner_core& owner_of(task_core& task) noexcept { return *task.owner; }

engine& task_core::home() noexcept { return owner->manager->where(); }

namespace {

/// Of the exception that is being handled.
std::string raised_type() {
  const auto* type = abi::__cxa_current_exception_type();
  if (type == nullptr) return {};
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : type->name();
}

kept_spec inherit(spec&& what, const task_core* parent) {
  if (parent != nullptr) {
    const auto take_over = [](std::string& own, std::string_view parents) {
      if (own.empty() && !parents.empty()) own = parents;
    };
    take_over(what.run_id, parent->what.run_id());
    take_over(what.call_id, parent->what.call_id());
    take_over(what.agent_id, parent->what.agent_id());
  }
  return std::move(what);
}

}  // namespace

task_core::task_core(owner_core& its_owner, task_ptr its_parent, spec&& its_spec,
                     body_room its_room)
    : owner(&its_owner),
      what(inherit(std::move(its_spec), its_parent.get())),
      parent(std::move(its_parent)),
      depth(parent ? parent->depth + 1 : 0),
      its(what.in_brief()),
      is_root(!parent),
      created_at_ms_(owner->manager->where().wall_ms()),
      room_(its_room) {
  if (its.has_more() && what.timeout() > duration::zero()) {
    timeout_ = std::make_unique<timeout_alarm>(*this);
  }
  if (is_root) owner->add_root();
}

task_core::~task_core() {
  if (cell_ != nullptr) cell_->release();
  // The parent goes after this, and keeps the owner until then.
  if (is_root) owner->drop_root();
}

// The last reference to a task may hold the last one to its parent, and so on upwards: a loop, so
// that a long chain does not need a deep stack.
void task_core::drop_refs(std::uint32_t count) noexcept {
  auto* task = this;
  while (task != nullptr && task->give_references(count)) {
    auto* above = task->parent.detach();
    delete task;
    task = above;
    count = 1;
  }
}

// They ended long ago, and what is in no cache any more is fetched while others go. What brothers
// and sisters owe their parent is counted together: it may be busy elsewhere.
void task_core::drop_all(std::span<task_ptr> forgotten) noexcept {
  constexpr std::size_t distance = 4;
  const auto at = [forgotten](std::size_t i) {
    return i < forgotten.size() ? forgotten[i].get() : nullptr;
  };
  const task_core* swept = nullptr;
  task_core* parent = nullptr;
  std::uint32_t owed = 0;
  for (std::size_t i = 0; i < forgotten.size(); ++i) {
    if (const auto* far = at(i + 2 * distance)) far->fetch();
    if (const auto* near = at(i + distance)) near->fetch_parts();
    auto* task = forgotten[i].detach();
    if (task == nullptr) continue;
    // Or its parent might keep it.
    if (auto* above = task->parent.get(); above != nullptr && above != swept) {
      above->sweep();
      swept = above;
    }
    if (!task->give_references(1)) continue;
    auto* above = task->parent.detach();
    delete task;
    if (above != parent) {
      if (owed != 0) parent->drop_refs(std::exchange(owed, 0));
      parent = above;
    }
    if (above != nullptr) ++owed;
  }
  if (owed != 0) parent->drop_refs(owed);
}

void task_core::refuse(const error& why) {
  kept_outcome end(outcome{task_state::failed, nullptr, "was not accepted: " + why.message});
  unbegun_ptr body;
  strand* cell = nullptr;
  std::unique_ptr<mail_ring> ring;
  watcher_list watchers;
  {
    const std::lock_guard lock(mutex_);
    closed_.store(true, std::memory_order_release);
    end.told_at_ms = owner->manager->where().wall_ms();
    end_ = std::move(end);
    body = std::move(body_);
    ring = std::move(ring_);
    state_.store(task_state::failed, std::memory_order_release);
    cell = std::exchange(cell_, nullptr);
    watchers.swap(watchers_);
  }
  drop_body(std::move(body), cell, settled::as_claimed);
  ring.reset();
  tell_end(watchers);
}

duration task_core::blamed_timeout() const noexcept {
  // Relaxed: it is set before the task is told to stop, and read after that was seen.
  return timed_out_.load(std::memory_order_relaxed) ? what.timeout() : duration::zero();
}

error task_core::refuse_child_locked() const {
  if (closed_.load(std::memory_order_relaxed)) {
    return {error_code::parent_ended, "the parent task " + to_string(id) + " has ended"};
  }
  if (refuses_children_ && !is_planted(bug::late_child_accepted)) {
    return {error_code::parent_cancelled, "the parent task " + to_string(id) + " was cancelled"};
  }
  if (!its.may_spawn() && !is_planted(bug::leaf_spawns)) {
    return {error_code::not_allowed,
            "the task " + to_string(id) + " may not start others: spec.may_spawn is false"};
  }
  if (!owner->has_limits || is_planted(bug::children_unlimited)) return {};
  const auto children = live_children_.load(std::memory_order_relaxed);
  auto why = policy::admit_child(owner->options.limits, children, "owner_options.limits");
  if (why.code != error_code::none) return why;
  return policy::admit_child(owner->manager->options.limits, children, "limits");
}

bool task_core::counts_among_siblings() const noexcept {
  return owner->has_limits && parent &&
         (owner->options.limits.max_children || owner->manager->options.limits.max_children);
}

// Relaxed, here and where it is counted: whoever learns of the end learns of this by the same way.
void task_core::leave_siblings() noexcept {
  if (counts_among_siblings()) parent->live_children_.fetch_sub(1, std::memory_order_relaxed);
}

void task_core::leave_tree() {
  leave_siblings();
  // The parent may have ended meanwhile and be waiting for this child that never was.
  if (parent && parent->forget_child(*this, false)) parent->complete_above(parent->publish());
}

// After the state was set: a picture that is taken after the number was given shows it.
inline void task_core::note_change_locked(task_state now, unix_ms at) const {
  if (owner->manager->history() != nullptr) add_to_history(now, at);
}

void task_core::add_to_history(task_state now, unix_ms at) const {
  owner->manager->history()->add({0, id, now, at, owner->name, what});
}

void task_core::start(task_ptr shared, bool was_queued) {
  auto& task = *shared;
  cancel_reason told{};
  {
    const std::lock_guard lock(task.mutex_);
    if (task.closed_.load(std::memory_order_relaxed)) return;
    task.accepted_ = true;
    told = task.end_if_told_locked();
    if (told == cancel_reason::none) task.start_locked(was_queued);
  }
  if (told != cancel_reason::none) {
    task.settle_unstarted(told);
    return;
  }
  auto& where = task.owner->manager->where();
  // The reference is kept until begin(), and then for the cell, which reports to the task until
  // actor_ended().
  where.launch_late(*shared.detach());
}

void task_core::start_locked(bool was_queued) {
  auto& where = owner->manager->where();
  state_.store(task_state::running, std::memory_order_release);
  // One that did not wait for its turn starts when it was made.
  started_at_ms_ = was_queued ? where.wall_ms() : created_at_ms_;
  note_change_locked(task_state::running, started_at_ms_);
  if (owner->options.started_events) {
    mail_locked(started_at_ms_, event_kind::started, {}, nullptr, {});
  }
  // Under the lock: whoever ends the task now, and then finds the engine empty, would take it apart
  // before the launch.
  where.expect_late();
  const bool has_limit = timeout_ != nullptr && !is_planted(bug::timeout_ignored);
  if (has_limit) {
    add_ref();  // for the alarm
    if (!where.arm(*timeout_, later(where.now(), what.timeout()))) drop_ref();
  }
}

void task_core::wait_for_turn() {
  cancel_reason told{};
  {
    const std::lock_guard lock(mutex_);
    accepted_ = true;
    // Its turn may have come already; then the body ends it.
    if (state_.load(std::memory_order_relaxed) == task_state::queued) {
      told = end_if_told_locked();
      if (told == cancel_reason::none) note_change_locked(task_state::queued, created_at_ms_);
    }
  }
  if (told != cancel_reason::none) settle_unstarted(told);
}

cancel_reason task_core::end_if_told_locked() {
  if (reason_ == cancel_reason::none || !claim_end_locked()) return cancel_reason::none;
  note_change_locked(task_state::queued, created_at_ms_);
  return reason_;
}

record task_core::record() const {
  actors::record copy;
  copy.id = id;
  copy.owner = owner->name;
  copy.what = what.copy();
  copy.depth = depth;
  copy.created_at_ms = created_at_ms_;
  copy.from = {parent ? to_string(parent->id) : std::string(), copy.what.run_id, copy.what.call_id,
               copy.what.agent_id};
  const std::lock_guard lock(mutex_);
  copy.state = state_.load(std::memory_order_relaxed);
  copy.dropped_messages = dropped_messages_;
  if (started_at_ms_ != 0) copy.started_at_ms = started_at_ms_;
  if (copy.state == task_state::running) {
    if (closed_.load(std::memory_order_relaxed)) {
      copy.phase = task_phase::finalizing;
      copy.awaiting = awaited_children_ != 0 ? "children" : "";
    } else {
      copy.phase = reason_ == cancel_reason::none ? task_phase::active : task_phase::cancelling;
      copy.awaiting = awaiting_locked();
      if (cell_ != nullptr) copy.unread_messages = cell_->unread();
    }
  }
  if (is_terminal(copy.state)) {
    copy.ended_at_ms = end_.told_at_ms;
    copy.end = end_.copy();
  }
  return copy;
}

bool task_core::is_accepted() const {
  const std::lock_guard lock(mutex_);
  return accepted_;
}

cancel_reason task_core::reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

outcome task_core::end() const {
  const std::lock_guard lock(mutex_);
  assert(is_terminal(state_.load(std::memory_order_relaxed)));
  return end_.copy();
}

bool task_core::emit(std::string type, json payload) {
  const std::lock_guard lock(mutex_);
  if (closed_.load(std::memory_order_relaxed)) return false;
  return mail_locked(owner->manager->where().wall_ms(), event_kind::custom, std::move(type),
                     std::move(payload), {});
}

const char* task_core::awaiting_locked() const noexcept {
  if (cell_ != nullptr) return cell_->awaiting();
  return closed_.load(std::memory_order_relaxed) ? "children" : "start";
}

// The end of the body counts apart, because its turns are gone then.
std::uint64_t task_core::progress_locked() const noexcept {
  const auto last = cell_ != nullptr ? cell_->turns() : 0;
  const bool has_ended = closed_.load(std::memory_order_relaxed);
  return (seq_ * 2 + (has_ended ? 1 : 0)) << 32U | last;
}

std::uint64_t task_core::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_locked();
}

std::optional<std::uint64_t> task_core::report_stall(std::uint64_t seen, duration quiet) {
  const std::lock_guard lock(mutex_);
  if (progress_locked() != seen || state_.load(std::memory_order_relaxed) != task_state::running) {
    return std::nullopt;
  }
  json facts = {{"seconds", std::chrono::duration<double>(quiet).count()}};
  facts["awaiting"] = awaiting_locked();
  mail_locked(owner->manager->where().wall_ms(), event_kind::stalled, {}, std::move(facts), {});
  return progress_locked();
}

template <class Type, class Payload, class Error>
bool task_core::mail_locked(unix_ms at, event_kind kind, Type&& type, Payload&& payload,
                            Error&& error) {
  if (its.events() == events_go::nowhere) return false;
  if (is_planted(bug::gap_in_sequence) && seq_ == 2) ++seq_;
  const auto build = [&](const std::string& owner_name) {
    event happened{.kind = kind,
                   .task = id,
                   .parent = parent ? parent->id : task_id(),
                   .seq = seq_ + 1,
                   .created_at_ms = created_at_ms_,
                   .at_ms = at,
                   .what = what,
                   .owner = owner_name,
                   .payload = std::forward<Payload>(payload)};
    // To move an empty text costs as much as a short one.
    if constexpr (!std::is_same_v<std::remove_cvref_t<Type>, no_text>) {
      happened.type = std::forward<Type>(type);
    }
    if constexpr (!std::is_same_v<std::remove_cvref_t<Error>, no_text>) {
      happened.error = std::forward<Error>(error);
    }
    return happened;
  };
  // Only what was mailed counts, so the numbers have no gap.
  if (!owner->deliver(build)) return false;
  ++seq_;
  return true;
}

void task_core::watch(watcher_action tell, const void* key) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_terminal(state_.load(std::memory_order_relaxed))) {
      if (watchers_ == nullptr) watchers_ = std::make_unique<std::vector<watcher>>();
      watchers_->push_back({std::move(tell), key});
      return;
    }
  }
  tell(end_);
}

void task_core::tell_end(const watcher_list& watchers) const {
  if (watchers == nullptr) return;
  for (const auto& one : *watchers) one.tell(end_);
}

void task_core::unwatch(const void* key) noexcept {
  const std::lock_guard lock(mutex_);
  if (watchers_ == nullptr) return;
  std::erase_if(*watchers_, [key](const watcher& one) { return one.key == key; });
  if (watchers_->empty()) watchers_.reset();
}

std::size_t task_core::watchers() const {
  const std::lock_guard lock(mutex_);
  return watchers_ != nullptr ? watchers_->size() : 0;
}

bool task_core::wait(time_point deadline) {
  const auto ended = std::make_shared<gate>();
  watch([ended](const kept_outcome&) { ended->open(); }, ended.get());
  // Without an engine nothing happens any more: what has not ended will not.
  const bool open = owner->manager->is_detached() ? ended->is_open()
                                                  : owner->manager->where().wait(*ended, deadline);
  unwatch(ended.get());
  return open;
}

kept_outcome task_core::conclude(promise_base& body) const {
  auto told = body.host->stop_reason();
  // The engine tells all that it makes in a shutdown; the task may have been told before.
  if (told != cancel_reason::none) {
    if (const auto first = reason(); first != cancel_reason::none) told = first;
  }
  if (ended_by_cancel(body)) {
    return kept_outcome(
        policy::conclude(policy::ending::stopped, told, nullptr, {}, blamed_timeout(), {}));
  }
  return conclude_by(told, [this, &body] { return collect_(body); });
}

template <class Result>
kept_outcome task_core::conclude_by(cancel_reason told, Result result) const {
  using policy::ending;
  const auto end = [this, told](ending how, json&& shown, std::string&& error) {
    return policy::conclude(how, told, std::move(shown), std::move(error), blamed_timeout(), {});
  };
  const auto raised = [&end](json&& shown, std::string&& error) {
    auto failed = end(ending::raised, std::move(shown), std::move(error));
    failed.error_type = raised_type();
    return kept_outcome(std::move(failed));
  };
  try {
    return {policy::decide(ending::returned, told), result()};
  } catch (const cancelled&) {  // out of a conversion to JSON, say
    return kept_outcome(end(ending::stopped, nullptr, {}));
  } catch (const failure_with_result& why) {
    return raised(copy_to_depth(why.result()), why.what());
  } catch (const std::exception& why) {
    return raised(nullptr, why.what());
  } catch (...) {
    return raised(nullptr, "an exception that is not a std::exception");
  }
}

kept_outcome task_core::conclude_failure(const std::exception_ptr& raised) const {
  return conclude_by(reason(), [&raised]() -> json { std::rethrow_exception(raised); });
}

void task_core::actor_ended(promise_base* promise, remains& left) noexcept {
  const auto clear = [this, &left] {
    left.clear();
    body_runs_.store(false, std::memory_order_release);
  };
  if (promise != nullptr) {
    auto end = conclude(*promise);
    clear();
    settle(std::move(end));
  } else {
    clear();  // it was given up, and its end with it
  }
  drop_ref();  // the cell's
}

void task_core::settle_unstarted(cancel_reason reason) {
  settle(kept_outcome(policy::conclude(policy::ending::stopped, reason, nullptr, {}, {}, {})),
         settled::as_claimed);
}

bool task_core::claim_end_locked() noexcept {
  if (closed_.load(std::memory_order_relaxed)) return false;  // the first end counts
  closed_.store(true, std::memory_order_release);
  return true;
}

void task_core::settle(kept_outcome&& end, settled how) {
  const auto state = end.state();
  std::vector<task_ptr> doomed;
  unbegun_ptr body;
  strand* cell = nullptr;
  std::unique_ptr<mail_ring> ring;
  bool ready = false;
  bool is_published = false;
  last_duties left{};
  task_core* departed = nullptr;
  cancel_reason reason{};
  {
    const std::lock_guard lock(mutex_);
    if (how != settled::as_claimed && !claim_end_locked()) return;
    end_ = std::move(end);
    body = std::move(body_);
    if (!is_being_called_) cell = std::exchange(cell_, nullptr);
    ring = std::move(ring_);
    departed = forget_departed_locked(departed_.shut());
    // After a walk there is nobody left to tell: a chain that ends from above would otherwise be
    // walked once per link.
    const bool cancels = cancels_some_ || policy::cancels_child(lifetime::bound, state);
    for (auto* link = children_.next; cancels && !walked_ && link != &children_;
         link = link->next) {
      auto& child = static_cast<task_core&>(*link);
      if (policy::cancels_child(child.its.life(), state)) doomed.emplace_back(&child);
    }
    reason = reason_ == cancel_reason::none ? cancel_reason::requested : reason_;
    ready = awaited_children_ == 0 || is_planted(bug::parent_ends_first);
    if (is_planted(bug::name_freed_early)) owner->release_name(*this, [] {});
    completing_ = ready;
    // Nothing is left to be done before: the same lock will do.
    is_published = ready && how == settled::by_body && doomed.empty() && body == nullptr &&
                   ring == nullptr && timeout_ == nullptr &&
                   owner->manager->options.journal == nullptr;
    if (is_published) left = publish_locked(owner->manager->where().wall_ms());
  }
  if (!doomed.empty()) {
    const manager_core::held_turns until_all_are_told(*owner->manager);
    for (const auto& child : doomed) child->spread(reason, reach::rest_of_tree);
  }
  drop_body(std::move(body), cell, how);
  ring.reset();
  if (is_published) fulfil(left);
  drop_departed(departed);
  if (ready) complete_above(is_published ? left.has_no_children : publish());
}

// The end of the last awaited child ends the parent, and so on upwards: a loop, because chains are
// as long as users make them.
void task_core::complete_above(bool has_no_children) {
  // Most do not take the parent's lock, whose line it needs for each child that it starts. But what
  // has no record any more would stay until somebody else's is forgotten.
  const bool may_stay = owner->manager->keeps_records();
  // The caller keeps this task, and a task its parent, and so on upwards.
  auto* ended = this;
  for (auto* above = parent.get(); above != nullptr; above = above->parent.get()) {
    if (may_stay && has_no_children && above->departed_.push(*ended)) return;
    if (!above->forget_child(*ended, has_no_children)) return;
    has_no_children = above->publish();
    ended = above;
  }
}

// A child has ended: it is not waited for any longer, and leaves the tree, unless children of its
// own hang on it. True when it was the last that this task had to wait for.
bool task_core::forget_child(task_core& child, bool has_no_children) {
  bool completes = false;
  bool gone = false;
  bool was_last = false;
  task_core* departed = nullptr;
  {
    const std::lock_guard lock(mutex_);
    // Where the body has ended the stack is shut, or settle() is about to.
    if (!closed_.load(std::memory_order_relaxed)) {
      departed = forget_departed_locked(departed_.take());
    }
    if (policy::waits_for_child(child.its.life())) --awaited_children_;
    if (closed_.load(std::memory_order_relaxed) && awaited_children_ == 0 && !completing_) {
      completing_ = completes = true;
    }
    gone = child.is_linked() && (has_no_children || child.is_leaf());
    if (gone) child.unlink();
    was_last =
        gone && is_terminal(state_.load(std::memory_order_relaxed)) && !children_.is_linked();
  }
  drop_departed(departed);
  if (gone) child.drop_ref();  // the list's; never the last: the caller has one
  if (was_last) prune();
  return completes;
}

task_core* task_core::forget_departed_locked(task_core* first) noexcept {
  for (auto* child = first; child != nullptr; child = child->next_departed) {
    if (policy::waits_for_child(child->its.life())) --awaited_children_;
    child->unlink();
  }
  return first;
}

// The children that have ended leave the list now.
void task_core::sweep() noexcept {
  if (departed_.is_empty()) return;
  task_core* departed = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (closed_.load(std::memory_order_relaxed)) return;
    departed = forget_departed_locked(departed_.take());
  }
  drop_departed(departed);
}

void task_core::drop_departed(task_core* first) noexcept {
  while (first != nullptr) std::exchange(first, first->next_departed)->drop_ref();
}

bool task_core::is_leaf() const {
  const std::lock_guard lock(mutex_);
  return !children_.is_linked();
}

// Takes what has ended and has no children out of the tree, upwards.
void task_core::prune() {
  auto* node = this;
  while (node != nullptr && node->parent) {
    auto* above = node->parent.get();
    bool gone = false;
    bool above_next = false;
    {
      const std::lock_guard lock_above(above->mutex_);
      const std::lock_guard lock(node->mutex_);
      gone = node->is_linked() && is_terminal(node->state_.load(std::memory_order_relaxed)) &&
             !node->children_.is_linked();
      if (gone) node->unlink();
      above_next = gone && is_terminal(above->state_.load(std::memory_order_relaxed)) &&
                   !above->children_.is_linked();
    }
    // The list's, never the last: the caller has one, or one of a task below.
    if (gone) node->drop_ref();
    node = above_next ? above : nullptr;
  }
}

void task_core::write_down(unix_ms at) {
  auto& manager = *owner->manager;
  if (manager.options.journal == nullptr) return;
  auto last = record();
  last.state = end_.state();
  last.ended_at_ms = at;
  last.end = end_.copy();
  last.awaiting.clear();
  manager.journal_ended(last);
}

bool task_core::publish() {
  auto& manager = *owner->manager;
  const auto at = manager.where().wall_ms();
  disarm_timeout();
  if (!is_planted(bug::mail_before_journal)) write_down(at);
  last_duties left{};
  {
    const std::lock_guard lock(mutex_);
    left = publish_locked(at);
  }
  if (is_planted(bug::mail_before_journal)) write_down(at);
  fulfil(left);
  return left.has_no_children;
}

task_core::last_duties task_core::publish_locked(unix_ms at) {
  const auto state = end_.state();
  end_.told_at_ms = at;
  owner->release_name(*this, [this, state] { state_.store(state, std::memory_order_release); });
  note_change_locked(state, at);
  // Before the event: whoever reads it may start a task of the same name in the same slot.
  owner->manager->leave(*this);
  leave_siblings();
  if (end_.has_texts()) {
    mail_locked(at, kind_of(state), end_.error_type(), end_.result(), end_.error());
  } else {
    mail_locked(at, kind_of(state), {}, end_.result(), {});
  }
  if (is_planted(bug::end_told_twice)) mail_locked(at, kind_of(state), {}, {}, {});
  last_duties left{{}, !children_.is_linked()};
  left.watchers.swap(watchers_);
  if (is_planted(bug::watcher_not_told) && left.watchers != nullptr) left.watchers->pop_back();
  return left;
}

void task_core::fulfil(last_duties& left) {
  auto& manager = *owner->manager;
  manager.start_queued();
  owner->delivered();
  manager.retain(*this);
  owner->task_ended();
  tell_end(left.watchers);
}

}  // namespace actors::detail
