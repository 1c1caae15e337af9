// Plain CAF actors beside ours. A tourist, written with CAF alone, asks the guide, one of our
// tasks; the guide asks a dictionary, which is plain CAF again.
//
//   tourist (CAF) ──request──▶ guide (ours) ──request──▶ dictionary (CAF)
//
// Neither CAF actor knows that the guide is a coroutine: it has a `caf::actor` handle like any
// other.
#include <fmt/format.h>

#include <actors/caf.hpp>
#include <caf/all.hpp>

using namespace std::chrono_literals;
using actors::json;

caf::behavior dictionary() {
  return {[](const std::string& word) -> caf::result<std::string> {
    if (word == "good morning") return std::string("bom dia");
    if (word == "thank you") return std::string("obrigado");
    return caf::sec::invalid_argument;
  }};
}

// Reads like a script, although every step waits for somebody else.
actors::coroutine<json> guide(actors::task_context self, caf::actor words) {
  int translated = 0;
  while (auto mail = co_await self.inbox().next()) {
    if (!mail->wants_reply()) break;  // a plain send: "goodbye"
    const auto phrase = mail->content.get<std::string>();
    const auto found = co_await actors::request_from_caf(self, words, 2s, phrase);
    if (found) ++translated;
    mail->reply(found ? found->get_as<std::string>(0) : "(shrugs)");
  }
  co_return translated;
}

void ask_next(caf::event_based_actor* self, caf::actor guide, std::vector<std::string> phrases) {
  if (phrases.empty()) {
    self->send(guide, "goodbye");
    return;
  }
  const auto phrase = phrases.front();
  phrases.erase(phrases.begin());
  self->request(guide, 5s, phrase).then([=](const std::string& answer) {
    fmt::print("tourist: \"{}\" is \"{}\"\n", phrase, answer);
    ask_next(self, guide, phrases);
  });
}

caf::behavior tourist(caf::event_based_actor* self, caf::actor guide) {
  self->monitor(guide);
  self->set_down_handler([self](const caf::down_msg& down) {
    fmt::print("tourist: the guide has left{}\n", down.reason ? " in a hurry" : "");
    self->quit();
  });
  ask_next(self, guide, {"good morning", "thank you", "the bill is wrong"});
  return {[](caf::unit_t) {}};  // takes nothing else
}

int main() {
  actors::runtime runtime;
  auto& caf = actors::caf_system(runtime);
  const auto words = caf.spawn(dictionary);
  const auto owner = runtime.open_owner("agency");
  const auto task = owner.spawn({.name = "guide", .timeout = 30s}, guide, words).value();

  caf::scoped_actor here(caf);
  here->wait_for(caf.spawn(tourist, actors::to_caf(task)));
  fmt::print("guide:   {} phrases translated\n", task.wait()->result.get<int>());
}
