#include "actors/json.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

namespace actors {

namespace {

// Depth is checked on the raw text, before a parser builds anything: brackets outside of strings.
std::optional<std::size_t> first_too_deep(std::string_view text, std::size_t max_depth) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > max_depth) return i;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return std::nullopt;
}

// Recursive, and never deeper than what is kept.
json cut(const json& value, std::size_t depth_left, std::size_t max_depth) {
  if (!value.is_structured()) return value;
  if (depth_left == 0) return fmt::format("(nested deeper than {})", max_depth);
  json kept = value.is_array() ? json::array() : json::object();
  for (auto part = value.begin(); part != value.end(); ++part) {
    auto copy = cut(*part, depth_left - 1, max_depth);
    if (value.is_array()) {
      kept.push_back(std::move(copy));
    } else {
      kept[part.key()] = std::move(copy);
    }
  }
  return kept;
}

}  // namespace

result<json> parse_json(std::string_view text, const json_limits& limits) {
  if (text.size() > limits.max_bytes) {
    return error{error_code::invalid_argument,
                 fmt::format("JSON text of {} bytes is longer than the limit of {}", text.size(),
                             limits.max_bytes)};
  }
  if (const auto at = first_too_deep(text, limits.max_depth)) {
    return error{
        error_code::invalid_argument,
        fmt::format("JSON nests deeper than the limit of {} at byte {}", limits.max_depth, *at)};
  }
  try {
    return json::parse(text);
  } catch (const json::parse_error& why) {
    return error{error_code::invalid_argument,
                 fmt::format("not JSON at byte {}: {}", why.byte, why.what())};
  }
}

bool nests_deeper(const json& value, std::size_t max_depth) {
  if (!value.is_structured()) return false;
  if (max_depth == 0) return true;
  // A list of what is still to be looked at, instead of a recursion that could go as deep.
  std::vector<std::pair<const json*, std::size_t>> open{{&value, 1}};
  while (!open.empty()) {
    const auto [one, depth] = open.back();
    open.pop_back();
    for (const auto& part : *one) {
      if (!part.is_structured()) continue;
      if (depth == max_depth) return true;
      open.emplace_back(&part, depth + 1);
    }
  }
  return false;
}

json copy_to_depth(const json& value, std::size_t max_depth) {
  return nests_deeper(value, max_depth) ? cut(value, max_depth, max_depth) : value;
}

std::string dump_json(const json& value) {
  const auto write = [](const json& shallow) {
    return shallow.dump(-1, ' ', false, json::error_handler_t::replace);
  };
  if (!nests_deeper(value, max_written_depth)) return write(value);
  return write(cut(value, max_written_depth, max_written_depth));
}

}  // namespace actors
