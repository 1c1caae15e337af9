#include "actors/outcome.hpp"

#include "catch.hpp"
#include "support/printers.hpp"

namespace actors {

TEST_CASE("only a completed task is a success", "[outcome]") {
  CHECK(outcome{task_state::completed, 7, ""}.is_success());
  for (const auto state : {task_state::failed, task_state::cancelled, task_state::timed_out}) {
    CHECK_FALSE(outcome{state, nullptr, "why"}.is_success());
  }
}

TEST_CASE("outcomes are equal when state, result and error are", "[outcome]") {
  const outcome one{task_state::completed, 7, ""};
  CHECK(one == outcome{task_state::completed, 7, ""});
  CHECK(one != outcome{task_state::completed, 8, ""});
  CHECK(one != outcome{task_state::failed, 7, ""});
}

TEST_CASE("an outcome as JSON has its error, its result, or both", "[outcome][E35]") {
  CHECK(json(outcome{task_state::completed, nullptr, ""}) ==
        json{{"state", "completed"}, {"result", nullptr}});
  CHECK(json(outcome{task_state::failed, nullptr, "why"}) ==
        json{{"state", "failed"}, {"error", "why"}});
  CHECK(json(outcome{task_state::failed, 7, "why"}) ==
        json{{"state", "failed"}, {"error", "why"}, {"result", 7}});
}

}  // namespace actors
