#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "actors/result.hpp"

namespace actors {

/// The value that messages, results and event payloads are made of.
using json = nlohmann::json;

/// Bounds for text that comes from outside: deeply nested input would otherwise exhaust the stack
/// when the value is copied or dumped.
struct json_limits {
  std::size_t max_bytes = 16U << 20U;  ///< Longer text is refused.
  std::size_t max_depth = 200;         ///< Deeper nesting is refused.
};

/// Reads one JSON value from `text`.
///
/// Errors: `invalid_argument`, with the reason and the byte offset, when the text is not JSON or
/// exceeds `limits`.
result<json> parse_json(std::string_view text, const json_limits& limits = {});

/// How deeply a value may nest that is written, or is the result of a task. Values made by a
/// program know no limit, but to copy or write one takes stack for each level.
inline constexpr std::size_t max_written_depth = 1000;

/// Does `value` nest deeper than that? An array in an array is 2 deep.
bool nests_deeper(const json& value, std::size_t max_depth);

/// A copy in which a text stands for each part that nests deeper than `max_depth`.
json copy_to_depth(const json& value, std::size_t max_depth = max_written_depth);

/// Writes `value` on one line. Never throws for bad text: invalid UTF-8 becomes U+FFFD. What nests
/// deeper than `max_written_depth` is written as copy_to_depth() has it.
std::string dump_json(const json& value);

}  // namespace actors
