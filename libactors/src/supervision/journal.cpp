#include "actors/journal.hpp"

namespace actors {

result<void> memory_journal::accepted(const record& task) {
  const std::lock_guard lock(mutex_);
  records_.insert_or_assign(task.id, task);
  return {};
}

result<void> memory_journal::ended(const record& task) {
  const std::lock_guard lock(mutex_);
  records_.insert_or_assign(task.id, task);
  ended_.push_back(task.id);
  while (ended_.size() > max_ended_) {
    records_.erase(ended_.front());
    ended_.pop_front();
  }
  return {};
}

std::vector<record> memory_journal::records() const {
  const std::lock_guard lock(mutex_);
  std::vector<record> all;
  all.reserve(records_.size());
  for (const auto& [id, task] : records_) all.push_back(task);
  return all;
}

}  // namespace actors
