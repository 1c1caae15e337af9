// One question, many agents, three ways to wait for them: for all, for the first, for a quorum.
//
// Some of the agents below never answer. Waiting for the first or for a quorum does not wait for
// them, and they are cancelled when they are of no more use.
#include <fmt/format.h>

#include <actors/runtime.hpp>
#include <actors/sleep.hpp>
#include <actors/when_all.hpp>
#include <actors/when_any.hpp>
#include <map>

using namespace std::chrono_literals;
using actors::json;
using team = std::vector<actors::task_handle>;

actors::coroutine<json> answer(actors::task_context, std::string text) { co_return text; }

actors::coroutine<json> hang(actors::task_context) {
  co_await actors::sleep_for(1h);  // a model that does not come back
  co_return "too late";
}

void dismiss(const team& agents) {
  for (const auto& agent : agents) agent.cancel();  // those that have ended do not mind
}

std::vector<actors::coroutine<actors::outcome>> ends_of(const team& agents) {
  std::vector<actors::coroutine<actors::outcome>> ends;
  for (const auto& agent : agents) ends.push_back(agent.ended());
  return ends;
}

/// All: the results in the order of the team, whoever was ready first.
actors::coroutine<std::vector<json>> wait_for_all(team agents) {
  const auto ends = co_await when_all(ends_of(agents));
  std::vector<json> results;
  for (const auto& end : ends) results.push_back(end.result);
  co_return results;
}

/// Any: the first result.
actors::coroutine<json> wait_for_any(team agents) {
  const auto first = co_await when_any(ends_of(agents));
  dismiss(agents);
  co_return first.value.result;
}

/// Quorum: the first answer that `votes` agents agree on; nothing when that cannot happen any more.
actors::coroutine<json> wait_for_quorum(team agents, std::size_t votes) {
  std::map<json, std::size_t> tally;
  while (!agents.empty()) {
    const auto next = co_await when_any(ends_of(agents));
    agents.erase(agents.begin() + static_cast<std::ptrdiff_t>(next.index));
    if (!next.value.is_success() || ++tally[next.value.result] < votes) continue;
    dismiss(agents);
    co_return next.value.result;
  }
  co_return nullptr;
}

actors::coroutine<> desk(actors::task_context self) {
  const auto ask = [&self](std::string text) { return self.spawn({}, answer, text).value(); };
  const auto ask_in_vain = [&self] { return self.spawn({}, hang).value(); };

  const team translators = {ask("bonjour"), ask("hola"), ask("ahoj")};
  const auto greetings = co_await wait_for_all(translators);
  fmt::print("all:    {}\n", json(greetings).dump());

  const team mirrors = {ask_in_vain(), ask("the page"), ask_in_vain()};
  const auto page = co_await wait_for_any(mirrors);
  fmt::print("any:    {}\n", page.dump());

  const team jury = {ask("spam"), ask_in_vain(), ask("ham"), ask("spam"), ask("spam")};
  const auto verdict = co_await wait_for_quorum(jury, 3);
  fmt::print("quorum: {}\n", verdict.dump());
}

int main() {
  actors::runtime runtime;
  const auto owner = runtime.open_owner("desk");
  owner.spawn({.name = "desk", .timeout = 30s}, desk).value();
  std::size_t ends = 0;
  for (const auto& event : owner.events_until_idle()) ends += event.is_terminal();
  fmt::print("{} tasks, {} ends\n", owner.list().size(), ends);
}
