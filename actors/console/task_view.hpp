#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "actors/event.hpp"

namespace actors::console {

/// `text` on at most `width` columns of a terminal: one line, control characters shown as dots, a
/// longer one cut with an ellipsis. Counts code points, so wide characters may take more room.
std::string fit(std::string_view text, std::size_t width);

/// What an event means to somebody who watches: name, what happened, and a short form of the
/// payload.
std::string summary(const event& happened);

/// The live tasks of an owner as a tree, fed by its events. Ended tasks are only counted, so its
/// size is that of what is live. A plain value, for one thread.
class task_view {
 public:
  void apply(const event& happened);

  /// The tree, children indented below their parents in the order of their ids, each with what it
  /// last said. At most `max_rows` rows, the last of which then counts what does not fit.
  std::vector<std::string> rows(std::size_t width, std::size_t max_rows) const;
  /// Counts per state on one line: `3 running, 120 completed, 1 failed`.
  std::string totals() const;

  std::size_t live() const noexcept { return tasks_.size(); }

 private:
  struct entry {
    task_id parent;
    std::string name;
    std::string said;
  };

  std::map<task_id, entry> tasks_;
  std::map<event_kind, std::size_t> ended_;
};

}  // namespace actors::console
