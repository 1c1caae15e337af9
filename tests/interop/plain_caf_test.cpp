#include <caf/all.hpp>
#include <string>
#include <vector>

#include "actors/caf.hpp"
#include "catch.hpp"
#include "support/caf_story.hpp"

using namespace std::chrono_literals;

// Plain CAF programs run on the scheduler that CAF is given here.

namespace actors::test {

namespace {

caf::behavior relay(caf::event_based_actor* self, caf::actor next) {
  return {[self, next](int left) {
    if (left > 0) self->send(next, left - 1);
  }};
}

caf::behavior counter(caf::event_based_actor* self, int expected, told* heard) {
  return {[self, left = expected, heard](int) mutable {
    if (--left == 0) {
      heard->add("all");
      self->quit();
    }
  }};
}

caf::behavior ticker(caf::event_based_actor* self, told* heard) {
  self->delayed_send(self, std::chrono::milliseconds(30), std::string("late"));
  self->delayed_send(self, std::chrono::milliseconds(1), std::string("early"));
  self->send(self, std::string("now"));
  return {[self, heard](const std::string& word) {
    heard->add(word);
    if (word == "late") self->quit();
  }};
}

caf::behavior idler(caf::event_based_actor* self, told* heard) {
  return {[](int) {}, caf::after(std::chrono::milliseconds(5)) >>
                          [self, heard] {
                            heard->add("nothing came");
                            self->quit();
                          }};
}

caf::behavior silent(caf::event_based_actor* self) {
  return {[self](int) { return self->make_response_promise<int>(); }};
}

void blocking_receiver(caf::blocking_actor* self, told* heard) {
  self->receive([heard](int number) { heard->add(std::to_string(number)); });
}

caf::behavior printer(caf::event_based_actor* self) {
  caf::aout(self) << std::string();
  return {[self](int) { self->quit(); }};
}

}  // namespace

TEST_CASE("plain CAF actors send to each other", "[plain_caf]") {
  told heard;
  runtime home;
  auto& system = caf_system(home);
  const auto last = system.spawn(counter, 1'000, &heard);
  std::vector<caf::actor> ring;
  for (int i = 0; i < 1'000; ++i) ring.push_back(system.spawn(relay, last));
  for (const auto& one : ring) caf::anon_send(one, 1);
  CHECK(heard.only() == "all");
}

TEST_CASE("plain CAF actors get delayed messages and receive time-outs", "[plain_caf]") {
  told heard;
  runtime home;
  caf_system(home).spawn(ticker, &heard);
  CHECK(heard.first(3) == std::vector<std::string>{"now", "early", "late"});
  told idle;
  caf_system(home).spawn(idler, &idle);
  CHECK(idle.only() == "nothing came");
}

TEST_CASE("a plain CAF request runs into its time-out", "[plain_caf]") {
  told heard;
  runtime home;
  auto& system = caf_system(home);
  const auto whom = system.spawn(silent);
  system.spawn([&heard, whom](caf::event_based_actor* self) {
    self->request(whom, std::chrono::milliseconds(10), 1)
        .then([](int) {}, [&heard](const caf::error& why) { heard.add(word_of(why)); });
  });
  CHECK(heard.only() == "request_timeout");
}

TEST_CASE("blocking and detached CAF actors run", "[plain_caf]") {
  told heard;
  runtime home;
  auto& system = caf_system(home);
  const auto blocking = system.spawn(blocking_receiver, &heard);
  caf::anon_send(blocking, 1);
  CHECK(heard.only() == "1");
  told detached;
  const auto other = system.spawn<caf::detached>(counter, 3, &detached);
  for (int i = 0; i < 3; ++i) caf::anon_send(other, i);
  CHECK(detached.only() == "all");
}

TEST_CASE("a plain CAF actor prints", "[plain_caf]") {
  runtime home;
  auto& system = caf_system(home);
  const auto prints = system.spawn(printer);
  caf::anon_send(prints, 1);
  caf::scoped_actor self(system);
  self->wait_for(prints);
}

TEST_CASE("a runtime waits for plain CAF actors that have something left to do", "[plain_caf]") {
  told heard;
  {
    runtime home;
    auto& system = caf_system(home);
    const auto last = system.spawn(counter, 10'000, &heard);
    for (int i = 0; i < 10'000; ++i) caf::anon_send(last, i);
  }
  CHECK(heard.count() == 1);
}

TEST_CASE("a plain CAF actor that never ends does not hold up its runtime's end", "[plain_caf]") {
  told heard;
  caf::actor kept;
  {
    runtime_options options;
    options.shutdown_patience = 10ms;
    runtime home(options);
    kept = caf_system(home).spawn(counter, 1'000, &heard);
  }
  CHECK(heard.count() == 0);
  caf::anon_send(kept, 1);
}

}  // namespace actors::test
