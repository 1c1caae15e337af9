// How to test a topology of your own: the simulated runtime runs it on one thread and a virtual
// clock, the recorder keeps what an owner would have heard.
//
// An hour passes in no time, and the order in which actors take turns comes from a seed. The same
// seed gives the same run, so a test that fails once fails again when given its seed.
#include <fmt/format.h>

#include <actors/sleep.hpp>
#include <actors/testing/recorder.hpp>
#include <actors/testing/simulated_runtime.hpp>

using namespace std::chrono_literals;
using actors::json;

// Under test: a lead that asks a helper and gives up on it after an hour.
actors::coroutine<json> helper(actors::task_context self, actors::duration needs) {
  co_await actors::sleep_for(needs);
  self.parent().send("here you are");
  co_return "helped";
}

actors::coroutine<json> lead(actors::task_context self, actors::duration helper_needs) {
  const auto child = self.spawn({.name = "helper"}, helper, helper_needs).value();
  const auto answer = co_await self.inbox().next(1h);
  if (answer) co_return answer->content;
  child.cancel();
  co_return "gave up";
}

int failures = 0;

void check(bool is_right, std::string_view fact) {
  if (!is_right) ++failures;
  fmt::print("{} {}\n", is_right ? "ok    " : "FAILED", fact);
}

void a_prompt_helper_is_heard(std::uint64_t seed) {
  actors::testing::simulated_runtime runtime(seed);
  const actors::testing::recorder heard(runtime);
  const auto task = heard->spawn({.name = "lead"}, lead, 59min).value();

  runtime.advance(58min);
  check(!task.has_ended(), "not yet: the helper still works after 58 minutes");
  runtime.advance(1min);
  check(task.wait().value().result == "here you are", "now: the lead has what it asked for");
}

void a_slow_helper_is_cancelled(std::uint64_t seed) {
  actors::testing::simulated_runtime runtime(seed);
  const actors::testing::recorder heard(runtime, "recorder", {.started_events = true});
  const auto task = heard->spawn({.name = "lead"}, lead, 61min).value();

  runtime.run_until_quiet();
  check(task.wait().value().result == "gave up", "the lead gives up after an hour");
  const auto child = heard.events().at(1).task;  // a helper starts after its lead
  check(heard.story_of(child) == std::vector<std::string>{"started", "cancelled"},
        "and its helper is cancelled");
  check(heard.ends_of(task.id()).size() == 1, "the lead ended once");
}

void the_same_seed_gives_the_same_run() {
  const auto fingerprint_of = [](std::uint64_t seed) {
    actors::testing::simulated_runtime runtime(seed);
    const auto owner = runtime.open_owner("owner");
    owner.spawn({.name = "lead"}, lead, 59min).value();
    runtime.run_until_quiet();
    return runtime.fingerprint();
  };
  check(fingerprint_of(7) == fingerprint_of(7), "two runs with seed 7 take the same turns");
}

int main() {
  a_prompt_helper_is_heard(1);
  a_slow_helper_is_cancelled(2);
  the_same_seed_gives_the_same_run();
  return failures == 0 ? 0 : 1;
}
