#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

#include "actors/record.hpp"
#include "actors/result.hpp"

namespace actors {

/// Where records survive: a port to the outside, called by the manager.
///
/// The manager calls `accepted` before a task's body starts, and `ended` before the terminal event
/// is mailed. Both may be called from several threads at once, for different tasks; each call
/// returns when the entry is as safe as this journal makes it.
class journal {
 public:
  virtual ~journal() = default;

  /// A task was accepted. An error refuses the spawn: nothing is started and nothing remains.
  virtual result<void> accepted(const record& task) = 0;
  /// A task has ended. An error is counted and reported, and the event is mailed all the same. What
  /// was refused is offered again together, a second after the first refusal, then after twice as
  /// long each time that nothing is taken, a minute at most, and when the runtime shuts down, as
  /// long as that has patience.
  virtual result<void> ended(const record& task) = 0;
};

/// A journal in memory, for tests and for programs that look back. Keeps the last record of each
/// task; forgets the oldest ended ones beyond a limit. Any thread may use it.
class memory_journal final : public journal {
 public:
  explicit memory_journal(std::size_t max_ended = 100'000) : max_ended_(max_ended) {}

  result<void> accepted(const record& task) override;
  result<void> ended(const record& task) override;

  /// By id, oldest first.
  std::vector<record> records() const;

 private:
  std::size_t max_ended_;
  mutable std::mutex mutex_;
  std::map<task_id, record> records_;
  std::deque<task_id> ended_;  // in the order of their ends
};

}  // namespace actors
