#include "actors/task_state.hpp"

#include "actors/event.hpp"
#include "catch.hpp"
#include "support/printers.hpp"

namespace actors {

namespace {

struct row {
  task_state state;
  const char* word;
  bool terminal;
};

constexpr row rows[] = {
    {task_state::queued, "queued", false},      {task_state::running, "running", false},
    {task_state::completed, "completed", true}, {task_state::failed, "failed", true},
    {task_state::cancelled, "cancelled", true}, {task_state::timed_out, "timed_out", true},
};

}  // namespace

TEST_CASE("each state has one word, and is terminal or not", "[task_state][B1][D1][E1]") {
  for (const auto& [state, word, terminal] : rows) {
    CAPTURE(word);
    CHECK(to_string(state) == word);
    CHECK(is_terminal(state) == terminal);
  }
}

TEST_CASE("each terminal state has an event of the same name", "[task_state]") {
  for (const auto& [state, word, terminal] : rows) {
    if (terminal) CHECK(to_string(kind_of(state)) == word);
  }
}

TEST_CASE("each phase has one word", "[task_state]") {
  CHECK(to_string(task_phase::active) == "active");
  CHECK(to_string(task_phase::cancelling) == "cancelling");
  CHECK(to_string(task_phase::finalizing) == "finalizing");
}

TEST_CASE("a state out of range is called unknown", "[task_state]") {
  CHECK(to_string(static_cast<task_state>(99)) == "unknown");
  CHECK(to_string(static_cast<task_phase>(99)) == "unknown");
}

}  // namespace actors
