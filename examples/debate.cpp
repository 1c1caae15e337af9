// Three experts estimate how many piano tuners a city feeds. Each knows something and guesses the
// rest. In every round each gives its estimate and one fact that it is sure of; the moderator
// passes the facts on, and the debate is over when one answer stands.
#include <fmt/format.h>

#include <actors/runtime.hpp>
#include <actors/when_all.hpp>
#include <algorithm>
#include <deque>

using namespace std::chrono_literals;
using actors::json;

/// What an expert believes: numbers that it would bet on, and numbers that it would not.
struct belief {
  json values;
  std::deque<std::string> sure_of = {};
};

actors::coroutine<> expert(actors::task_context self, belief mine) {
  while (auto mail = co_await self.inbox().next()) {
    mine.values.update(mail->content);  // what another one knows beats what this one guesses
    const int tunings = mine.values["pianos"].get<int>() * mine.values["tunings a year"].get<int>();
    json opinion = {{"estimate", tunings / mine.values["tunings one tuner does"].get<int>()},
                    {"facts", json::object()}};
    if (!mine.sure_of.empty()) {
      const auto fact = mine.sure_of.front();
      mine.sure_of.pop_front();
      opinion["facts"][fact] = mine.values[fact];
    }
    mail->reply(std::move(opinion));
  }
}

/// Asks all experts at the same time. Who does not answer in time has no say in this round.
actors::coroutine<std::vector<json>> hear(std::vector<actors::task_handle> experts, json facts) {
  std::vector<actors::coroutine<actors::result<json>>> questions;
  for (const auto& one : experts) questions.push_back(one.ask(facts, 5s));
  const auto answers = co_await when_all(std::move(questions));
  std::vector<json> opinions;
  for (const auto& answer : answers) {
    if (answer) opinions.push_back(*answer);
  }
  co_return opinions;
}

actors::coroutine<json> moderator(actors::task_context self, int max_rounds) {
  const belief ada{{{"pianos", 20'000}, {"tunings a year", 1}, {"tunings one tuner does", 500}},
                   {"pianos", "tunings a year"}};
  const belief bob{{{"pianos", 50'000}, {"tunings a year", 2}, {"tunings one tuner does", 250}}};
  const belief cleo{{{"pianos", 10'000}, {"tunings a year", 3}, {"tunings one tuner does", 1'000}},
                    {"tunings one tuner does"}};
  const std::vector<actors::task_handle> experts = {
      self.spawn({.name = "ada"}, expert, ada).value(),
      self.spawn({.name = "bob"}, expert, bob).value(),
      self.spawn({.name = "cleo"}, expert, cleo).value()};
  json facts = json::object();
  json verdict = "no agreement";
  for (int round = 1; round <= max_rounds; ++round) {
    const auto opinions = co_await hear(experts, facts);
    json estimates = json::array();
    for (const auto& opinion : opinions) {
      estimates.push_back(opinion["estimate"]);
      facts.update(opinion["facts"]);
    }
    self.emit(fmt::format("round {}", round), {{"estimates", estimates}, {"facts", facts}});
    if (std::ranges::adjacent_find(estimates, std::not_equal_to{}) != estimates.end()) continue;
    if (!estimates.empty()) verdict = estimates[0];
    break;
  }
  // The moderator ends after its experts, so it lets them go.
  for (const auto& one : experts) one.close_inbox();
  co_return verdict;
}

int main() {
  actors::runtime runtime;
  const auto owner = runtime.open_owner("audience");
  owner.spawn({.name = "moderator", .timeout = 30s}, moderator, 5).value();
  for (const auto& event : owner.events_until_idle()) {
    if (event.name() == "moderator") fmt::print("{}\n", to_string(event));
  }
}
