// A parent and its child talk in both directions: the planner asks, the clerk asks back.
//
//   planner ── question ──▶ clerk        ask(): the planner waits for the answer
//   planner ◀── question ── clerk        the clerk needs something that only the planner knows
//   planner ── close ─────▶ clerk        no more messages: the clerk's loop ends, and so does it
#include <fmt/format.h>

#include <actors/runtime.hpp>
#include <actors/when_any.hpp>
#include <map>

using namespace std::chrono_literals;
using actors::json;

// Sells train tickets. Answers what it knows, asks its parent for what it does not know, and leaves
// unanswered what is none of its business.
actors::coroutine<json> clerk(actors::task_context self) {
  const std::map<std::string, int> fares = {{"first", 95}, {"second", 60}};
  int sold = 0;
  while (auto mail = co_await self.inbox().next()) {
    if (!mail->wants_reply()) continue;
    const auto wish = mail->content.get<std::string>();
    if (wish == "a ticket to Lisbon") {
      const auto travel_class = co_await self.parent().ask("first or second class?", 5s);
      // A failed question (timed out, parent gone) throws here, and the clerk ends as failed.
      mail->reply({{"ticket", "Lisbon"}, {"price", fares.at(travel_class->get<std::string>())}});
      ++sold;
    } else if (wish == "a receipt") {
      mail->reply(fmt::format("tickets sold: {}", sold));
    }
    // Otherwise the mail goes out of scope without a reply, and the planner learns `unanswered`.
  }
  co_return sold;
}

// Answers the questions that come up, for as long as it is left running.
actors::coroutine<> answer_questions(actors::inbox<actors::mail> inbox, json answer) {
  while (auto mail = co_await inbox.next()) {
    fmt::print("planner hears:   {}\n", mail->content.get<std::string>());
    mail->reply(answer);
  }
}

// Asks, and stays able to answer meanwhile: two coroutines of one actor take turns, they never run
// in parallel. when_any cancels the second one as soon as the first has its answer.
actors::coroutine<> ask_for(actors::task_context& self, actors::task_handle whom,
                            std::string wish) {
  fmt::print("planner asks:    {}\n", wish);
  const auto heard =
      co_await when_any(whom.ask(wish, 5s), answer_questions(self.inbox(), "second"));
  const auto& answer = std::get<0>(heard);
  if (answer) {
    fmt::print("planner is told: {}\n", actors::dump_json(*answer));
  } else {
    fmt::print("planner is told: nothing ({})\n", to_string(answer.error().code));
  }
}

actors::coroutine<> planner(actors::task_context self) {
  const auto child = self.spawn({.name = "clerk", .goal = "sell train tickets"}, clerk).value();
  co_await ask_for(self, child, "a ticket to Lisbon");
  co_await ask_for(self, child, "the meaning of life");
  co_await ask_for(self, child, "a receipt");
  child.close_inbox();
  const auto end = co_await child.ended();
  fmt::print("the clerk ended: {}, {} sold\n", to_string(end.state), end.result.get<int>());
}

int main() {
  actors::runtime runtime;
  const auto owner = runtime.open_owner("traveller");
  const auto task = owner.spawn({.name = "planner", .timeout = 30s}, planner).value();
  const auto end = task.wait();
  return end && end->is_success() ? 0 : 1;
}
