#pragma once

#include <caf/all.hpp>
#include <string>

#include "actors/clock.hpp"
#include "support/caf_story.hpp"

// Plain CAF actors for tests: what is on the other side.

namespace actors::test {

/// Doubles, divides, and ends as it is told.
inline caf::behavior caf_calculator(caf::event_based_actor* self) {
  return {
      [](int value) { return value * 2; },
      [](int value, int other) -> caf::result<int> {
        if (other == 0) return caf::make_error(caf::sec::invalid_argument);
        return value / other;
      },
      [self](const std::string& word) {
        if (word == "quit") self->quit();
        if (word == "fail") self->quit(caf::exit_reason::out_of_workers);
      },
  };
}

/// Requests once from `whom` and tells what came.
template <class Answer, class... Values>
void caf_ask(caf::event_based_actor* self, caf::actor whom, duration time, told* heard,
             Values... values) {
  self->request(whom, time, std::move(values)...)
      .then([heard](const Answer& answer) { heard->add(caf::deep_to_string(answer)); },
            [heard](const caf::error& why) { heard->add(word_of(why)); });
}

template <class Answer, class... Values>
std::string answer_of(caf::actor_system& system, const caf::actor& whom, Values... values) {
  told heard;
  system.spawn(caf_ask<Answer, Values...>, whom, duration(patience), &heard, std::move(values)...);
  return heard.only();
}

/// Tells why `whom` ended.
inline caf::behavior caf_watcher(caf::event_based_actor* self, caf::actor whom, told* heard) {
  self->monitor(whom);
  self->set_down_handler([self, heard](const caf::down_msg& down) {
    heard->add(word_of(down.reason));
    self->quit();
  });
  return {[](int) {}};
}

}  // namespace actors::test
