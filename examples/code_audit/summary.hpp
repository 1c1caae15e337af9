#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>

#include "critique.hpp"
#include "duplicates.hpp"
#include "findings.hpp"
#include "problem.hpp"
#include "totals.hpp"

namespace code_audit {

/// How much of a file's findings travels. With these bounds a summary stays below 64 KiB.
struct summary_limits {
  std::size_t functions = 16;  ///< The longest. Not fewer than `totals_limits::functions`, or
                               ///< the totals may miss some.
  std::size_t markers = 16;    ///< The first.
  std::size_t imports = 200;   ///< The first.
  std::size_t windows = 1000;  ///< Thinned beyond, see `thin`.
};

/// The findings with their lists cut; the counts beside the lists stay as they were.
[[nodiscard]] file_findings summary_of(file_findings found, const summary_limits& limits = {});

/// A value as it travels. All text is made fit for JSON on the way (`clean_text`), so that
/// `dump` never throws, even for a file whose name is not UTF-8.
void to_json(nlohmann::json& j, const file_findings& found);
void to_json(nlohmann::json& j, const scan_problem& problem);
void to_json(nlohmann::json& j, const concern_reason& reason);
void to_json(nlohmann::json& j, const concern_result& result);
void to_json(nlohmann::json& j, const verdict& answer);
void to_json(nlohmann::json& j, const duplicate_block& block);
/// For reading only: what the printed report says, as data.
void to_json(nlohmann::json& j, const audit_totals& totals);

/// The way back. These throw `nlohmann::json::exception` for what was not made by `to_json`.
void from_json(const nlohmann::json& j, file_findings& found);
void from_json(const nlohmann::json& j, scan_problem& problem);
void from_json(const nlohmann::json& j, concern_reason& reason);
void from_json(const nlohmann::json& j, verdict& answer);
void from_json(const nlohmann::json& j, duplicate_block& block);

/// `j.get<Value>()` for messages from strangers: nothing where that would throw.
template <class Value>
[[nodiscard]] std::optional<Value> decode(const nlohmann::json& j) {
  try {
    return j.get<Value>();
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace code_audit
