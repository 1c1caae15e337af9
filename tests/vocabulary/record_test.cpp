#include "actors/record.hpp"

#include "catch.hpp"
#include "support/printers.hpp"

namespace actors {

namespace {

record make() {
  record task;
  task.id = task_id::sequential(3);
  task.owner = "main";
  task.created_at_ms = 10;
  return task;
}

}  // namespace

TEST_CASE("a record leaves out what does not apply", "[record][B4]") {
  CHECK(to_json(make()) ==
        json{{"task_id", "bg_3"}, {"owner", "main"}, {"state", "queued"}, {"created_at_ms", 10}});
}

TEST_CASE("a record shows what the task was asked to do", "[record][A8][B4]") {
  auto task = make();
  task.what = {.name = "n", .goal = "g", .type = "t", .context = {{"k", 1}}};
  const auto shown = to_json(task);
  CHECK(shown["name"] == "n");
  CHECK(shown["goal"] == "g");
  CHECK(shown["type"] == "t");
  CHECK(shown["context"] == json{{"k", 1}});
}

TEST_CASE("a running task shows its phase and what it waits for", "[record]") {
  auto task = make();
  task.state = task_state::running;
  task.phase = task_phase::cancelling;
  task.awaiting = "inbox";
  task.started_at_ms = 11;
  const auto shown = to_json(task);
  CHECK(shown["phase"] == "cancelling");
  CHECK(shown["awaiting"] == "inbox");
  CHECK(shown["started_at_ms"] == 11);
}

TEST_CASE("an ended task shows its result or its error", "[record][B4]") {
  auto task = make();
  task.state = task_state::completed;
  task.ended_at_ms = 12;
  task.end = outcome{task_state::completed, "yes", ""};
  CHECK(to_json(task)["result"] == "yes");
  CHECK(to_json(task)["ended_at_ms"] == 12);
  CHECK_FALSE(to_json(task).contains("error"));
  CHECK_FALSE(to_json(task).contains("phase"));

  task.state = task_state::failed;
  task.end = outcome{task_state::failed, nullptr, "no"};
  CHECK(to_json(task)["error"] == "no");
  CHECK_FALSE(to_json(task).contains("result"));
}

TEST_CASE("a record shows only the ids of its lineage that are known", "[record][B4]") {
  auto task = make();
  task.from = {.task_id = "bg_1", .run_id = "", .call_id = "c", .agent_id = ""};
  CHECK(to_json(task)["parent_context"] == json{{"task_id", "bg_1"}, {"call_id", "c"}});
}

}  // namespace actors
