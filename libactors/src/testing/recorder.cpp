#include "actors/testing/recorder.hpp"

#include <algorithm>
#include <iterator>

namespace actors::testing {

namespace {

coroutine<void> keep(actor_context<event> self, std::shared_ptr<std::vector<event>> to) {
  try {
    while (auto happened = co_await self.receive()) to->push_back(std::move(*happened));
  } catch (const cancelled&) {
    // A shutdown stops the owners when their tasks have ended; what was mailed by then is there.
    for (auto& happened : self.inbox().drain()) to->push_back(std::move(happened));
  }
}

}  // namespace

recorder::recorder(simulated_runtime& home, std::string name, owner_options options)
    : recorder(home, home.default_manager(), std::move(name), options) {}

recorder::recorder(simulated_runtime& home, manager& at, std::string name, owner_options options)
    : events_(std::make_shared<std::vector<event>>()),
      owner_(at.open_owner(std::move(name), home.spawn<event>(keep, events_), options)) {}

std::vector<event> recorder::events_of(task_id id) const {
  std::vector<event> chosen;
  std::copy_if(events_->begin(), events_->end(), std::back_inserter(chosen),
               [id](const event& one) { return one.task == id; });
  return chosen;
}

std::vector<event> recorder::ends_of(task_id id) const {
  auto chosen = events_of(id);
  std::erase_if(chosen, [](const event& one) { return !one.is_terminal(); });
  return chosen;
}

std::vector<std::string> recorder::story_of(task_id id) const {
  std::vector<std::string> words;
  for (const auto& one : events_of(id)) words.emplace_back(to_string(one.kind));
  return words;
}

}  // namespace actors::testing
