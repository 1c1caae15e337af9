// Every way in which a task can end, in one tree, and what its owner hears.
//
//   newsroom                        completes when all below it have ended
//   ├── front page                  returns a value                      completed
//   ├── sports                      throws                               failed
//   ├── weather                     does not finish within its timeout   timed_out
//   ├── crossword                   is cancelled, and does not listen    cancelled, by force
//   └── research                    is cancelled with all below it       cancelled
//       ├── archive                                                      cancelled
//       └── interviews                                                   cancelled
#include <fmt/format.h>

#include <actors/blocking.hpp>
#include <actors/runtime.hpp>
#include <actors/sleep.hpp>
#include <actors/timeout.hpp>
#include <map>

using namespace std::chrono_literals;
using actors::json;

// Stands for a library that blocks its thread, so it is called on a thread meant for that.
std::string drive_the_press() { return "printed"; }

actors::coroutine<json> front_page(actors::task_context) {
  co_return co_await actors::blocking(drive_the_press);
}

actors::coroutine<> sports(actors::task_context) {
  throw std::runtime_error("the match was called off");
  co_return;  // makes it a coroutine
}

actors::coroutine<> weather(actors::task_context) { co_await actors::sleep_for(1h); }

actors::coroutine<> solve() { co_await actors::sleep_for(1h); }

// A shield keeps a cancel out for a while, so that something can be finished. This one claims more
// time than its manager grants: after the grace period its body is destroyed where it waits.
actors::coroutine<> crossword(actors::task_context self) {
  self.parent().send("started");
  co_await actors::shield(1h, solve());
}

// Wants a last word when it is told to stop. `cancelled` is raised again by the next wait, so a
// body cannot go on as if nothing had happened; emit() does not wait.
actors::coroutine<> sources(actors::task_context self) {
  try {
    self.parent().send("started");
    co_await actors::until_cancelled();
  } catch (const actors::cancelled& stop) {
    self.emit("notes saved", to_string(stop.reason()));
    throw;
  }
}

actors::coroutine<> research(actors::task_context self) {
  self.spawn({.name = "archive"}, sources).value();
  self.spawn({.name = "interviews"}, sources).value();
  // A task that is cancelled before its first step never takes it, and would have no last word.
  co_await self.inbox().next();
  co_await self.inbox().next();
  self.parent().send("started");
  co_await actors::until_cancelled();
}

actors::coroutine<json> newsroom(actors::task_context self) {
  self.spawn({.name = "front page"}, front_page).value();
  self.spawn({.name = "sports"}, sports).value();
  self.spawn({.name = "weather", .timeout = 20ms}, weather).value();
  const auto puzzle = self.spawn({.name = "crossword"}, crossword).value();
  const auto reports = self.spawn({.name = "research"}, research).value();
  co_await self.inbox().next();  // two of them say that they are under way
  co_await self.inbox().next();
  json told;
  told["crossword"] = puzzle.cancel();
  told["research"] = reports.cancel();
  co_return told;
}

int main() {
  actors::runtime_options options;
  options.manager.grace = 100ms;  // from a cancel to the end of patience
  actors::runtime runtime(std::move(options));
  const auto publisher = runtime.open_owner("publisher");
  const auto rival = runtime.open_owner("rival");
  const auto task = publisher.spawn({.name = "newsroom"}, newsroom).value();

  // The events of one task come in order. Different tasks run in parallel, hence the sorting.
  std::map<std::pair<actors::task_id, std::uint64_t>, std::string> heard;
  std::string last;
  for (const auto& event : publisher.events_until_idle()) {
    heard[{event.task, event.seq}] = to_string(event);
    last = event.name();
  }
  for (const auto& [place, line] : heard) fmt::print("{}\n", line);
  fmt::print("the last to end: {}\n", last);
  fmt::print("the rival hears {} and sees {}\n", rival.next_event(0s) ? "something" : "nothing",
             rival.get(task.id()) ? "a task" : "no task");
}
