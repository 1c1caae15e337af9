#include "actors/console/task_view.hpp"

#include <fmt/format.h>

#include <utility>

namespace actors::console {

namespace {

// The first byte of a UTF-8 sequence, and every byte that is no part of one.
bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

}  // namespace

std::string fit(std::string_view text, std::size_t width) {
  std::string line;
  std::size_t columns = 0;
  std::size_t cut = 0;  // where the last character that leaves room for an ellipsis ends
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (begins_character(text[i])) {
      if (columns + 1 == width) cut = line.size();
      if (++columns > width) {
        line.resize(cut);
        return width == 0 ? std::string() : line + "…";
      }
    }
    line += byte < 0x20 || byte == 0x7F ? '.' : text[i];
  }
  return line;
}

std::string summary(const event& happened) {
  auto line = happened.name();
  switch (happened.kind) {
    case event_kind::started:
      line += " started";
      if (const auto goal = happened.what.goal(); !goal.empty()) line.append(": ").append(goal);
      return line;
    case event_kind::custom:
      line += " " + happened.type;
      if (!happened.payload.is_null()) line += " " + dump_json(happened.payload);
      return line;
    case event_kind::stalled: return line + " stalled " + dump_json(happened.payload);
    case event_kind::completed:
      line += " completed";
      if (!happened.payload.is_null()) line += ": " + dump_json(happened.payload);
      return line;
    default: return line + " " + std::string(to_string(happened.kind)) + ": " + happened.error;
  }
}

void task_view::apply(const event& happened) {
  if (happened.is_terminal()) {
    tasks_.erase(happened.task);
    ++ended_[happened.kind];
    return;
  }
  auto& task = tasks_[happened.task];
  task.parent = happened.parent;
  task.name = happened.name();
  if (happened.kind == event_kind::custom) {
    task.said = happened.type;
    if (!happened.payload.is_null()) task.said += " " + dump_json(happened.payload);
  } else {
    task.said = happened.what.goal();
  }
}

std::vector<std::string> task_view::rows(std::size_t width, std::size_t max_rows) const {
  std::multimap<task_id, task_id> children;
  std::vector<std::pair<task_id, std::size_t>> open;  // what is still to be shown, and how deep
  for (const auto& [id, task] : tasks_) {
    // The child of a task that has ended, or was never heard of, stands on its own.
    if (tasks_.contains(task.parent)) children.emplace(task.parent, id);
  }
  for (auto it = tasks_.rbegin(); it != tasks_.rend(); ++it) {
    if (!tasks_.contains(it->second.parent)) open.emplace_back(it->first, 0);
  }
  std::vector<std::string> rows;
  while (!open.empty()) {
    if (rows.size() + 1 == max_rows && tasks_.size() > max_rows) {
      rows.push_back(fit(fmt::format("… and {} more", tasks_.size() - rows.size()), width));
      break;
    }
    if (rows.size() == max_rows) break;
    const auto [id, depth] = open.back();
    open.pop_back();
    const auto& task = tasks_.at(id);
    rows.push_back(fit(fmt::format("{:{}}{}  {}", "", 2 * depth, task.name, task.said), width));
    const auto [first, last] = children.equal_range(id);
    for (auto it = last; it != first;) open.emplace_back((--it)->second, depth + 1);
  }
  return rows;
}

std::string task_view::totals() const {
  auto line = fmt::format("{} running", tasks_.size());
  for (const auto& [kind, count] : ended_) line += fmt::format(", {} {}", count, to_string(kind));
  return line;
}

}  // namespace actors::console
