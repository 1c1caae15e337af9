#include "actors/event.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "actors/record.hpp"

namespace actors {

std::string event::name() const {
  return what.name().empty() ? to_string(task) : std::string(what.name());
}

std::string event::id() const { return fmt::format("{}:{}", to_string(task), seq); }

outcome event::result() const {
  switch (kind) {
    case event_kind::completed: return {task_state::completed, payload, {}};
    case event_kind::cancelled: return {task_state::cancelled, nullptr, error};
    case event_kind::timed_out: return {task_state::timed_out, nullptr, error};
    default: return {task_state::failed, payload, error, type};
  }
}

void to_json(json& object, const outcome& end) {
  object = {{"state", to_string(end.state)}};
  if (!end.is_success()) object["error"] = end.error;
  if (!end.error_type.empty()) object["error_type"] = end.error_type;
  if (end.is_success() || !end.result.is_null()) object["result"] = end.result;
}

namespace {

/// To hundredths.
double seconds_taken(const event& last) {
  const auto hundredths = (last.at_ms - last.created_at_ms + 5) / 10;
  return static_cast<double>(hundredths) / 100;
}

}  // namespace

json to_json(const event& happened) {
  json object = {{"kind", to_string(happened.kind)},
                 {"task_id", to_string(happened.task)},
                 {"seq", happened.seq},
                 {"created_at_ms", happened.created_at_ms},
                 {"at_ms", happened.at_ms}};
  if (happened.is_terminal()) object["duration_seconds"] = seconds_taken(happened);
  if (!happened.what.name().empty()) object["name"] = happened.what.name();
  if (!happened.owner.empty()) object["owner"] = happened.owner;
  if (happened.parent) object["parent_id"] = to_string(happened.parent);
  switch (happened.kind) {
    case event_kind::started:
      if (!happened.what.goal().empty()) object["goal"] = happened.what.goal();
      break;
    case event_kind::custom:
      object["event_type"] = happened.type;
      object["payload"] = copy_to_depth(happened.payload);
      break;
    case event_kind::stalled: object["payload"] = happened.payload; break;
    case event_kind::completed: object["result"] = copy_to_depth(happened.payload); break;
    default:
      object["error"] = happened.error;
      if (!happened.type.empty()) object["error_type"] = happened.type;
      if (!happened.payload.is_null()) object["result"] = copy_to_depth(happened.payload);
  }
  return object;
}

namespace {

constexpr std::array other_kinds{event_kind::started, event_kind::stalled,   event_kind::completed,
                                 event_kind::failed,  event_kind::cancelled, event_kind::timed_out};

/// Would a line with this type of a custom event read as another kind of event, or as two lines?
bool misleads(std::string_view type) {
  if (type.empty() || type.front() == '"') return true;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  if (std::ranges::any_of(type, is_control)) return true;
  return std::ranges::any_of(other_kinds,
                             [type](event_kind kind) { return type.starts_with(to_string(kind)); });
}

}  // namespace

std::string to_string(const event& happened) {
  auto line = to_string(happened.task);
  if (const auto name = happened.what.name(); !name.empty()) line.append(" ").append(name);
  line += ": ";
  switch (happened.kind) {
    case event_kind::custom:
      line += misleads(happened.type) ? dump_json(happened.type) : happened.type;
      return line + ' ' + dump_json(happened.payload);
    case event_kind::stalled: return line + "stalled " + dump_json(happened.payload);
    case event_kind::completed: return line + "completed " + dump_json(happened.payload);
    default:
      line += to_string(happened.kind);
      return happened.error.empty() ? line : line + ": " + happened.error;
  }
}

std::string to_block(const event& happened) {
  std::string block = "Background task " + to_string(happened.task);
  const auto& what = happened.what;
  if (!what.name().empty()) block.append(" \"").append(what.name()) += '"';
  block += happened.kind == event_kind::custom ? " says " + dump_json(happened.type)
                                               : ' ' + std::string(to_string(happened.kind));
  if (happened.is_terminal()) {
    const auto hundredths = dump_json(seconds_taken(happened));
    block += " after " + hundredths + " s";
  }
  block += ".\n";
  const auto line = [&block](const char* key, std::string_view text) {
    if (!text.empty()) block.append(key).append(": ").append(text) += '\n';
  };
  line("Goal", what.goal());
  line("Kind of work", what.type());
  if (!what.context().is_null()) line("Context", dump_json(what.context()));
  if (happened.kind == event_kind::custom || happened.kind == event_kind::stalled) {
    line("Payload", dump_json(happened.payload));
  }
  if (happened.kind == event_kind::completed) {
    line("Result", happened.payload.is_string() ? happened.payload.get<std::string>()
                                                : dump_json(happened.payload));
  }
  if (happened.kind == event_kind::failed) line("Error type", happened.type);
  line("Error", happened.error);
  return block;
}

namespace {

json to_json(const lineage& from) {
  json object = json::object();
  if (!from.task_id.empty()) object["task_id"] = from.task_id;
  if (!from.run_id.empty()) object["run_id"] = from.run_id;
  if (!from.call_id.empty()) object["call_id"] = from.call_id;
  if (!from.agent_id.empty()) object["agent_id"] = from.agent_id;
  return object;
}

}  // namespace

json to_json(const record& task) {
  json object = {{"task_id", to_string(task.id)},
                 {"owner", task.owner},
                 {"state", to_string(task.state)},
                 {"created_at_ms", task.created_at_ms}};
  const auto put = [&object](const char* key, const std::string& text) {
    if (!text.empty()) object[key] = text;
  };
  put("name", task.what.name);
  put("goal", task.what.goal);
  put("type", task.what.type);
  if (!task.what.context.is_null()) object["context"] = task.what.context;
  if (task.state == task_state::running) {
    object["phase"] = to_string(task.phase);
    put("awaiting", task.awaiting);
  }
  if (task.unread_messages != 0) object["unread_messages"] = task.unread_messages;
  if (task.dropped_messages != 0) object["dropped_messages"] = task.dropped_messages;
  auto from = to_json(task.from);
  if (!from.empty()) object["parent_context"] = std::move(from);
  if (task.started_at_ms) object["started_at_ms"] = *task.started_at_ms;
  if (task.ended_at_ms) object["ended_at_ms"] = *task.ended_at_ms;
  if (task.end) {
    if (!task.end->is_success()) object["error"] = task.end->error;
    if (!task.end->error_type.empty()) object["error_type"] = task.end->error_type;
    if (task.end->is_success() || !task.end->result.is_null()) {
      object["result"] = task.end->result;
    }
  }
  return object;
}

}  // namespace actors
