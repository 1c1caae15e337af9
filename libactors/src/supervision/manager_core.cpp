#include "manager_core.hpp"

#include <algorithm>
#include <cstdio>

#include "owner_core.hpp"

namespace actors::detail {

namespace {
constexpr const char* not_an_exception = "it raised something that is not a std::exception";
}

manager_core::manager_core(engine& where, manager_options how)
    : options(std::move(how)), where_(where) {}

error manager_core::admit(task_core& task) {
  const std::lock_guard lock(admission_);
  auto decision = policy::admit(options.limits, load_, task.depth);
  if (decision.decision == policy::verdict::reject) return std::move(decision.why);
  task.counts_as_queued = decision.decision == policy::verdict::queue;
  ++(task.counts_as_queued ? load_.queued : load_.running);
  ++load_.total;
  task.id = task_id::sequential(next_number_++);
  return {};
}

void manager_core::retract(task_core& task) {
  bool was_last = false;
  {
    const std::lock_guard lock(admission_);
    --(task.counts_as_queued ? load_.queued : load_.running);
    was_last = --load_.total == ended_;
  }
  if (was_last) open_drained();
  start_queued();
}

void manager_core::enter(task_core& task) {
  {
    auto& home = shard_of(task.id);
    const std::lock_guard lock(home.mutex);
    home.tasks.emplace(task.id, task_ptr(&task));
  }
  bool queued = false;
  {
    const std::lock_guard lock(admission_);
    queued = task.counts_as_queued;
    if (queued) queue_.emplace(task.id, task_ptr(&task));
  }
  if (!queued) {
    task.start();
    return;
  }
  task.wait_for_turn();
  start_queued();
}

void manager_core::start_queued() {
  if (options.limits.when_full == on_full::reject) return;
  std::vector<task_ptr> next;
  {
    const std::lock_guard lock(admission_);
    while (!queue_.empty() && load_.running < *options.limits.max_running) {
      auto first = queue_.begin();
      first->second->counts_as_queued = false;
      next.push_back(std::move(first->second));
      queue_.erase(first);
      --load_.queued;
      ++load_.running;
    }
  }
  for (const auto& task : next) task->start();
}

void manager_core::leave(task_core& task) {
  {
    const std::lock_guard lock(admission_);
    if (task.counts_as_queued) {
      --load_.queued;
      queue_.erase(task.id);
    } else {
      --load_.running;
    }
  }
  start_queued();
}

void manager_core::retain(task_core& task) {
  std::vector<task_id> evicted;
  {
    const std::lock_guard lock(kept_);
    finished_.push_back(task.id);
    while (finished_.size() > options.max_finished) {
      evicted.push_back(finished_.front());
      finished_.pop_front();
    }
  }
  for (const auto id : evicted) {
    auto& home = shard_of(id);
    task_ptr last;  // goes after the lock
    const std::lock_guard lock(home.mutex);
    if (auto found = home.tasks.find(id); found != home.tasks.end()) {
      last = std::move(found->second);
      home.tasks.erase(found);
    }
  }
  bool is_last = false;
  {
    const std::lock_guard lock(admission_);
    is_last = ++ended_ == load_.total;
  }
  if (is_last) open_drained();
}

task_ptr manager_core::find(task_id id) const {
  if (!id) return {};
  const auto& home = shard_of(id);
  const std::lock_guard lock(home.mutex);
  const auto found = home.tasks.find(id);
  return found == home.tasks.end() ? task_ptr() : found->second;
}

std::vector<task_ptr> manager_core::tasks(const owner_core* owner) const {
  std::vector<task_ptr> all;
  for (const auto& each : shards_) {
    const std::lock_guard lock(each.mutex);
    for (const auto& [id, task] : each.tasks) {
      if (owner == nullptr || task->owner.get() == owner) all.push_back(task);
    }
  }
  std::sort(all.begin(), all.end(),
            [](const task_ptr& a, const task_ptr& b) { return a->id < b->id; });
  return all;
}

result<void> manager_core::journal_accepted(const task_core& task) {
  if (options.journal == nullptr) return {};
  error why;
  try {
    if (auto done = options.journal->accepted(task.record()); !done) why = done.error();
  } catch (const std::exception& raised) {
    why = {error_code::journal_failed, raised.what()};
  } catch (...) {
    why = {error_code::journal_failed, not_an_exception};
  }
  if (why.code == error_code::none) return {};
  journal_failures_.fetch_add(1, std::memory_order_relaxed);
  return error{error_code::journal_failed, "the journal refused the task: " + why.message};
}

void manager_core::journal_ended(const actors::record& task) noexcept {
  std::string why;
  try {
    auto done = options.journal->ended(task);
    if (done) return;
    why = done.error().message;
  } catch (const std::exception& raised) {
    why = raised.what();
  } catch (...) {
    why = not_an_exception;
  }
  journal_failures_.fetch_add(1, std::memory_order_relaxed);
  std::fprintf(stderr, "actors: the journal did not take the end of %s (%s)\n",
               to_string(task.id).c_str(), why.c_str());
}

void manager_core::add_dead_letter(event&& lost) {
  const std::lock_guard lock(kept_);
  ++dead_letter_count_;
  dead_letters_.push_back(std::move(lost));
  while (dead_letters_.size() > options.max_dead_letters) dead_letters_.pop_front();
}

std::vector<event> manager_core::dead_letters() const {
  const std::lock_guard lock(kept_);
  return {dead_letters_.begin(), dead_letters_.end()};
}

manager_metrics manager_core::metrics() const {
  manager_metrics now;
  {
    const std::lock_guard lock(admission_);
    now.accepted = load_.total;
    now.ended = ended_;
    now.running = load_.running;
    now.queued = load_.queued;
  }
  now.rejected = rejected_.load(std::memory_order_relaxed);
  now.journal_failures = journal_failures_.load(std::memory_order_relaxed);
  const std::lock_guard lock(kept_);
  now.dead_letters = dead_letter_count_;
  return now;
}

bool manager_core::wait_until_drained(time_point deadline) {
  drained_.close();
  watched_.store(true, std::memory_order_seq_cst);
  {
    const std::lock_guard lock(admission_);
    if (ended_ == load_.total) {
      drained_.open();  // for another thread that waits, and that the close() above has shut out
      return true;
    }
  }
  return !is_detached() && where_.wait(drained_, deadline);
}

void manager_core::clear() {
  for (auto& each : shards_) {
    std::unordered_map<task_id, task_ptr> gone;  // destroyed after the lock
    const std::lock_guard lock(each.mutex);
    gone.swap(each.tasks);
  }
}

}  // namespace actors::detail
