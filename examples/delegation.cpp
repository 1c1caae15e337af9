// What a language model asks for and is told when it delegates work: requests and receipts as JSON.
//
// On a virtual clock; the requests stand for those that a model would write.
#include <fmt/format.h>

#include <actors/presets.hpp>
#include <actors/sleep.hpp>
#include <actors/testing/simulated_runtime.hpp>
#include <actors/tools.hpp>

using actors::json;
using namespace std::chrono_literals;

namespace {

/// A delegated agent, of which the model knows the goal only.
actors::coroutine<json> work(actors::task_context self) {
  const auto goal = std::string(self.spec().goal());
  co_await actors::sleep_for(goal.size() * 100ms);
  if (goal == "divide by zero") throw std::domain_error("the divisor is zero");
  json result = {{"summary", "did it: " + goal}, {"api_calls", 2}};
  co_return result;
}

/// The answer to one request to delegate.
json delegate(const actors::owner& session, const json& request) {
  const auto read = actors::tools::read_delegation(request);
  if (!read) return actors::tools::dispatch_receipt(read.error());
  return actors::tools::dispatch_receipt(session.spawn(read->what, work), read->warnings);
}

}  // namespace

int main() {
  auto how = actors::presets::delegation();
  how.ids = actors::id_scheme::bg;  // the same in each run
  actors::testing::simulated_runtime runtime(1, {.manager = how});
  const auto session = runtime.open_owner("session");

  const auto requests = actors::parse_json(R"([
    {"goal": "read the news", "toolsets": ["web"], "role": "leaf"},
    {"goal": "divide by zero", "context": "a trap"},
    {"goal": ""},
    {"goal": "write a novel", "model": "large", "role": "poet", "name": "novel"},
    {"goal": "one too many"}
  ])");
  for (const auto& request : requests.value()) {
    fmt::print("{}\n", actors::dump_json(delegate(session, request)));
  }
  const auto novel = session.list().back().id;
  session.cancel(novel);

  for (const auto& happened : session.events_until_idle()) {
    const auto told = actors::tools::delegation_event(happened);
    fmt::print("{}\n", actors::dump_json(actors::tools::public_view(told)));
  }
}
