#pragma once

#include <caf/error.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <mutex>
#include <string>
#include <vector>

#include "support/tally.hpp"

namespace actors::test {

/// What actors on other threads tell a test, in the order in which they do.
class told {
 public:
  void add(std::string what) {
    {
      const std::lock_guard lock(mutex_);
      lines_.push_back(std::move(what));
    }
    count_.add();
  }
  /// The first `count` lines; fewer when the others did not come in time.
  std::vector<std::string> first(std::size_t count) {
    count_.reaches(count);
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  /// The only line there is.
  std::string only() {
    const auto lines = first(1);
    return lines.size() == 1 ? lines.front() : std::to_string(lines.size()) + " lines";
  }
  std::size_t count() const { return count_.count(); }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  tally count_;
};

/// CAF's errors as words.
inline std::string word_of(const caf::error& why) {
  if (!why) return "none";
  if (why.category() == caf::atom("exit")) {
    return to_string(static_cast<caf::exit_reason>(why.code()));
  }
  if (why.category() == caf::atom("system")) return to_string(static_cast<caf::sec>(why.code()));
  return caf::to_string(why);
}

}  // namespace actors::test
