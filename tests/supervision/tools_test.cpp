#include "actors/tools.hpp"

#include "actors/presets.hpp"
#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using enum task_state;
using testing::recorder;
using testing::simulated_runtime;

namespace {

event last_of(const recorder& owner, const task_handle& task) {
  event last;
  for (const auto& each : owner.events()) {
    if (each.task == task.id() && each.is_terminal()) last = each;
  }
  return last;
}

/// Answers with the receipt of what it is asked to do, and goes on until it is told to stop.
using tool = json (*)(const task_context&, const json&);

coroutine<json> use(task_context self, tool call, json request) { co_return call(self, request); }

/// With a child, which has one, too; gives the receipt to its owner and works on.
coroutine<void> lead(task_context self, tool call, json request) {
  struct bodies {
    static coroutine<void> middle(task_context me) {
      me.spawn({.name = "grandchild"}, wait_for_cancel).value();
      co_await until_cancelled();
    }
  };
  self.spawn({.name = "child"}, bodies::middle).value();
  co_await yield();
  self.emit("receipt", call(self, request));
  co_await until_cancelled();
}

}  // namespace

// --- Delegation

TEST_CASE("a request to delegate becomes a spec, with a copy of all it says", "[tools][A8]") {
  json request = {{"goal", "read"},         {"context", "all of it"}, {"toolsets", {"web", "file"}},
                  {"role", "orchestrator"}, {"model", "m-1"},         {"name", "reader"}};
  const auto read = tools::read_delegation(request);
  request.clear();
  REQUIRE(read);
  CHECK(read->warnings.empty());
  CHECK(read->what.name == "reader");
  CHECK(read->what.goal == "read");
  CHECK(read->what.may_spawn);
  CHECK(read->what.context == json{{"context", "all of it"},
                                   {"toolsets", {"web", "file"}},
                                   {"role", "orchestrator"},
                                   {"model", "m-1"}});

  const auto least = tools::read_delegation({{"goal", "g"}, {"toolsets", json::array()}});
  REQUIRE(least);
  CHECK(least->what.context["toolsets"] == nullptr);
  CHECK(least->what.context["role"] == "leaf");
}

TEST_CASE("a leaf may not delegate, and an unknown role is a leaf with a warning", "[tools][A44]") {
  CHECK_FALSE(tools::read_delegation({{"goal", "g"}})->what.may_spawn);
  const auto odd = tools::read_delegation({{"goal", "g"}, {"role", "boss"}});
  REQUIRE(odd);
  CHECK_FALSE(odd->what.may_spawn);
  CHECK(odd->warnings ==
        std::vector<std::string>{R"(there is no role "boss"; it is taken for "leaf")"});
}

TEST_CASE("a request to delegate that makes no sense is refused by field", "[tools]") {
  const auto why = [](const json& request) {
    return tools::read_delegation(request).error().message;
  };
  CHECK(why("go") == R"(a delegation must be an object, it is "go")");
  CHECK(why({{"context", 1}}) == "'goal' must be a text that is not empty, it is null");
  CHECK(why({{"goal", ""}}) == R"('goal' must be a text that is not empty, it is "")");
  CHECK(why({{"goal", "g"}, {"role", 7}}) == "'role' must be a text, it is 7");
  CHECK(why({{"goal", std::vector<int>(100'000, 7)}}).size() < 300);
  CHECK(why({{"goal", "g"}, {"toolsets", "web"}}) == R"('toolsets' must be a list, it is "web")");
}

TEST_CASE("a request that nests too deeply is refused, and copied nowhere", "[tools]") {
  json tower = json::array();
  for (int i = 0; i < 5'000; ++i) {
    json above = json::array();
    above.push_back(std::move(tower));
    tower = std::move(above);
  }
  json request = {{"goal", "g"}};
  request["context"] = std::move(tower);
  CHECK(tools::read_delegation(request).error().message == "the request nests deeper than 1000");
}

TEST_CASE("a receipt names the task, as its manager did, and says what was not understood",
          "[tools][A1]") {
  simulated_runtime sim(1, {.manager = {.names = taken_name::number}});
  recorder owner(sim);
  REQUIRE(owner->spawn({.name = "build"}, wait_for_cancel));
  const auto read = tools::read_delegation({{"goal", "g"}, {"name", "build"}, {"role", "boss"}});
  REQUIRE(read);
  const auto receipt =
      tools::dispatch_receipt(owner->spawn(read->what, wait_for_cancel), read->warnings);
  CHECK(receipt["name"] == "build-2");
  CHECK(receipt["warnings"].size() == 1);
}

TEST_CASE("a result that is no text is the summary as it is written", "[tools][A17]") {
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, answer, json{{"answer", 42}});
  sim.run();
  CHECK(tools::delegation_event(last_of(owner, task))["summary"] == R"({"answer":42})");
}

TEST_CASE("a failure is told as one, whatever its result says", "[tools][A13][A43]") {
  struct bodies {
    static coroutine<json> fail(task_context) {
      throw failure_with_result("no luck", {{"status", "completed"}, {"summary", "half of it"}});
      co_return nullptr;
    }
  };
  simulated_runtime sim;
  recorder owner(sim);
  const auto task = *owner->spawn({}, bodies::fail);
  sim.run();
  const auto told = tools::delegation_event(last_of(owner, task));
  CHECK(told["status"] == "error");
  CHECK(told["error"] == "no luck");
  CHECK(told["summary"] == "half of it");
}

TEST_CASE("a dispatch is answered by a receipt, and at the limit by advice", "[tools][A1][A4]") {
  simulated_runtime sim(1, {.manager = presets::delegation()});
  recorder owner(sim);
  for (int i = 0; i < 3; ++i) {
    const auto task = owner->spawn(tools::read_delegation({{"goal", "g"}})->what, wait_for_cancel);
    CHECK(tools::dispatch_receipt(task) ==
          json{{"status", "dispatched"}, {"delegation_id", to_string(task->id())}});
  }
  CHECK(
      tools::dispatch_receipt(owner->spawn({}, nothing)) ==
      json{{"status", "rejected"},
           {"error",
            "running task limit reached (3): limits.max_running; wait for one to end, or cancel "
            "one. The result of each that ends comes by itself: go on, or do this work yourself"}});
  CHECK(tools::dispatch_receipt(owner->spawn({.name = "self"}, nothing))["error"] ==
        "'self' is a reserved name");
}

TEST_CASE("the end of a delegation tells all that its owner needs", "[tools][A12][A17]") {
  simulated_runtime sim(1, {.manager = presets::delegation()});
  recorder owner(sim, "session");
  const auto what = tools::read_delegation(
      {{"goal", "g"}, {"context", "c"}, {"toolsets", {"t"}}, {"model", "m"}});
  const auto plain = *owner->spawn(what->what, work_for, 1250ms, "done");
  sim.advance(2s);
  const auto told = tools::delegation_event(last_of(owner, plain));
  const auto start = static_cast<double>(plain.record().created_at_ms) / 1000;
  CHECK(told == json{{"type", "async_delegation"},
                     {"delegation_id", to_string(plain.id())},
                     {"session_key", "session"},
                     {"goal", "g"},
                     {"context", "c"},
                     {"toolsets", {"t"}},
                     {"role", "leaf"},
                     {"model", "m"},
                     {"status", "completed"},
                     {"summary", "done"},
                     {"error", nullptr},
                     {"api_calls", 0},
                     {"duration_seconds", 1.25},
                     {"dispatched_at", start},
                     {"completed_at", start + 1.25},
                     {"exit_reason", nullptr}});

  const json result = {{"status", "partial"},   {"summary", "half"}, {"api_calls", 4},
                       {"duration_seconds", 9}, {"model", "m-2"},    {"exit_reason", "budget"}};
  const auto own = *owner->spawn(what->what, answer, result);
  sim.run();
  const auto richer = tools::delegation_event(last_of(owner, own));
  for (const auto& [key, value] : result.items()) CHECK(richer[key] == value);

  const auto empty = *owner->spawn({}, answer, json{{"status", ""}});
  sim.run();
  CHECK(tools::delegation_event(last_of(owner, empty))["status"] == "completed");
}

TEST_CASE("a delegation that raised ends as an error with type, text and duration",
          "[tools][A13]") {
  simulated_runtime sim(1, {.manager = presets::delegation()});
  recorder owner(sim);
  const auto task = *owner->spawn({}, raise, "boom");
  sim.run();
  CHECK(end_of(task).error_type == "std::runtime_error");
  const auto told = tools::delegation_event(last_of(owner, task));
  CHECK(told["status"] == "error");
  CHECK(told["error"] == "std::runtime_error: boom");
  CHECK(told["summary"] == nullptr);
  CHECK(told["api_calls"] == 0);
  CHECK(told["duration_seconds"] == 0.0);
  CHECK(owner->spawn({}, nothing));
}

TEST_CASE("others see few words for a status, and few fields of a failure", "[tools][A43]") {
  const std::pair<const char*, const char*> words[] = {
      {"completed", "completed"}, {"interrupted", "interrupted"}, {"cancelled", "interrupted"},
      {"error", "failed"},        {"failed", "failed"},           {"timeout", "failed"},
      {"running", "running"},     {"queued", "running"},          {"", "failed"}};
  for (const auto& [status, shown] : words) CHECK(tools::public_status(status) == shown);

  const json told = {{"delegation_id", "d"}, {"goal", "g"},       {"context", "secret"},
                     {"status", "error"},    {"error", "e"},      {"summary", "secret"},
                     {"dispatched_at", 1},   {"completed_at", 2}, {"duration_seconds", 1}};
  CHECK(tools::public_view(told) == json{{"delegation_id", "d"},
                                         {"goal", "g"},
                                         {"status", "failed"},
                                         {"error", "e"},
                                         {"dispatched_at", 1},
                                         {"completed_at", 2},
                                         {"duration_seconds", 1}});
  auto good = told;
  good["status"] = "completed";
  CHECK(tools::public_view(good) == good);
}

TEST_CASE("others see a task without its name and owner", "[tools][B5]") {
  simulated_runtime sim;
  recorder owner(sim, "thread");
  const auto task = *owner->spawn({.name = "n", .type = "t", .run_id = "r"}, answer, 1);
  sim.run();
  auto whole = to_json(task.record());
  REQUIRE(whole.erase("name") == 1);
  REQUIRE(whole.erase("owner") == 1);
  CHECK(tools::public_view(task.record()) == whole);
}

// --- What a body may call

TEST_CASE("a body cancels itself with all below, by request", "[tools][B39]") {
  simulated_runtime sim;
  recorder owner(sim);
  const tool cancel = &tools::cancel_task;
  const auto task = *owner->spawn({}, lead, cancel, json{{"target", "self"}});
  sim.run();
  CHECK(owner.events().front().payload ==
        json{{"status", "accepted"}, {"root_task_id", "bg_0"}, {"cancelled_count", 3}});
  CHECK(task.state() == cancelled);
  CHECK_FALSE(owner->has_running());
}

TEST_CASE("a body cancels a child by name or id, by request", "[tools][B39]") {
  simulated_runtime sim;
  recorder owner(sim);
  const tool cancel = &tools::cancel_task;
  const auto* target = GENERATE("child", "bg_1");
  const auto task = *owner->spawn({}, lead, cancel, json{{"target", {{"child", target}}}});
  sim.run();
  CHECK(owner.events().front().payload ==
        json{{"status", "accepted"}, {"root_task_id", "bg_1"}, {"cancelled_count", 2}});
  CHECK(task.state() == running);
}

TEST_CASE("a request to cancel that cannot be met is answered with the reason", "[tools][B39]") {
  simulated_runtime sim;
  recorder owner(sim);
  const tool cancel = &tools::cancel_task;
  const auto receipt = [&](const json& request) {
    const auto task = *owner->spawn({}, use, cancel, request);
    sim.run();
    return end_of(task).result;
  };
  CHECK(receipt({{"target", {{"child", "x"}}}}) ==
        json{{"status", "failed"},
             {"error", "task_not_found"},
             {"message", "there is no live child \"x\""}});
  CHECK(receipt({{"target", "parent"}})["error"] == "invalid_argument");
  CHECK(receipt("self")["message"] == R"('target' must be "self" or {"child": name}, it is null)");
}

TEST_CASE("an agent that is no task cancels its run, which counts as one", "[tools][B39]") {
  simulated_runtime sim;
  recorder owner(sim);
  REQUIRE(owner->spawn({.name = "a", .run_id = "r"}, wait_for_cancel));
  REQUIRE(owner->spawn({.run_id = "r"}, wait_for_cancel));
  REQUIRE(owner->spawn({.name = "other", .run_id = "x"}, wait_for_cancel));
  sim.run();
  CHECK(tools::cancel_task(*owner.operator->(), "r", {{"target", {{"child", "other"}}}})["error"] ==
        "task_not_found");
  CHECK(tools::cancel_task(*owner.operator->(), "r",
                           {{"target", {{"child", "a"}}}})["cancelled_count"] == 1);
  sim.run();
  CHECK(tools::cancel_task(*owner.operator->(), "r", {{"target", "self"}}) ==
        json{{"status", "accepted"}, {"root_task_id", nullptr}, {"cancelled_count", 2}});
  CHECK(tools::cancel_task(*owner.operator->(), "", {{"target", "self"}})["error"] ==
        "current_task_unavailable");
}

TEST_CASE("a body writes to its child, its parent and its agent, by request", "[tools][B40]") {
  simulated_runtime sim;
  recorder owner(sim, "thread");
  struct bodies {
    static coroutine<json> child(task_context self) {
      const auto heard = co_await self.inbox().next();
      json up = tools::send_message(self, {{"to", "parent"}, {"content", heard->content}});
      tools::send_message(self, {{"to", {{"agent", "thread"}}}, {"content", "hello"}});
      co_return up;
    }
    static coroutine<json> parent(task_context self) {
      const auto one = self.spawn({.name = "c"}, child).value();
      json down = tools::send_message(self, {{"to", {{"child", "c"}}}, {"content", 7}});
      const auto back = co_await self.inbox().next();
      const auto end = co_await one.ended();
      json all = json::array();
      all.push_back(down);
      all.push_back(back->content);
      all.push_back(end.result);
      co_return all;
    }
  };
  const auto task = *owner->spawn({}, bodies::parent);
  sim.run();
  const json queued = {{"status", "queued"}};
  CHECK(end_of(task).result == json::array({queued, 7, queued}));
  CHECK(owner.events().front().type == "message");
  CHECK(owner.events().front().payload == "hello");
}

TEST_CASE("a message that cannot be sent is answered with the reason", "[tools][B40]") {
  simulated_runtime sim;
  recorder owner(sim, "thread");
  const tool send = &tools::send_message;
  const auto why = [&](const json& to) {
    const auto task = *owner->spawn({}, use, send, json{{"to", to}, {"content", 1}});
    sim.run();
    return end_of(task).result["error"];
  };
  CHECK(why({{"child", "x"}}) == "recipient_not_found");
  CHECK(why("parent") == "recipient_not_found");
  CHECK(why({{"agent", "another"}}) == "permission_denied");
  CHECK(why({{"thread", "x"}}) == "invalid_argument");
  const auto empty = *owner->spawn({}, use, send, json{{"to", "parent"}});
  sim.run();
  CHECK(end_of(empty).result["message"] == "'content' must be there");

  struct bodies {
    static coroutine<json> parent(task_context self) {
      self.spawn({.name = "deaf", .inbox = inbox_policy::none}, wait_for_cancel).value();
      co_return tools::send_message(self, {{"to", {{"child", "deaf"}}}, {"content", 1}});
    }
  };
  const auto task = *owner->spawn({}, bodies::parent);
  sim.run();
  owner->cancel_all();
  sim.run();
  CHECK(end_of(task).result == json{{"status", "failed"},
                                    {"error", "recipient_unavailable"},
                                    {"message", "task has no inbox"}});
}

}  // namespace actors
