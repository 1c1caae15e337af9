#include "manager_core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <span>
#include <utility>

#include "actors/actor.hpp"
#include "actors/sleep.hpp"
#include "delivery_room.hpp"
#include "owner_core.hpp"
#include "planted.hpp"

namespace actors::detail {

namespace {
constexpr const char* not_an_exception = "it raised something that is not a std::exception";
// Between two offers of an end to a journal that has refused it.
constexpr duration first_retry = std::chrono::seconds(1);
constexpr duration longest_retry = std::chrono::minutes(1);
}  // namespace

manager_core::manager_core(engine& where, manager_options how)
    : options(std::move(how)),
      ids(options.ids, options.ids == id_scheme::bg ? 0 : where.random()),
      where_(where),
      // Few enough to be lost in what is kept; none where few are kept.
      batch_size_(has_ttl() ? 1 : std::clamp<std::size_t>(options.max_finished / 64, 1, 64)),
      cancelled_runs_(options.max_cancelled_runs),
      stalls_(options.stall ? std::make_unique<stall_watch>(*this, *options.stall) : nullptr),
      history_(options.history != 0 ? std::make_unique<change_history>(options.history) : nullptr) {
}

error manager_core::admit(task_core& task) {
  const auto accept = [this, &task] {
    task.id = ids.at(next_number_.fetch_add(1, std::memory_order_relaxed));
    tasks_.began();
  };
  if (task.owner->counts_tasks) return admission_.admit(task, accept);
  if (task.owner->has_limits) {
    auto why = admission_.check_uncounted(task);
    if (why.code != error_code::none) return why;
  }
  accept();
  return {};
}

void manager_core::retract(task_core& task) {
  if (task.owner->counts_tasks) admission_.retract(task);
  tasks_.ended(retracted);
  open_drained();
  start_queued();
}

void manager_core::enter(task_ptr shared) {
  auto& task = *shared;
  if (stalls_ != nullptr) stalls_->task_began();
  if (!task.owner->counts_tasks || !admission_.enter(task)) {
    task_core::start(std::move(shared), false);
    return;
  }
  task.wait_for_turn();
  start_queued();
}

void manager_core::start_queued() {
  if (!admission_.has_ready()) return;
  for (auto& task : admission_.take_ready()) task_core::start(std::move(task), true);
}

void manager_core::leave(task_core& task) {
  if (task.owner->counts_tasks) admission_.leave(task);
}

void manager_core::retain(const task_core& task) {
  const bool is_told = task.its.events() == events_go::to_owner;
  const bool is_settled = !is_told || !task.owner->settles_later();
  if (is_settled || is_planted(bug::undelivered_evicted)) keep_finished(task.id);
  tasks_.ended(end_kind_of(task.state()));
  open_drained();
}

manager_core::end_kind manager_core::end_kind_of(task_state state) noexcept {
  switch (state) {
    case task_state::completed: return completed;
    case task_state::cancelled: return cancelled;
    case task_state::timed_out: return timed_out;
    default: return failed;
  }
}

void manager_core::keep_finished(task_id id) {
  std::vector<task_id> batch;
  {
    auto& mine = finished_lately_[thread_number() % finished_lately_.size()];
    const std::lock_guard lock(mine.mutex);
    mine.ids.push_back(id);
    if (mine.ids.size() >= batch_size_) {
      batch = mine.ids;
      mine.ids.clear();
    }
  }
  if (!batch.empty()) keep(batch);
}

void manager_core::keep(const std::vector<task_id>& finished) {
  std::vector<task_id> evicted;
  const auto now = has_ttl() && !is_detached() ? where_.now() : time_point::min();
  {
    evicted.reserve(finished.size());
    const std::lock_guard lock(kept_);
    for (const auto id : finished) finished_.push_back({id, now});
    while (!finished_.empty() &&
           (finished_.size() > options.max_finished ||
            (has_ttl() && later(finished_.front().since, options.ttl) <= now))) {
      evicted.push_back(finished_.front().id);
      finished_.pop_front();
    }
  }
  std::array<task_ptr, 64> gone;
  for (std::span<const task_id> rest = evicted; !rest.empty();) {
    const auto count = forget_some(rest, gone);
    rest = rest.subspan(count);
    task_core::drop_all({gone.data(), count});
  }
}

std::size_t manager_core::forget_some(std::span<const task_id> some, std::span<task_ptr> gone) {
  const auto count = table_.remove_some(some, gone);
  if (options.names == taken_name::number) {
    for (const auto& task : gone.first(count)) {
      if (task) task->owner->forget_name(*task);
    }
  }
  return count;
}

task_ptr manager_core::forget(task_id id) {
  task_ptr gone;
  forget_some({&id, 1}, {&gone, 1});
  return gone;
}

void manager_core::forget_old() {
  if (has_ttl()) keep({});
}

void manager_core::keep_all_finished() {
  for (auto& each : finished_lately_) {
    std::vector<task_id> batch;
    {
      const std::lock_guard lock(each.mutex);
      batch.swap(each.ids);
    }
    keep(batch);
  }
}

void manager_core::watch_grace(const task_core& task) {
  if (options.grace == duration::max()) return;
  const std::lock_guard lock(grace_.mutex);
  const auto deadline = later(where_.now(), options.grace);
  grace_.waiting.push_back({deadline, task.id});
  if (grace_.kept != nullptr || is_detached()) return;
  grace_.kept = shared_from_this();
  where_.arm(grace_, deadline);
}

task_ptr manager_core::grace_queue::first_locked() noexcept {
  while (!waiting.empty()) {
    auto first = self.table_.find(waiting.front().id);
    if (first && !first->is_closed()) return first;
    waiting.pop_front();
  }
  return {};
}

void manager_core::end_grace() noexcept {
  std::shared_ptr<manager_core> kept;  // until the end of this
  std::vector<task_ptr> due;
  {
    const std::lock_guard lock(grace_.mutex);
    kept = std::move(grace_.kept);
    const auto now = where_.now();
    while (auto first = grace_.first_locked()) {
      if (grace_.waiting.front().deadline > now) break;
      due.push_back(std::move(first));
      grace_.waiting.pop_front();
    }
    if (!grace_.waiting.empty() && !is_detached()) {
      grace_.kept = kept;
      where_.arm(grace_, grace_.waiting.front().deadline);
    }
  }
  for (const auto& task : due) task->abandon(options.grace);
}

time_point manager_core::grace_queue::still_needed_at() noexcept {
  std::shared_ptr<manager_core> gone;  // dropped after the lock
  const std::lock_guard lock(mutex);
  if (first_locked()) return std::max(deadline, waiting.front().deadline);
  gone = std::move(kept);
  return time_point::max();
}

void manager_core::detach() noexcept {
  {
    const std::lock_guard lock(unwritten_mutex_);
    writes_no_more_ = true;
    for (const auto& each : unwritten_) {
      report_lost_end(each.id, ++lost_ends_);
    }
  }
  for (const auto& each : rooms()) each->close("the runtime has ended");
  admission_.detach();
  std::shared_ptr<manager_core> gone;
  const std::lock_guard lock(grace_.mutex);
  detached_.store(true, std::memory_order_release);
  where_.disarm(grace_);
  if (stalls_ != nullptr) stalls_->detach();
  gone = std::move(grace_.kept);
}

void manager_core::clear() {
  if (options.names == taken_name::number) {
    for (const auto& task : tasks(nullptr)) forget(task->id);
  }
  table_.clear();
}

task_ptr manager_core::find(task_id id) {
  forget_old();
  return table_.find(id);
}

void manager_core::sort_by_id(std::vector<task_ptr>& tasks) {
  std::ranges::sort(tasks, {}, [](const task_ptr& task) { return task->id; });
}

std::vector<task_ptr> manager_core::tasks(const owner_core* owner) {
  keep_all_finished();
  forget_old();
  std::vector<task_ptr> all;
  table_.for_each([&all, owner](task_core& task) {
    if (owner == nullptr || task.owner == owner) all.emplace_back(&task);
  });
  sort_by_id(all);
  return all;
}

std::vector<task_ptr> manager_core::running_tasks() const {
  std::vector<task_ptr> all;
  table_.for_each([&all](task_core& task) {
    if (task.state() == task_state::running) all.emplace_back(&task);
  });
  return all;
}

std::vector<record> manager_core::list(const query& which, const owner_core* owner) {
  auto all = tasks(owner);
  std::erase_if(all, [&which](const task_ptr& task) {
    return !policy::matches(which.in, task->state()) ||
           (!which.owner.empty() && which.owner != task->owner->name) ||
           (!which.run_id.empty() && which.run_id != task->what.run_id());
  });
  std::vector<record> records;
  const bool sorts = which.sorted == query::order::newest_first;
  for (const auto& task : all) {
    if (!sorts && records.size() == which.limit) break;
    auto copy = task->record();
    // It may have gone on meanwhile.
    if (policy::matches(which.in, copy.state)) records.push_back(std::move(copy));
  }
  if (sorts) {
    const auto key = [](const record& one) {
      return std::pair(one.started_at_ms.value_or(one.created_at_ms), one.id);
    };
    std::sort(records.begin(), records.end(),
              [key](const record& a, const record& b) { return key(a) > key(b); });
    if (records.size() > which.limit) records.resize(which.limit);
  }
  return records;
}

snapshot manager_core::take_snapshot() {
  snapshot all;
  // Before the look at the tasks: each of them is in a state at least as far as its last change.
  if (history_ != nullptr) all.number = history_->last();
  for (const auto& task : tasks(nullptr)) {
    if (task->is_accepted()) all.records.push_back(task->record());
  }
  return all;
}

std::size_t manager_core::forget_ended(const owner_core* of) {
  keep_all_finished();
  std::vector<task_ptr> seen;
  std::vector<task_ptr> dropped;
  {
    const std::lock_guard lock(kept_);
    std::erase_if(finished_, [this, of, &seen, &dropped](const ended_task& one) {
      const auto& task = seen.emplace_back(table_.find(one.id));
      if (!task) return true;
      if (of != nullptr && task->owner != of) return false;
      dropped.push_back(forget(one.id));
      return true;
    });
  }
  const auto count = dropped.size();
  task_core::drop_all(dropped);
  return count;
}

result<void> manager_core::journal_accepted(const task_core& task) {
  error why;
  try {
    if (auto done = options.journal->accepted(task.record()); !done) why = done.error();
  } catch (const std::exception& raised) {
    why = {error_code::journal_failed, raised.what()};
  } catch (...) {
    why = {error_code::journal_failed, not_an_exception};
  }
  if (why.code == error_code::none) return {};
  journal_failures_accepted_.fetch_add(1, std::memory_order_relaxed);
  return error{error_code::journal_failed, "the journal refused the task: " + why.message};
}

std::string manager_core::offer_end(const actors::record& task) noexcept {
  try {
    const auto done = options.journal->ended(task);
    if (done) return {};
    return done.error().message.empty() ? "it did not say why" : done.error().message;
  } catch (const std::exception& raised) {
    return raised.what();
  } catch (...) {
    return not_an_exception;
  }
}

void manager_core::journal_ended(const actors::record& task) noexcept {
  const auto why = offer_end(task);
  if (why.empty()) return;
  const auto count = journal_failures_ended_.fetch_add(1, std::memory_order_relaxed) + 1;
  report_some(count, fmt::format("the journal did not take the end of {} ({}), {} so far",
                                 to_string(task.id), why, count));
  if (!is_planted(bug::end_not_offered_again)) keep_unwritten(task);
}

void manager_core::keep_unwritten(const actors::record& task) {
  std::optional<task_id> lost;
  std::uint64_t lost_so_far = 0;
  {
    const std::lock_guard lock(unwritten_mutex_);
    if (writes_no_more_ || options.max_unwritten_ends == 0) {
      lost = task.id;
    } else {
      if (unwritten_.size() >= options.max_unwritten_ends) {
        auto oldest = unwritten_.begin();
        if (&*oldest == offered_) ++oldest;
        if (oldest != unwritten_.end()) {
          lost = oldest->id;
          unwritten_.erase(oldest);
        }
      }
      unwritten_.push_back(task);
      if (!is_writing_again_) {
        is_writing_again_ = true;
        start_actor<int>(where_, 0, &keep_writing, shared_from_this());
      }
    }
    if (lost) lost_so_far = ++lost_ends_;
  }
  if (lost) report_lost_end(*lost, lost_so_far);
}

void manager_core::report_lost_end(task_id id, std::uint64_t so_far) const noexcept {
  report_some(so_far, fmt::format("the journal never took the end of {}, {} so far", to_string(id),
                                  so_far));
}

bool manager_core::write_again(time_point deadline) noexcept {
  bool took_one = false;
  std::unique_lock lock(unwritten_mutex_);
  if (offered_ != nullptr) return false;  // somebody else is at it
  // What comes meanwhile is for the next time.
  auto rounds = unwritten_.size();
  for (auto next = unwritten_.begin(); rounds != 0 && next != unwritten_.end(); --rounds) {
    if (where_.now() >= deadline) break;
    offered_ = &*next;
    lock.unlock();
    const bool is_taken = offer_end(*offered_).empty();
    lock.lock();
    offered_ = nullptr;
    took_one = took_one || is_taken;
    next = is_taken ? unwritten_.erase(next) : std::next(next);
  }
  return took_one;
}

coroutine<void> manager_core::keep_writing(actor_context<int> /*self*/,
                                           std::shared_ptr<manager_core> home) {
  try {
    for (auto pause = first_retry;;) {
      co_await sleep_for(pause);
      pause =
          home->write_again(time_point::max()) ? first_retry : std::min(2 * pause, longest_retry);
      const std::lock_guard lock(home->unwritten_mutex_);
      if (!home->unwritten_.empty()) continue;
      home->is_writing_again_ = false;
      co_return;
    }
  } catch (const actors::cancelled&) {
    const std::lock_guard lock(home->unwritten_mutex_);
    home->is_writing_again_ = false;
    throw;
  }
}

void manager_core::report_some(std::uint64_t count, const std::string& line) const noexcept {
  if (options.on_report || std::has_single_bit(count)) report(line);
}

std::size_t manager_core::count_unwritten() const {
  const std::lock_guard lock(unwritten_mutex_);
  return unwritten_.size();
}

void manager_core::report(const std::string& line) const noexcept {
  try {
    if (options.on_report) {
      options.on_report(line);
    } else {
      std::fprintf(stderr, "actors: %s\n", line.c_str());
    }
  } catch (...) {
    std::fprintf(stderr, "actors: a report failed: %s\n", line.c_str());
  }
}

void manager_core::add_dead_letter(dead_letter&& lost) {
  std::optional<dead_letter> oldest;
  std::uint64_t lost_so_far = 0;
  {
    const std::lock_guard lock(kept_);
    ++dead_letter_count_;
    dead_letters_.push_back(std::move(lost));
    if (is_planted(bug::dead_letters_unbounded)) return;
    if (dead_letters_.size() <= options.max_dead_letters) return;
    oldest = std::move(dead_letters_.front());
    dead_letters_.pop_front();
    lost_so_far = ++lost_letters_;
  }
  report_some(lost_so_far,
              fmt::format("a result is lost, {} so far: {} for the owner {} ({}); more than {} are "
                          "dead letters",
                          lost_so_far, oldest->what.id(), oldest->what.owner, oldest->reason,
                          options.max_dead_letters));
}

void manager_core::put_back(std::vector<dead_letter>&& letters) {
  const std::lock_guard lock(kept_);
  dead_letters_.insert(dead_letters_.begin(), std::make_move_iterator(letters.begin()),
                       std::make_move_iterator(letters.end()));
}

std::vector<dead_letter> manager_core::dead_letters() const {
  const std::lock_guard lock(kept_);
  return {dead_letters_.begin(), dead_letters_.end()};
}

std::vector<dead_letter> manager_core::take_dead_letters(const std::string* owner) {
  std::vector<dead_letter> taken;
  const std::lock_guard lock(kept_);
  std::erase_if(dead_letters_, [&taken, owner](dead_letter& one) {
    if (owner != nullptr && one.what.owner != *owner) return false;
    taken.push_back(std::move(one));
    return true;
  });
  return taken;
}

void manager_core::add_room(const std::shared_ptr<delivery_room>& room) {
  const std::lock_guard lock(kept_);
  std::erase_if(rooms_, [](const auto& one) { return one.expired(); });
  rooms_.push_back(room);
}

std::vector<std::shared_ptr<delivery_room>> manager_core::rooms() const {
  std::vector<std::shared_ptr<delivery_room>> all;
  const std::lock_guard lock(kept_);
  for (const auto& each : rooms_) {
    if (auto room = each.lock()) all.push_back(std::move(room));
  }
  return all;
}

void manager_core::drain_deliveries(time_point deadline) {
  for (const auto& each : rooms()) each->drain(deadline);
}

manager_metrics manager_core::metrics() const {
  manager_metrics now;
  // In this order: what is read later has only grown, so no difference is below zero.
  const auto ends = tasks_.ends();
  const auto began = tasks_.total_began();
  now.completed = ends[completed];
  now.failed = ends[failed];
  now.cancelled = ends[cancelled];
  now.timed_out = ends[timed_out];
  now.ended = now.completed + now.failed + now.cancelled + now.timed_out;
  now.accepted = began - ends[retracted];
  const auto live = now.accepted - now.ended;
  const auto limited = admission_.count();
  now.queued = limited.queued;
  now.running =
      admission_.counts_all() ? limited.started : live - std::min<std::size_t>(now.queued, live);
  now.stalls = stalls_ != nullptr ? stalls_->count() : 0;
  now.rejected = rejected_.load(std::memory_order_relaxed);
  now.journal_failures_accepted = journal_failures_accepted_.load(std::memory_order_relaxed);
  now.journal_failures_ended = journal_failures_ended_.load(std::memory_order_relaxed);
  now.journal_failures = now.journal_failures_accepted + now.journal_failures_ended;
  now.unwritten_ends = count_unwritten();
  for (const auto& each : rooms()) {
    const auto its = each->state();
    now.deliveries_waiting += its.queued - its.in_flight;
    now.deliveries_in_flight += its.in_flight;
  }
  now.delivery_failures = delivery_failures_.load(std::memory_order_relaxed);
  const std::lock_guard lock(kept_);
  now.dead_letters = dead_letter_count_;
  return now;
}

bool manager_core::wait_until_drained(time_point deadline) {
  drained_.close();
  watched_.store(true, std::memory_order_seq_cst);
  if (tasks_.is_zero()) {
    drained_.open();  // for another thread that waits, and that the close() above has shut out
    return true;
  }
  return !is_detached() && where_.wait(drained_, deadline);
}

}  // namespace actors::detail
