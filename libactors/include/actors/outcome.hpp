#pragma once

#include <string>

#include "actors/json.hpp"
#include "actors/task_state.hpp"

namespace actors {

/// How a task ended.
struct outcome {
  task_state state = task_state::completed;  ///< Always terminal.
  json result = nullptr;                     ///< What the body returned, when `completed`.
  std::string error = {};                    ///< Why, in words; never empty unless `completed`.

  bool is_success() const noexcept { return state == task_state::completed; }
  friend bool operator==(const outcome&, const outcome&) = default;
};

/// One object: `state`, and `result` or `error`. Found by nlohmann's conversions, so an outcome can
/// be part of a message.
void to_json(json& object, const outcome& end);

}  // namespace actors
