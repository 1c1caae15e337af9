#include "actors/caf.hpp"

#include <caf/all.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "actors/sleep.hpp"
#include "catch.hpp"
#include "support/caf_story.hpp"

using namespace std::chrono_literals;

// Our actors and ordinary CAF actors, side by side. What is CAF's is written as in CAF's manual.

namespace actors::test {

namespace {

using lines = std::vector<std::string>;

// --- Ours
// -----------------------------------------------------------------------------------------

/// Adds two numbers for whoever requests it; tells of everything else.
coroutine<void> calculator(actor_context<caf_message> self, told* heard) {
  while (const auto message = co_await self.receive()) {
    const auto& content = message->content();
    if (content.match_elements<int, int>()) {
      message->reply(content.get_as<int>(0) + content.get_as<int>(1));
    } else if (content.match_elements<int>()) {
      message->reply(content.get_as<int>(0) + 1);
    } else if (content.match_elements<std::string>()) {
      heard->add(content.get_as<std::string>(0) + (message->is_request() ? "?" : ""));
      message->fail(caf::make_error(caf::sec::invalid_argument));
    }
  }
}

/// Keeps what it gets, unanswered.
coroutine<void> keeper(actor_context<caf_message> self, told* heard) {
  std::vector<caf_message> kept;
  while (auto message = co_await self.receive()) {
    kept.push_back(std::move(*message));
    heard->add("kept");
  }
}

coroutine<void> answers_twice(actor_context<caf_message> self, told* heard) {
  const auto message = co_await self.receive();
  heard->add(message->reply(1) ? "first" : "refused");
  heard->add(message->reply(2) ? "second" : "refused");
}

coroutine<void> answers_in_kind(actor_context<caf_message> self) {
  while (const auto message = co_await self.receive()) {
    const auto sender = caf::actor_cast<caf::actor>(message->sender());
    send_to_caf(self, sender, message->content().get_as<int>(0) + 1, std::string("more"));
  }
}

coroutine<void> takes_numbers(actor_context<int> self) {
  while (const auto message = co_await self.receive()) {
  }
}

coroutine<void> reads_nothing(actor_context<caf_message>) { co_await until_cancelled(); }

coroutine<void> ends_as_told(actor_context<caf_message> self, std::string how) {
  co_await self.receive();
  if (how == "exception") throw std::runtime_error("as told");
  if (how == "wait") co_await self.receive();
}

using life = std::shared_ptr<int>;

coroutine<void> keeps_alive(actor_context<caf_message> self, life kept, told* heard) {
  while (const auto message = co_await self.receive()) heard->add(std::to_string(*kept));
}

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

coroutine<json> replies_with_mail(task_context self) {
  while (const auto mail = co_await self.inbox().next()) {
    if (mail->content == "drop") continue;
    if (mail->content == "count") {
      mail->reply(json::parse("7"));
    } else {
      mail->reply(mail->content);
    }
  }
  co_return nullptr;
}

// --- CAF's
// -----------------------------------------------------------------------------------------

caf::behavior caf_calculator(caf::event_based_actor* self) {
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

caf::behavior caf_watcher(caf::event_based_actor* self, caf::actor whom, told* heard) {
  self->monitor(whom);
  self->set_down_handler([self, heard](const caf::down_msg& down) {
    heard->add(word_of(down.reason));
    self->quit();
  });
  return {[](int) {}};
}

caf::behavior caf_linked(caf::event_based_actor* self, caf::actor whom, told* heard) {
  self->link_to(whom);
  self->set_exit_handler([self, heard](const caf::exit_msg& end) {
    heard->add(word_of(end.reason));
    self->quit();
  });
  return {[](int) {}};
}

caf::behavior caf_talker(caf::event_based_actor* self, caf::actor whom, told* heard) {
  self->send(whom, 41);
  return {[self, heard](int number, const std::string& word) {
    heard->add(std::to_string(number) + " " + word);
    self->quit();
  }};
}

/// How the end of one of ours looks to a CAF actor that monitors it.
std::string end_as_seen(const std::string& how) {
  told heard;
  std::string seen;
  {
    runtime_options options;
    options.on_unhandled = [](const std::string&) {};
    runtime home(options);
    auto& system = caf_system(home);
    auto actor = home.spawn<caf_message>(ends_as_told, how);
    system.spawn(caf_watcher, to_caf(actor), &heard);
    // The monitor is in place once the watcher, which CAF runs later, has begun; an end before
    // that is told as well.
    caf::anon_send(to_caf(actor), 1);
    if (how == "wait") actor.stop();
    seen = heard.only();
  }
  return seen;
}

}  // namespace

// --- CAF's actors reach ours
// ----------------------------------------------------------------------

TEST_CASE("a CAF actor sends to one of ours, which answers with a message", "[caf]") {
  told heard;
  runtime home;
  const auto ours = home.spawn<caf_message>(answers_in_kind);
  caf_system(home).spawn(caf_talker, to_caf(ours), &heard);
  CHECK(heard.only() == "42 more");
}

TEST_CASE("a CAF actor requests from one of ours and gets the answer", "[caf]") {
  told heard;
  runtime home;
  const auto ours = to_caf(home.spawn<caf_message>(calculator, &heard));
  CHECK(answer_of<int>(caf_system(home), ours, 20, 22) == "42");
  caf::scoped_actor self(caf_system(home));
  int sum = 0;
  for (int i = 0; i < 200; ++i) {
    self->request(ours, patience, sum, 1)
        .receive([&sum](int next) { sum = next; },
                 [](const caf::error& why) { FAIL_CHECK(word_of(why)); });
  }
  CHECK(sum == 200);
}

TEST_CASE("a CAF handle keeps one of ours alive, and lets it go", "[caf]") {
  told heard;
  runtime home;
  auto kept = std::make_shared<int>(5);
  const std::weak_ptr<int> frame = kept;
  auto ours = to_caf(home.spawn<caf_message>(keeps_alive, std::move(kept), &heard));
  caf::anon_send(ours, 1);
  CHECK(heard.only() == "5");
  CHECK_FALSE(frame.expired());
  ours = nullptr;
  CHECK(home.shutdown(patience).is_clean());
  CHECK(frame.expired());
}

TEST_CASE("one of ours is the first stage of a CAF composition, and the last", "[caf]") {
  told heard;
  runtime home;
  auto& system = caf_system(home);
  const auto ours = to_caf(home.spawn<caf_message>(calculator, &heard));
  const auto doubles = system.spawn(caf_calculator);
  // f * g asks g, and f with its answer.
  CHECK(answer_of<int>(system, doubles * ours, 20, 1) == "42");
  CHECK(answer_of<int>(system, ours * doubles, 20) == "41");
}

TEST_CASE("a CAF actor hears how one of ours ended", "[caf]") {
  CHECK(end_as_seen("return") == "none");
  CHECK(end_as_seen("wait") == "user_shutdown");
  CHECK(end_as_seen("exception") == "unhandled_exception");
}

TEST_CASE("a CAF actor hears of the end of one of ours that was over before", "[caf]") {
  told heard;
  runtime home;
  const auto ours = home.spawn<caf_message>(ends_as_told, std::string("return"));
  const auto handle = to_caf(ours);
  caf::anon_send(handle, 1);
  caf_system(home).spawn(caf_watcher, handle, &heard);
  CHECK(heard.only() == "none");
  caf_system(home).spawn(caf_watcher, handle, &heard);
  CHECK(heard.first(2) == lines{"none", "none"});
}

TEST_CASE("a CAF actor hears that one of ours is gone because nobody referred to it", "[caf]") {
  told heard;
  runtime home;
  {
    told watching;
    auto ours = home.spawn<caf_message>(keeps_alive, std::make_shared<int>(1), &watching);
    caf::scoped_actor self(caf_system(home));
    self->monitor(to_caf(ours));
    ours = {};
    self->receive([&heard](const caf::down_msg& down) { heard.add(word_of(down.reason)); });
  }
  CHECK(heard.only() == "unreachable");
}

TEST_CASE("a CAF actor that is linked with one of ours goes down with it", "[caf]") {
  for (const std::string how : {"exception", "wait"}) {
    told heard;
    runtime_options options;
    options.on_unhandled = [](const std::string&) {};
    runtime home(options);
    const auto ours = home.spawn<caf_message>(ends_as_told, how);
    caf_system(home).spawn(caf_linked, to_caf(ours), &heard);
    caf::anon_send(to_caf(ours), 1);
    if (how == "wait") ours.stop();
    CHECK(heard.only() == (how == "wait" ? "user_shutdown" : "unhandled_exception"));
  }
}

TEST_CASE("an exit message of CAF tells one of ours to stop", "[caf]") {
  told heard;
  runtime home;
  const auto ours = to_caf(home.spawn<caf_message>(keeper, &heard));
  caf_system(home).spawn(caf_watcher, ours, &heard);
  caf::anon_send_exit(ours, caf::exit_reason::normal);
  caf::anon_send(ours, 1);
  CHECK(heard.only() == "kept");
  caf::anon_send_exit(ours, caf::exit_reason::user_shutdown);
  CHECK(heard.first(2) == lines{"kept", "user_shutdown"});
}

// Errors.

TEST_CASE("a CAF actor gets the error that one of ours answers with", "[caf]") {
  told heard;
  runtime home;
  const auto ours = to_caf(home.spawn<caf_message>(calculator, &heard));
  CHECK(answer_of<int>(caf_system(home), ours, std::string("x")) == "invalid_argument");
  CHECK(heard.only() == "x?");
}

TEST_CASE("a request that one of ours drops is answered with an error", "[caf]") {
  told heard;
  runtime home;
  const auto ours = to_caf(home.spawn<caf_message>(calculator, &heard));
  CHECK(answer_of<int>(caf_system(home), ours, 1.5) == "request_receiver_down");
}

TEST_CASE("a request that one of ours keeps runs into CAF's time-out", "[caf]") {
  told heard;
  runtime home;
  const auto ours = to_caf(home.spawn<caf_message>(keeper, &heard));
  told answer;
  caf_system(home).spawn(caf_ask<int, int>, ours, duration(20ms), &answer, 1);
  CHECK(answer.only() == "request_timeout");
  CHECK(heard.only() == "kept");
}

TEST_CASE("the requests that one of ours kept are answered when it ends", "[caf]") {
  told heard;
  told answer;
  runtime home;
  const auto ours = home.spawn<caf_message>(keeper, &heard);
  caf_system(home).spawn(caf_ask<int, int>, to_caf(ours), duration(patience), &answer, 1);
  CHECK(heard.only() == "kept");
  CHECK(answer.count() == 0);
  ours.stop();
  CHECK(answer.only() == "request_receiver_down");
}

TEST_CASE("a request to one of ours that has ended, or takes no more, is answered with an error",
          "[caf]") {
  told heard;
  runtime home;
  auto& system = caf_system(home);
  const auto closed = home.spawn<caf_message>(keeper, &heard);
  closed.close_inbox();
  CHECK(answer_of<int>(system, to_caf(closed), 1) == "request_receiver_down");
  const auto ended = home.spawn<caf_message>(reads_nothing);
  ended.stop();
  CHECK(answer_of<int>(system, to_caf(ended), 1) == "request_receiver_down");
}

TEST_CASE("a request to an actor with a full inbox is answered with an error", "[caf]") {
  told answer;
  runtime home;
  auto& system = caf_system(home);
  const auto full = home.spawn_bounded<caf_message>(1, reads_nothing);
  system.spawn(caf_ask<int, int>, to_caf(full), duration(patience), &answer, 1);
  system.spawn(caf_ask<int, int>, to_caf(full), duration(patience), &answer, 2);
  // One of the two is in the inbox, the other is told at once.
  CHECK(answer.only() == "request_receiver_down");
  full.stop();
  CHECK(answer.first(2) == lines{"request_receiver_down", "request_receiver_down"});
}

TEST_CASE("an actor of ours that takes no CAF messages says so to requests", "[caf]") {
  runtime home;
  const auto ours = to_caf(home.spawn<int>(takes_numbers));
  caf::anon_send(ours, 1);
  CHECK(answer_of<int>(caf_system(home), ours, 1) == "unexpected_message");
}

TEST_CASE("only the first answer to a request counts", "[caf]") {
  told heard;
  runtime home;
  const auto ours = to_caf(home.spawn<caf_message>(answers_twice, &heard));
  CHECK(answer_of<int>(caf_system(home), ours, 1) == "1");
  CHECK(heard.first(2) == lines{"first", "refused"});
}

// --- Ours reach CAF's
// -------------------------------------------------------------------------------

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
  caf_system(home).spawn(caf_watcher, theirs, &heard);
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

// --- Tasks
// -------------------------------------------------------------------------------------------

TEST_CASE("a task takes what JSON can say as mail from CAF and replies in kind", "[caf][task]") {
  runtime home;
  auto& system = caf_system(home);
  const auto owner = home.open_owner("main");
  const auto task = owner.spawn(spec{}, replies_with_mail);
  REQUIRE(task);
  const auto ours = to_caf(*task);
  CHECK(answer_of<std::string>(system, ours, std::string("text")) == "\"text\"");
  CHECK(answer_of<bool>(system, ours, true) == "true");
  CHECK(answer_of<double>(system, ours, 1.5) == "1.5");
  CHECK(answer_of<std::int64_t>(system, ours, 42) == "42");
  CHECK(answer_of<std::int64_t>(system, ours, std::int64_t{-42}) == "-42");
  CHECK(answer_of<std::string>(system, ours, caf::atom("word")) == "\"word\"");
  const auto pair = answer_of<envelope>(system, ours, std::string("a"), 1);
  CHECK_THAT(pair, Catch::Contains("[\\\"a\\\",1]") || Catch::Contains("[\"a\",1]"));
  const auto object = answer_of<envelope>(system, ours, envelope{R"({"key": [1, null]})"});
  CHECK_THAT(object, Catch::Contains("key") && Catch::Contains("[1,null]"));
}

TEST_CASE("a whole number is answered as one type, wherever it comes from", "[caf][task]") {
  runtime home;
  auto& system = caf_system(home);
  const auto owner = home.open_owner("main");
  const auto task = owner.spawn(spec{}, replies_with_mail);
  const auto ours = to_caf(*task);
  CHECK(answer_of<std::int64_t>(system, ours, std::string("count")) == "7");
  CHECK(answer_of<std::int64_t>(system, ours, std::uint32_t{8}) == "8");
  CHECK(answer_of<std::uint64_t>(system, ours, ~std::uint64_t{0}) == "18446744073709551615");
}

TEST_CASE("a task says to CAF what it cannot take, and what it will not answer", "[caf][task]") {
  runtime home;
  auto& system = caf_system(home);
  const auto owner = home.open_owner("main");
  const auto task = owner.spawn(spec{}, replies_with_mail);
  const auto ours = to_caf(*task);
  const auto no_json = answer_of<std::string>(system, ours, envelope{"{no json"});
  CHECK(no_json == "unexpected_message");
  CHECK(answer_of<std::string>(system, ours, std::vector<char>{'x'}) == "unexpected_message");
  CHECK(answer_of<std::string>(system, ours, std::string("drop")) == "request_receiver_down");
  task->close_inbox();
  REQUIRE(task->wait(patience));
  CHECK(answer_of<std::string>(system, ours, std::string("late")) == "request_receiver_down");
  CHECK(to_caf(*task) == nullptr);
}

TEST_CASE("a CAF actor hears how a task ended", "[caf][task]") {
  told heard;
  runtime home;
  const auto owner = home.open_owner("main");
  const auto task = owner.spawn(spec{}, replies_with_mail);
  caf_system(home).spawn(caf_watcher, to_caf(*task), &heard);
  task->cancel();
  CHECK(heard.only() == "user_shutdown");
}

}  // namespace actors::test
