#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "actors/journal.hpp"

namespace actors::test {

/// A journal that writes each entry as a line into a story, and refuses what it is told to.
class spoken_journal final : public journal {
 public:
  explicit spoken_journal(std::vector<std::string>& story) : story_(&story) {}

  result<void> accepted(const record& task) override {
    story_->push_back("journal: accepted " + to_string(task.id));
    if (on_accepted) return on_accepted(task);
    return {};
  }
  result<void> ended(const record& task) override {
    story_->push_back("journal: ended " + to_string(task.id) + " " +
                      std::string(to_string(task.state)));
    if (on_ended) return on_ended(task);
    return {};
  }

  std::function<result<void>(const record&)> on_accepted;
  std::function<result<void>(const record&)> on_ended;

 private:
  std::vector<std::string>* story_;
};

/// Refuses everything.
inline result<void> disk_full(const record&) {
  return error{error_code::journal_failed, "no space left"};
}

}  // namespace actors::test
