#include <caf/all.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "actors/caf.hpp"
#include "catch.hpp"
#include "support/caf_actors.hpp"

using namespace std::chrono_literals;

// Our actors reach plain CAF ones.

namespace actors::test {

namespace {

using lines = std::vector<std::string>;

std::string outcome_of(const result<caf::message>& answer) {
  if (!answer) return std::string(to_string(answer.error().code));
  return answer->match_elements<int>() ? std::to_string(answer->get_as<int>(0)) : "something else";
}

coroutine<void> requests(actor_context<int> self, caf::actor from, int value, duration time,
                         told* heard) {
  const auto answer = co_await request_from_caf(self, from, time, value);
  heard->add(outcome_of(answer));
}

coroutine<void> divides(actor_context<int> self, caf::actor from, int value, int by, told* heard) {
  const auto answer = co_await request_from_caf(self, from, patience, value, by);
  heard->add(outcome_of(answer));
}

coroutine<void> sends_then_requests(actor_context<int> self, caf::actor to, told* heard) {
  for (int i = 1; i <= 3; ++i) send_to_caf(self, to, std::to_string(i));
  const auto answer = co_await request_from_caf(self, to, patience, 0);
  heard->add(outcome_of(answer));
}

coroutine<void> monitors(actor_context<caf_message> self, caf::actor watched, told* heard) {
  monitor_caf(self, watched);
  heard->add("watching");
  while (const auto message = co_await self.receive()) {
    if (!message->content().match_elements<caf::down_msg>()) continue;
    const auto& down = message->content().get_as<caf::down_msg>(0);
    heard->add((down.source == watched.address() ? "down: " : "other: ") + word_of(down.reason));
    co_return;
  }
}

coroutine<void> links(actor_context<int> self, caf::actor other, told* heard, bool fails) {
  link_caf(self, other);
  heard->add("linked");
  try {
    co_await self.receive();
  } catch (const cancelled&) {
    heard->add("told to stop");
    throw;
  }
  if (fails) throw std::runtime_error("broken link");
}

caf::behavior caf_listener(caf::event_based_actor*, told* heard) {
  return {
      [heard](const std::string& word) { heard->add(word); },
      [heard](int number) {
        heard->add("request");
        return number;
      },
  };
}

caf::behavior caf_silent(caf::event_based_actor* self) {
  return {[self](int) { return self->make_response_promise<int>(); }};
}

}  // namespace

TEST_CASE("one of ours requests from a CAF actor", "[caf]") {
  told heard;
  runtime home;
  const auto theirs = caf_system(home).spawn(caf_calculator);
  home.spawn<int>(requests, theirs, 21, duration(patience), &heard);
  CHECK(heard.only() == "42");
}

TEST_CASE("what one of ours sends to a CAF actor arrives in order, its requests too", "[caf]") {
  told heard;
  told answer;
  runtime home;
  const auto theirs = caf_system(home).spawn(caf_listener, &heard);
  home.spawn<int>(sends_then_requests, theirs, &answer);
  CHECK(answer.only() == "0");
  CHECK(heard.first(4) == lines{"1", "2", "3", "request"});
}

TEST_CASE("one of ours hears how a CAF actor ended", "[caf]") {
  for (const std::string how : {"quit", "fail"}) {
    told heard;
    runtime home;
    const auto theirs = caf_system(home).spawn(caf_calculator);
    const auto ours = home.spawn<caf_message>(monitors, theirs, &heard);
    CHECK(heard.only() == "watching");
    caf::anon_send(theirs, how);
    CHECK(heard.first(2).back() == (how == "quit" ? "down: none" : "down: out_of_workers"));
  }
}

TEST_CASE("one of ours hears of the end of a CAF actor that was over before", "[caf]") {
  told heard;
  runtime home;
  const auto theirs = caf_system(home).spawn(caf_calculator);
  caf::anon_send_exit(theirs, caf::exit_reason::out_of_workers);
  {
    caf::scoped_actor self(caf_system(home));
    self->wait_for(theirs);
  }
  const auto ours = home.spawn<caf_message>(monitors, theirs, &heard);
  CHECK(heard.first(2).back() == "down: out_of_workers");
}

TEST_CASE("one of ours that is linked with a CAF actor stops when that fails", "[caf]") {
  told heard;
  runtime home;
  const auto theirs = caf_system(home).spawn(caf_calculator);
  const auto ours = home.spawn<int>(links, theirs, &heard, false);
  CHECK(heard.only() == "linked");
  caf::anon_send(theirs, std::string("fail"));
  CHECK(heard.first(2) == lines{"linked", "told to stop"});
}

TEST_CASE("one of ours goes on when a CAF actor that it is linked with ends without error",
          "[caf]") {
  told heard;
  runtime home;
  const auto theirs = caf_system(home).spawn(caf_calculator);
  const auto ours = home.spawn<int>(links, theirs, &heard, false);
  CHECK(heard.only() == "linked");
  caf::anon_send(theirs, std::string("quit"));
  {
    caf::scoped_actor self(caf_system(home));
    self->wait_for(theirs);
  }
  CHECK(ours.send(1));
  CHECK(heard.count() == 1);
}

TEST_CASE("a CAF actor that one of ours linked itself with goes down with it", "[caf]") {
  told heard;
  told link;
  runtime_options options;
  options.on_unhandled = [](const std::string&) {};
  runtime home(options);
  const auto theirs = caf_system(home).spawn(caf_calculator);
  const auto watcher = caf_system(home).spawn(caf_watcher, theirs, &heard);
  const auto ours = home.spawn<int>(links, theirs, &link, true);
  CHECK(link.only() == "linked");
  ours.send(1);
  CHECK(heard.only() == "unhandled_exception");
}

// Errors.

TEST_CASE("one of ours gets a CAF actor's error as an error", "[caf]") {
  told heard;
  runtime home;
  const auto theirs = caf_system(home).spawn(caf_calculator);
  home.spawn<int>(divides, theirs, 42, 2, &heard);
  CHECK(heard.only() == "21");
  home.spawn<int>(divides, theirs, 42, 0, &heard);
  CHECK(heard.first(2) == lines{"21", "unanswered"});
}

TEST_CASE("a request of ours to a CAF actor ends with its patience", "[caf]") {
  told heard;
  runtime home;
  const auto theirs = caf_system(home).spawn(caf_silent);
  home.spawn<int>(requests, theirs, 21, duration(10ms), &heard);
  CHECK(heard.only() == "timed_out");
}

TEST_CASE("a request of ours to a CAF actor that has ended is answered with an error", "[caf]") {
  told heard;
  runtime home;
  const auto theirs = caf_system(home).spawn(caf_calculator);
  caf::anon_send_exit(theirs, caf::exit_reason::user_shutdown);
  home.spawn<int>(requests, theirs, 21, duration(patience), &heard);
  CHECK(heard.only() == "unanswered");
}

}  // namespace actors::test
