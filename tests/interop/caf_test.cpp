#include "actors/caf.hpp"

#include <caf/all.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "actors/sleep.hpp"
#include "catch.hpp"
#include "support/caf_actors.hpp"

using namespace std::chrono_literals;

// Plain CAF actors reach ours. What is CAF's is written as in CAF's manual. A CAF actor that waits
// lives as long as somebody refers to it; a monitor or a link does not count.

namespace actors::test {

namespace {

using lines = std::vector<std::string>;

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
    const auto watcher = system.spawn(caf_watcher, to_caf(actor), &heard);
    // The monitor is in place once the watcher, which CAF runs later, has begun; an end before
    // that is told as well.
    caf::anon_send(to_caf(actor), 1);
    if (how == "wait") actor.stop();
    seen = heard.only();
  }
  return seen;
}

}  // namespace

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
  const auto watcher = caf_system(home).spawn(caf_watcher, handle, &heard);
  CHECK(heard.only() == "none");
  const auto other = caf_system(home).spawn(caf_watcher, handle, &heard);
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
    const auto theirs = caf_system(home).spawn(caf_linked, to_caf(ours), &heard);
    caf::anon_send(to_caf(ours), 1);
    if (how == "wait") ours.stop();
    CHECK(heard.only() == (how == "wait" ? "user_shutdown" : "unhandled_exception"));
  }
}

TEST_CASE("an exit message of CAF tells one of ours to stop", "[caf]") {
  told heard;
  runtime home;
  const auto ours = to_caf(home.spawn<caf_message>(keeper, &heard));
  const auto watcher = caf_system(home).spawn(caf_watcher, ours, &heard);
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

}  // namespace actors::test
