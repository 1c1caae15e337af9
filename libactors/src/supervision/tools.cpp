#include "actors/tools.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace actors::tools {

namespace {

json failed(std::string_view code, std::string message) {
  return {{"status", "failed"}, {"error", code}, {"message", std::move(message)}};
}

json cancelled(const std::string& root, std::size_t count) {
  return {{"status", "accepted"}, {"root_task_id", root}, {"cancelled_count", count}};
}

/// The member of an object; null when it has none, or is something else.
const json& member(const json& object, const char* key) {
  static const auto& nothing = *new json;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

/// The text of `{key: "text"}`.
std::optional<std::string> text_of(const json& object, const char* key) {
  const auto& text = member(object, key);
  if (!text.is_string()) return std::nullopt;
  return text.get<std::string>();
}

/// Is there a value that says something: not null, not false, not 0, not empty?
bool says_something(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value != 0;
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  return !value.empty();
}

/// As much of a value as an error needs to name it.
std::string shown(const json& value) {
  constexpr std::size_t most = 200;
  auto text = dump_json(value);
  if (text.size() <= most) return text;
  return json::parse(json(text.substr(0, most)).dump(-1, ' ', false, json::error_handler_t::ignore))
             .get<std::string>() +
         "…";
}

std::string must_be(const char* field, std::string_view rule, const json& value) {
  return fmt::format("'{}' must be {}, it is {}", field, rule, shown(value));
}

json unclear(const char* field, const json& request, std::string_view rule) {
  return failed("invalid_argument", must_be(field, rule, member(request, field)));
}

/// What a call would copy, which takes stack for each level.
bool is_too_deep(const json& request) { return nests_deeper(request, max_written_depth); }
std::string too_deep() {
  return fmt::format("the request nests deeper than {}", max_written_depth);
}

/// `find`: by name or by id, as an owner or a body can.
template <class Find>
std::optional<task_handle> find_either(const std::string& name, std::optional<task_id> id,
                                       Find find) {
  if (auto named = find(std::string_view(name))) return named;
  return id ? find(*id) : std::nullopt;
}

std::optional<task_handle> find_child(const task_context& self, const std::string& name) {
  return find_either(name, self.parse_id(name), [&self](auto key) { return self.find_child(key); });
}

constexpr std::string_view targets = "\"self\" or {\"child\": name}";

/// `stop_self` gives the receipt for "self", `find` a child.
template <class StopSelf, class Find>
json cancel_target(const json& request, StopSelf stop_self, Find find) {
  const auto& target = member(request, "target");
  if (target == "self") return stop_self();
  const auto name = text_of(target, "child");
  if (!name) return unclear("target", request, targets);
  const auto child = find(*name);
  if (!child) return failed("task_not_found", "there is no live child " + shown(*name));
  return cancelled(to_string(child->id()), child->cancel());
}

json sent(const send_result& how) {
  if (how) return {{"status", "queued"}};
  return failed("recipient_unavailable", how.error().message);
}

std::string_view status_word(event_kind kind) noexcept {
  switch (kind) {
    case event_kind::completed: return "completed";
    case event_kind::cancelled: return "interrupted";
    case event_kind::timed_out: return "timeout";
    default: return "error";
  }
}

json error_text(const event& last) {
  if (last.error.empty()) return nullptr;
  // The library's own types mean nothing to others.
  const bool has_type = !last.type.empty() && !last.type.starts_with("actors::");
  return has_type ? last.type + ": " + last.error : last.error;
}

json summary_of(const json& result) {
  return result.is_null() || result.is_string() ? result : json(dump_json(result));
}

}  // namespace

result<delegation> read_delegation(const json& request) {
  const auto refuse = [](const std::string& why) {
    return error{error_code::invalid_argument, why};
  };
  if (!request.is_object())
    return refuse("a delegation must be an object, it is " + shown(request));
  if (is_too_deep(request)) return refuse(too_deep());
  delegation read;
  const auto& goal = member(request, "goal");
  if (!goal.is_string() || goal.get_ref<const std::string&>().empty()) {
    return refuse(must_be("goal", "a text that is not empty", goal));
  }
  for (const char* key : {"role", "model", "name"}) {
    const auto& text = member(request, key);
    if (!text.is_null() && !text.is_string()) {
      return refuse(must_be(key, "a text", text));
    }
  }
  auto toolsets = member(request, "toolsets");
  if (!toolsets.is_null() && !toolsets.is_array()) {
    return refuse(must_be("toolsets", "a list", toolsets));
  }
  if (toolsets.empty()) toolsets = nullptr;
  auto role = text_of(request, "role").value_or("leaf");
  if (role != "leaf" && role != "orchestrator") {
    read.warnings.push_back("there is no role " + shown(role) + "; it is taken for \"leaf\"");
    role = "leaf";
  }
  read.what.name = text_of(request, "name").value_or("");
  read.what.goal = goal.get<std::string>();
  read.what.may_spawn = role == "orchestrator";
  read.what.context = {{"context", member(request, "context")},
                       {"toolsets", std::move(toolsets)},
                       {"role", std::move(role)},
                       {"model", member(request, "model")}};
  return read;
}

json dispatch_receipt(const result<task_handle>& spawned,
                      const std::vector<std::string>& warnings) {
  if (spawned) {
    json receipt = {{"status", "dispatched"}, {"delegation_id", to_string(spawned->id())}};
    if (spawned->name() != to_string(spawned->id())) receipt["name"] = spawned->name();
    if (!warnings.empty()) receipt["warnings"] = warnings;
    return receipt;
  }
  auto why = spawned.error().message;
  if (spawned.error().code == error_code::capacity_reached) {
    why += ". The result of each that ends comes by itself: go on, or do this work yourself";
  }
  return {{"status", "rejected"}, {"error", std::move(why)}};
}

json delegation_event(const event& last) {
  const auto& given = last.payload;
  const auto plain = to_json(last);
  const auto or_else = [&given](const char* key, json otherwise) {
    const auto& own = member(given, key);
    return says_something(own) ? own : otherwise;
  };
  const auto& asked = last.what.context();
  const bool has_status = last.kind == event_kind::completed;
  const auto seconds = [](unix_ms at) { return static_cast<double>(at) / 1000; };
  return {{"type", "async_delegation"},
          {"delegation_id", to_string(last.task)},
          {"session_key", last.owner},
          {"goal", last.what.goal()},
          {"context", member(asked, "context")},
          {"toolsets", member(asked, "toolsets")},
          {"role", member(asked, "role")},
          {"model", or_else("model", member(asked, "model"))},
          {"status", has_status ? or_else("status", "completed") : json(status_word(last.kind))},
          {"summary", or_else("summary", summary_of(given))},
          {"error", or_else("error", error_text(last))},
          {"api_calls", or_else("api_calls", 0)},
          {"duration_seconds", or_else("duration_seconds", member(plain, "duration_seconds"))},
          {"dispatched_at", seconds(last.created_at_ms)},
          {"completed_at", seconds(last.at_ms)},
          {"exit_reason", or_else("exit_reason", nullptr)}};
}

std::string_view public_status(std::string_view status) noexcept {
  if (status == "interrupted" || status == "cancelled") return "interrupted";
  if (status == "running" || status == "queued") return "running";
  return status == "completed" ? "completed" : "failed";
}

json public_view(const json& delegation_event) {
  static constexpr std::array allowed{"delegation_id", "goal",         "error",
                                      "dispatched_at", "completed_at", "duration_seconds"};
  const auto status = public_status(text_of(delegation_event, "status").value_or(""));
  json view = json::object();
  if (status == "completed" && delegation_event.is_object()) {
    view = delegation_event;
  } else {
    for (const char* key : allowed) view[key] = member(delegation_event, key);
  }
  view["status"] = status;
  return view;
}

json public_view(const record& task) {
  auto view = to_json(task);
  view.erase("name");
  view.erase("owner");
  return view;
}

json cancel_task(const task_context& self, const json& request) {
  const auto stop_self = [&self] {
    const auto me = self.handle();
    const auto count = me.cancel();
    if (count == 0) return failed("current_task_unavailable", to_string(me.id()) + " has ended");
    return cancelled(to_string(me.id()), count);
  };
  return cancel_target(request, stop_self,
                       [&self](const std::string& name) { return find_child(self, name); });
}

json cancel_task(const owner& of, std::string_view run_id, const json& request) {
  const auto stop_run = [&of, run_id] {
    if (run_id.empty()) return failed("current_task_unavailable", "there is neither task nor run");
    auto receipt = cancelled(std::string(run_id), of.cancel_run(run_id) + 1);
    receipt["root_task_id"] = nullptr;
    return receipt;
  };
  return cancel_target(request, stop_run, [&of, run_id](const std::string& name) {
    return find_either(name, of.parse_id(name),
                       [&of, run_id](auto key) { return of.find_in_run(run_id, key); });
  });
}

json send_message(const task_context& self, const json& request) {
  if (is_too_deep(request)) return failed("invalid_argument", too_deep());
  const auto& to = member(request, "to");
  const auto& content = member(request, "content");
  if (!request.is_object() || !request.contains("content")) {
    return failed("invalid_argument", "'content' must be there");
  }
  if (to == "parent") {
    if (!self.parent().exists()) return failed("recipient_not_found", "this task has no parent");
    return sent(self.parent().send(content));
  }
  if (const auto child_name = text_of(to, "child")) {
    const auto child = find_child(self, *child_name);
    if (child) return sent(child->send(content));
    return failed("recipient_not_found", "there is no live child " + shown(*child_name));
  }
  const auto agent = text_of(to, "agent");
  if (!agent) {
    return unclear("to", request, R"("parent", {"child": name} or {"agent": name})");
  }
  if (*agent != self.owner_name()) {
    return failed("permission_denied", "this task may not write to the agent " + shown(*agent));
  }
  if (self.emit("message", content)) return {{"status", "queued"}};
  return failed("recipient_unavailable", "the agent " + shown(*agent) + " takes no more messages");
}

}  // namespace actors::tools
