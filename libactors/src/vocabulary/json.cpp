#include "actors/json.hpp"

#include <fmt/format.h>

#include <optional>

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

std::string dump_json(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace actors
