#include "actors/event.hpp"

#include "catch.hpp"
#include "support/printers.hpp"

namespace actors {

namespace {

event make(event_kind kind) {
  event one;
  one.kind = kind;
  one.task = task_id::sequential(7);
  one.seq = 3;
  one.created_at_ms = 400;
  one.at_ms = 1000;
  one.what = spec{.name = "critic", .goal = "doubt"};
  one.owner = "main";
  return one;
}

json with(json base, const char* key, json value) {
  base[key] = std::move(value);
  return base;
}

const json common = {{"task_id", "bg_7"}, {"seq", 3},         {"created_at_ms", 400},
                     {"at_ms", 1000},     {"name", "critic"}, {"owner", "main"}};

}  // namespace

TEST_CASE("an event is written with its kind and what belongs to it", "[event][B17]") {
  auto progress = make(event_kind::custom);
  progress.type = "progress";
  progress.payload = 0.5;
  auto done = make(event_kind::completed);
  done.payload = "yes";
  auto failed = make(event_kind::failed);
  failed.error = "no luck";

  auto expected = with(common, "kind", "custom");
  expected["event_type"] = "progress";
  expected["payload"] = 0.5;
  CHECK(to_json(progress) == expected);
  const auto terminal = with(common, "duration_seconds", 0.6);
  CHECK(to_json(done) == with(with(terminal, "kind", "completed"), "result", "yes"));
  CHECK(to_json(failed) == with(with(terminal, "kind", "failed"), "error", "no luck"));
  for (const auto kind : {event_kind::cancelled, event_kind::timed_out}) {
    auto stopped = make(kind);
    stopped.error = "told to stop";
    CHECK(to_json(stopped) ==
          with(with(terminal, "kind", to_string(kind)), "error", "told to stop"));
  }
  CHECK(to_json(make(event_kind::started)) ==
        with(with(common, "kind", "started"), "goal", "doubt"));
}

TEST_CASE("a block of text says all that a reader needs who knows nothing", "[event][A19]") {
  auto done = make(event_kind::completed);
  done.what =
      spec{.name = "critic", .goal = "doubt", .type = "reviewer", .context = {{"files", 3}}};
  done.payload = "the sky\nis green";
  CHECK(to_block(done) ==
        "Background task bg_7 \"critic\" completed after 0.6 s.\n"
        "Goal: doubt\nKind of work: reviewer\nContext: {\"files\":3}\n"
        "Result: the sky\nis green\n");
  auto failed = make(event_kind::failed);
  failed.what = {};
  failed.error = "no luck";
  CHECK(to_block(failed) == "Background task bg_7 failed after 0.6 s.\nError: no luck\n");
  auto half = make(event_kind::custom);
  half.type = "progress";
  half.payload = {1, 2};
  CHECK(to_block(half) ==
        "Background task bg_7 \"critic\" says \"progress\".\nGoal: doubt\nPayload: [1,2]\n");
}

TEST_CASE("a stall says in each form for how long, and what the task waits for", "[event][A48]") {
  auto stall = make(event_kind::stalled);
  stall.payload = {{"seconds", 40}, {"awaiting", "inbox"}};
  CHECK(to_json(stall) == with(with(common, "kind", "stalled"), "payload", stall.payload));
  CHECK(to_string(stall) == R"(bg_7 critic: stalled {"awaiting":"inbox","seconds":40})");
  CHECK(to_block(stall) ==
        "Background task bg_7 \"critic\" stalled.\nGoal: doubt\n"
        "Payload: {\"awaiting\":\"inbox\",\"seconds\":40}\n");
}

TEST_CASE("an event says which task started the one that it is about", "[event]") {
  auto one = make(event_kind::completed);
  CHECK_FALSE(to_json(one).contains("parent_id"));
  one.parent = task_id::sequential(2);
  CHECK(to_json(one)["parent_id"] == "bg_2");
}

TEST_CASE("an event names itself by task and number", "[event]") {
  CHECK(make(event_kind::custom).id() == "bg_7:3");
}

TEST_CASE("an event's name is the task's, or its id", "[event]") {
  auto one = make(event_kind::completed);
  CHECK(one.name() == "critic");
  one.what = {};
  CHECK(one.name() == "bg_7");
  CHECK_FALSE(to_json(one).contains("name"));
}

TEST_CASE("a terminal event gives the outcome", "[event]") {
  auto done = make(event_kind::completed);
  done.payload = 1;
  CHECK(done.result() == outcome{task_state::completed, 1, ""});
  for (const auto state : {task_state::failed, task_state::cancelled, task_state::timed_out}) {
    auto one = make(kind_of(state));
    one.error = "why";
    CHECK(one.is_terminal());
    CHECK(one.result() == outcome{state, nullptr, "why"});
  }
  CHECK_FALSE(make(event_kind::custom).is_terminal());
  CHECK_FALSE(make(event_kind::started).is_terminal());
  CHECK_FALSE(make(event_kind::stalled).is_terminal());
}

TEST_CASE("an event reads as a line", "[event]") {
  auto done = make(event_kind::completed);
  done.payload = "done";
  CHECK(to_string(done) == "bg_7 critic: completed \"done\"");
  auto step = make(event_kind::custom);
  step.type = "step";
  step.payload = {1, 2};
  CHECK(to_string(step) == "bg_7 critic: step [1,2]");
  auto failed = make(event_kind::failed);
  failed.error = "no luck";
  CHECK(to_string(failed) == "bg_7 critic: failed: no luck");
  CHECK(to_string(make(event_kind::started)) == "bg_7 critic: started");
}

TEST_CASE("a custom event never reads as another kind of event", "[event]") {
  const auto line_of = [](std::string type) {
    auto one = make(event_kind::custom);
    one.type = std::move(type);
    one.payload = 1;
    return to_string(one);
  };
  CHECK(line_of("step 2") == "bg_7 critic: step 2 1");
  for (const auto kind : {event_kind::started, event_kind::stalled, event_kind::completed,
                          event_kind::failed, event_kind::cancelled, event_kind::timed_out}) {
    const std::string word(to_string(kind));
    CHECK(line_of(word) == "bg_7 critic: \"" + word + "\" 1");
    CHECK(line_of(word + ": why") == "bg_7 critic: \"" + word + ": why\" 1");
  }
  CHECK(line_of("") == "bg_7 critic: \"\" 1");
  CHECK(line_of("\"completed\"") == "bg_7 critic: \"\\\"completed\\\"\" 1");
  CHECK(line_of("x\nbg_8: completed") == "bg_7 critic: \"x\\nbg_8: completed\" 1");
}

TEST_CASE("an event is shown and written however deep its payload nests", "[event]") {
  auto one = make(event_kind::custom);
  one.type = "tower";
  one.payload = json::array();
  for (int i = 1; i < 100'000; ++i) {
    json above = json::array();
    above.push_back(std::move(one.payload));
    one.payload = std::move(above);
  }
  CHECK_THAT(to_string(one), Catch::Contains("(nested deeper than 1000)"));
  CHECK_THAT(dump_json(to_json(one)), Catch::Contains("(nested deeper than 1000)"));
  one.kind = event_kind::completed;
  CHECK_THAT(to_string(one), Catch::Contains("(nested deeper than 1000)"));
  CHECK_THAT(dump_json(to_json(one)), Catch::Contains("(nested deeper than 1000)"));
}

TEST_CASE("an event of which nothing is known can be shown", "[event]") {
  const event empty;
  CHECK(to_json(empty)["task_id"] == "");
  CHECK(to_string(empty) == ": \"\" null");
  CHECK(empty.name().empty());
}

}  // namespace actors
