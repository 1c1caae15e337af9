#pragma once

#include <string>

#include "actors/error.hpp"
#include "actors/json.hpp"
#include "actors/outcome.hpp"
#include "actors/task.hpp"
#include "catch.hpp"

// How a failed check shows the library's values.

namespace Catch {

template <>
struct StringMaker<actors::error> {
  static std::string convert(const actors::error& value) {
    return std::string(actors::to_string(value.code)) + ": " + value.message;
  }
};

template <>
struct StringMaker<actors::error_code> {
  static std::string convert(actors::error_code value) {
    return std::string(actors::to_string(value));
  }
};

template <>
struct StringMaker<actors::task_state> {
  static std::string convert(actors::task_state value) {
    return std::string(actors::to_string(value));
  }
};

template <>
struct StringMaker<actors::task_id> {
  static std::string convert(actors::task_id value) { return actors::to_string(value); }
};

template <>
struct StringMaker<actors::outcome> {
  static std::string convert(const actors::outcome& value) {
    return std::string(actors::to_string(value.state)) + " " + actors::dump_json(value.result) +
           " '" + value.error + "'";
  }
};

}  // namespace Catch

namespace actors::test {

/// How a task ended; throws when it has not.
inline outcome end_of(const task_handle& task) { return task.record().end.value(); }

}  // namespace actors::test
