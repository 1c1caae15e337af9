// An owner whose events go to a sink that may fail: each comes again until it was taken, and none
// comes in the middle of a turn.
//
// On a virtual clock, so that the waits between the attempts take no time here.
#include <fmt/format.h>

#include <actors/sleep.hpp>
#include <actors/testing/simulated_runtime.hpp>

using namespace std::chrono_literals;

actors::coroutine<std::string> research(actors::task_context, std::string finding) {
  co_await actors::sleep_for(2s);
  co_return finding;
}

/// Where the events go: something that is not always there.
actors::coroutine<actors::result<void>> post(actors::delivery what) {
  if (what.attempt < 3) {
    fmt::print("attempt {} to deliver {}: nobody at home\n", what.attempt, what.what.id());
    co_return actors::error{actors::error_code::unanswered, "nobody at home"};
  }
  fmt::print("{}", to_block(what.what));  // a text that explains itself
  co_return actors::result<void>();
}

int main() {
  actors::testing::simulated_runtime runtime;
  const auto owner = runtime.open_owner("chat", post);

  {
    const auto talking = owner.begin_turn();
    owner.spawn({.name = "sky", .goal = "find out the colour of the sky"}, research, "it is green")
        .value();
    runtime.advance(10s);
    fmt::print("in a turn: {} waits, none is handed out\n", owner.deliveries().queued);
  }
  owner.drain_deliveries(1min);

  const auto grass = owner.spawn({.name = "grass"}, research, "it is blue").value();
  fmt::print("asked for: {}\n", owner.wait(grass.id()).value().result.get<std::string>());
  owner.drain_deliveries(1min);
  fmt::print("left to deliver: {}\n", owner.deliveries().queued);
}
