#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "actors/json.hpp"
#include "actors/task_state.hpp"

namespace actors {

/// How a task ended.
struct outcome {
  task_state state = task_state::completed;  ///< Always terminal.
  /// What the body returned, when `completed`; when `failed`, what it had to show all the same
  /// (`failure_with_result`).
  json result = nullptr;
  std::string error = {};  ///< Why, in words; never empty unless `completed`.
  /// The type of what a body raised, such as `std::runtime_error`.
  std::string error_type = {};

  bool is_success() const noexcept { return state == task_state::completed; }
  friend bool operator==(const outcome&, const outcome&) = default;
};

/// Thrown out of a body that has failed but has something to show: its outcome is `failed`, with
/// the result beside the error.
class failure_with_result : public std::runtime_error {
 public:
  failure_with_result(const std::string& why, json result)
      : std::runtime_error(why), result_(std::move(result)) {}

  const json& result() const noexcept { return result_; }

 private:
  json result_;
};

/// One object: `state`, and `result` or `error`, or both, and `error_type` if there is one. Found
/// by nlohmann's conversions, so an outcome can be part of a message.
void to_json(json& object, const outcome& end);

}  // namespace actors
