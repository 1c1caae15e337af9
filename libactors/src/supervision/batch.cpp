#include "actors/batch.hpp"

#include <fmt/format.h>

#include <string>

#include "actors/sleep.hpp"
#include "actors/timeout.hpp"

namespace actors {

namespace {

using part_list = std::vector<std::unique_ptr<detail::batch_part>>;

/// How deep the result of a child stands in that of the unit.
constexpr std::size_t depth_of_results = 3;
/// For children that do not listen. Grace periods end long before.
constexpr duration last_patience = std::chrono::hours(1);

std::string goal_of(const part_list& parts) {
  auto goal = fmt::format("{} parallel subagents", parts.size());
  const auto* between = ": ";
  for (const auto& part : parts) {
    const auto& label = part->what.goal.empty() ? part->what.name : part->what.goal;
    if (label.empty()) continue;
    goal += between + label;
    between = "; ";
  }
  return goal;
}

json entry_of(std::string name, const outcome& end) {
  json entry = {{"name", std::move(name)}, {"state", to_string(end.state)}};
  if (!end.is_success()) entry["error"] = end.error;
  if (end.is_success() || !end.result.is_null()) {
    entry["result"] = copy_to_depth(end.result, max_written_depth - depth_of_results);
  }
  return entry;
}

coroutine<void> all_ended(std::vector<task_handle> children) {
  for (const auto& child : children) co_await child.ended();
}

coroutine<json> run_parts(task_context self, part_list parts) {
  json results = json::array();
  std::vector<task_handle> children;
  std::vector<std::size_t> places;  // of the children among the results
  for (auto& part : parts) {
    part->what.slot.clear();
    part->what.in_parents_slot = true;
    part->what.events = events_go::nowhere;
    const auto name = part->what.name;
    if (auto child = part->start(self)) {
      places.push_back(results.size());
      children.push_back(*child);
      results.push_back(nullptr);
    } else {
      results.push_back(entry_of(name, {task_state::failed, nullptr, child.error().message}));
    }
  }
  parts.clear();

  bool is_stopped = false;
  try {
    co_await all_ended(children);
  } catch (const cancelled&) {
    is_stopped = true;
  }
  // The children were told, too; what they make of it is part of the result.
  if (is_stopped) co_await shield(last_patience, all_ended(children));

  bool has_success = false;
  for (std::size_t i = 0; i < children.size(); ++i) {
    const auto end = children[i].record().end.value();
    has_success = has_success || end.is_success();
    results[places[i]] = entry_of(children[i].name(), end);
  }
  if (!has_success && self.is_cancelled()) co_await until_cancelled();
  if (!has_success) {
    throw failure_with_result(fmt::format("none of {} completed; the first: {}", results.size(),
                                          results.front()["error"].get<std::string>()),
                              {{"results", results}});
  }
  co_return json{{"results", results}};
}

}  // namespace

template <class By>
result<task_handle> batch::spawn_unit(const By& by) {
  if (parts_.empty()) return error{error_code::invalid_argument, "the batch has no tasks"};
  if (unit_.goal.empty()) unit_.goal = goal_of(parts_);
  return by.spawn(std::move(unit_), run_parts, std::move(parts_));
}

result<task_handle> batch::spawn(const owner& by) && { return spawn_unit(by); }

result<task_handle> batch::spawn(const task_context& by) && { return spawn_unit(by); }

}  // namespace actors
