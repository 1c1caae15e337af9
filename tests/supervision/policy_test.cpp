#include "supervision/policy.hpp"

#include "catch.hpp"
#include "support/printers.hpp"

namespace actors::detail::policy {

using namespace std::chrono_literals;

TEST_CASE("how a body ended and why it was told to stop decide its state",
          "[policy][B2][B3][D11]") {
  struct row {
    ending how;
    cancel_reason reason;
    task_state state;
  };
  using enum ending;
  using reason = cancel_reason;
  using state = task_state;
  constexpr row table[] = {
      {returned, reason::none, state::completed},
      {returned, reason::deadline, state::completed},
      {returned, reason::requested, state::completed},
      {returned, reason::sibling, state::completed},
      {returned, reason::shutdown, state::completed},
      {stopped, reason::none, state::cancelled},
      {stopped, reason::deadline, state::timed_out},
      {stopped, reason::requested, state::cancelled},
      {stopped, reason::sibling, state::cancelled},
      {stopped, reason::shutdown, state::cancelled},
      {raised, reason::none, state::failed},
      {raised, reason::deadline, state::failed},
      {raised, reason::requested, state::failed},
      {raised, reason::sibling, state::failed},
      {raised, reason::shutdown, state::failed},
      {abandoned, reason::none, state::failed},
      {abandoned, reason::deadline, state::timed_out},
      {abandoned, reason::requested, state::cancelled},
      {abandoned, reason::sibling, state::cancelled},
      {abandoned, reason::shutdown, state::cancelled},
  };
  for (const auto& row : table) {
    CAPTURE(static_cast<int>(row.how), to_string(row.reason));
    CHECK(decide(row.how, row.reason) == row.state);
  }
}

TEST_CASE("a selection means what matches any of its fields, and nobody when it is empty",
          "[policy][A30]") {
  const kept_spec task = spec{.run_id = "r", .call_id = "c", .agent_id = "a"};
  struct row {
    selection any;
    bool means_it;
  };
  const row table[] = {
      {{}, false},
      {{.owner = "o"}, true},
      {{.run_id = "r"}, true},
      {{.call_id = "c"}, true},
      {{.agent_id = "a"}, true},
      {{.owner = "x", .run_id = "x", .call_id = "x", .agent_id = "a"}, true},
      {{.owner = "r", .run_id = "c", .call_id = "a", .agent_id = "o"}, false},
  };
  for (const auto& row : table) CHECK(matches(row.any, "o", task) == row.means_it);
  CHECK_FALSE(matches({}, "", kept_spec()));
}

TEST_CASE("every outcome is terminal, and says why unless it is a success", "[policy][A51][A53]") {
  for (const auto how : {ending::returned, ending::stopped, ending::raised, ending::abandoned}) {
    for (const auto why : {cancel_reason::none, cancel_reason::requested, cancel_reason::deadline,
                           cancel_reason::sibling, cancel_reason::shutdown}) {
      const auto end = conclude(how, why, 7, "", 3s, 5s);
      CAPTURE(end);
      CHECK(is_terminal(end.state));
      CHECK(end.state == decide(how, why));
      CHECK(end.error.empty() == end.is_success());
      const bool shows = how == ending::returned || how == ending::raised;
      CHECK(end.result == (shows ? json(7) : json()));
    }
  }
}

TEST_CASE("an outcome states the facts in words", "[policy][D11]") {
  const auto text = [](ending how, cancel_reason why, std::string error, duration timeout) {
    return conclude(how, why, nullptr, std::move(error), timeout, 5s).error;
  };
  using reason = cancel_reason;
  CHECK(text(ending::raised, reason::none, "no luck", 0s) == "no luck");
  CHECK(text(ending::stopped, reason::requested, "", 0s) == "stop: requested");
  CHECK(text(ending::stopped, reason::none, "", 0s) == "the body stopped itself");
  CHECK(text(ending::stopped, reason::deadline, "", 1500ms) ==
        "Execution timed out after 1.5 seconds");
  CHECK(text(ending::stopped, reason::deadline, "", 0s) ==
        "Execution timed out: a deadline above it passed");
  CHECK(text(ending::abandoned, reason::shutdown, "", 0s) ==
        "stop: shutdown; abandoned, its body did not end within 5 s");
}

TEST_CASE("a name is one line of UTF-8", "[policy]") {
  for (const std::string name :
       {"", "critic", "front page", "ěščř", "批評家", "🙂", "\xF4\x8F\xBF\xBF"}) {
    CAPTURE(name);
    CHECK(check(spec{.name = name}).code == error_code::none);
  }
  const auto why_not = [](std::string name) {
    const auto why = check(spec{.name = std::move(name)});
    CHECK(why.code == error_code::invalid_argument);
    return why.message;
  };
  CHECK(why_not("a\nb") == "spec.name must not hold control characters, it is \"a\\nb\"");
  CHECK(why_not("a\x7f") == "spec.name must not hold control characters, it is \"a\\u007f\"");
  CHECK(why_not("a\xC2\x85") == "spec.name must not hold control characters, it is \"a\\u0085\"");
  CHECK(why_not(std::string("a\0b", 3)) ==
        "spec.name must not hold control characters, it is \"a\\u0000b\"");
  CHECK(why_not("a\xFF") == "spec.name must be UTF-8, it is \"a\\ufffd\"");
  // Cut off, overlong, a surrogate, beyond the last code point, a continuation without a beginning.
  for (const auto* name : {"a\xE6\x89", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80"}) {
    CHECK_THAT(why_not(name), Catch::StartsWith("spec.name must be UTF-8"));
  }
}

TEST_CASE("limits and load decide about a task", "[policy][A3][A4][D43]") {
  struct row {
    const char* what;
    admission_limits limits;
    load now;
    std::size_t depth;
    verdict decision;
    const char* why;
  };
  const row table[] = {
      {"no limits", {}, {1000, 1000, 1000}, 1000, verdict::start, ""},
      {"below all", {3, {}, 2, 9}, {2, 0, 8}, 1, verdict::start, ""},
      {"running",
       {.max_running = 3},
       {3, 0, 3},
       0,
       verdict::reject,
       "running task limit reached (3): limits.max_running; wait for one to end, or cancel one"},
      {"running 0",
       {.max_running = 0},
       {0, 0, 0},
       0,
       verdict::reject,
       "running task limit reached (0): limits.max_running; wait for one to end, or cancel one"},
      {"depth",
       {.max_depth = 2},
       {0, 0, 0},
       2,
       verdict::reject,
       "depth limit reached (2): limits.max_depth"},
      {"total",
       {.max_total = 5},
       {0, 0, 5},
       0,
       verdict::reject,
       "total task limit reached (5): limits.max_total"},
      {"queue",
       {.max_running = 1, .when_full = on_full::queue},
       {1, 99, 100},
       0,
       verdict::queue,
       ""},
      {"queue free",
       {.max_running = 2, .max_queued = 0, .when_full = on_full::queue},
       {1, 0, 1},
       0,
       verdict::start,
       ""},
      {"queue full",
       {.max_running = 1, .max_queued = 2, .when_full = on_full::queue},
       {1, 2, 3},
       0,
       verdict::reject,
       "queued task limit reached (2): limits.max_queued"},
      {"depth before queue",
       {.max_running = 1, .max_depth = 1, .when_full = on_full::queue},
       {1, 0, 1},
       1,
       verdict::reject,
       "depth limit reached (1): limits.max_depth"},
  };
  for (const auto& row : table) {
    CAPTURE(row.what);
    const auto answer = admit(row.limits, row.now, {.depth = row.depth});
    CHECK(answer.decision == row.decision);
    CHECK(answer.why.message == row.why);
    CHECK((answer.why.code == error_code::capacity_reached) == (row.decision == verdict::reject));
  }
}

TEST_CASE("a free place is taken while others wait, unless who comes has one, or its own limit",
          "[policy][admission]") {
  const admission_limits limits{.max_running = 1, .when_full = on_full::queue};
  const auto says = [&limits](load now, wish asks) { return admit(limits, now, asks).decision; };
  CHECK(says({0, 0, 0}, {.is_behind = true}) == verdict::queue);
  CHECK(says({0, 0, 0}, {.has_place = true, .is_behind = true}) == verdict::start);
  CHECK(says({0, 0, 0}, {.is_behind = true, .max_running = 1}) == verdict::start);
}

TEST_CASE("a task that shares a place passes the limit of places only",
          "[policy][admission][A29]") {
  const admission_limits limits{
      .max_running = 1, .max_queued = 1, .max_depth = 2, .when_full = on_full::queue};
  const auto says = [&limits](load now, wish asks) { return admit(limits, now, asks).decision; };
  CHECK(says({1, 0, 1}, {}) == verdict::queue);
  CHECK(says({1, 0, 1}, {.has_place = true}) == verdict::start);
  CHECK(says({1, 1, 2}, {.has_place = true}) == verdict::start);
  CHECK(says({1, 1, 2}, {.has_place = true, .waits = true}) == verdict::reject);
  CHECK(says({0, 1, 1}, {.waits = true}) == verdict::reject);
  CHECK(says({0, 0, 0}, {.waits = true}) == verdict::start);
  CHECK(says({0, 0, 0}, {.depth = 2, .has_place = true}) == verdict::reject);
  CHECK(admit(limits, {}, {.depth = 2, .field = "owner_options.limits"}).why.message ==
        "depth limit reached (2): owner_options.limits.max_depth");
}

TEST_CASE("a wait in the queue is limited by the shorter of two times", "[policy][D39]") {
  const auto both = [](duration owner, duration manager) {
    return patience_in_queue({.max_wait = owner}, {.max_wait = manager});
  };
  CHECK(both(0s, 0s) == 0s);
  CHECK(both(5s, 0s) == 5s);
  CHECK(both(0s, 7s) == 7s);
  CHECK(both(5s, 7s) == 5s);
  CHECK(both(7s, 5s) == 5s);
}

TEST_CASE("a wait in the queue that makes no sense is refused by name", "[policy][D39][E39]") {
  const auto why_not = [](admission_limits limits) {
    return check(manager_options{.limits = limits}).message;
  };
  CHECK(why_not({.when_full = on_full::queue, .max_wait = 1s}).empty());
  CHECK(why_not({.when_full = on_full::queue, .max_wait = -1s}) ==
        "manager_options.limits.max_wait must not be negative, it is -1 s; zero means for ever");
  CHECK(why_not({.max_wait = 1s}) ==
        "manager_options.limits.max_wait has no meaning unless when_full is on_full::queue");
}

TEST_CASE("owner options that make no sense are refused by name", "[policy][admission][E39]") {
  CHECK(check(owner_options{}).code == error_code::none);
  CHECK(check(owner_options{.limits = {.max_running = 1, .max_queued = 1}}) ==
        error{error_code::invalid_argument,
              "owner_options.limits.max_queued has no meaning unless when_full is "
              "on_full::queue"});
}

TEST_CASE("a child's lifetime decides what its parent's end means for it", "[policy]") {
  struct row {
    lifetime child;
    bool cancelled_by_success, cancelled_by_failure, awaited;
  };
  constexpr row table[] = {
      {lifetime::bound, false, true, true},
      {lifetime::cancel, true, true, true},
      {lifetime::outlives, false, false, false},
  };
  for (const auto& row : table) {
    CAPTURE(static_cast<int>(row.child));
    CHECK(cancels_child(row.child, task_state::completed) == row.cancelled_by_success);
    for (const auto end : {task_state::failed, task_state::cancelled, task_state::timed_out}) {
      CHECK(cancels_child(row.child, end) == row.cancelled_by_failure);
    }
    CHECK(waits_for_child(row.child) == row.awaited);
  }
}

TEST_CASE("manager options that make no sense are refused by name", "[policy][E39]") {
  CHECK(check(manager_options{}).code == error_code::none);
  CHECK(check(manager_options{.grace = 0s}).code == error_code::none);
  CHECK(check(manager_options{.grace = -1s}) ==
        error{error_code::invalid_argument,
              "manager_options.grace must not be negative, it is -1 s"});
  CHECK(check(manager_options{.limits = {.max_running = 1, .max_queued = 1}}) ==
        error{error_code::invalid_argument,
              "manager_options.limits.max_queued has no meaning unless when_full is "
              "on_full::queue"});
}

}  // namespace actors::detail::policy
