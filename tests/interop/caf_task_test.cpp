#include <caf/all.hpp>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "actors/caf.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/caf_actors.hpp"

// Plain CAF actors reach tasks, whose mail is JSON.

namespace actors::test {

namespace {

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

coroutine<void> waits_for_caf(actor_context<caf_message> self) {
  while (const auto message = co_await self.receive()) message->reply(1);
}

/// Is given up before it gives a coroutine, where there is no grace period.
coroutine<json> cancel_and_raise(task_context self) {
  self.handle().cancel();
  throw std::runtime_error("no luck");
}

coroutine<json> cancel_with_coroutine_and_raise(task_context self) {
  const auto made = replies_with_mail(self);
  self.handle().cancel();
  throw std::runtime_error("no luck");
}

}  // namespace

TEST_CASE("a task takes what JSON can say as mail from CAF and replies in kind", "[caf][task]") {
  runtime home;
  auto& system = caf_system(home);
  const auto owner = home.open_owner("main");
  const auto task = owner.spawn(spec{}, replies_with_mail);
  REQUIRE(task);
  const auto ours = to_caf(*task);
  CHECK(answer_of<std::string>(system, ours, std::string("text")) == "\"text\"");
  CHECK(answer_of<bool>(system, ours, true) == "true");
  CHECK(answer_of<double>(system, ours, 1.5) == "1.500000");
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

TEST_CASE("no two actors have one id, whoever made them and on whichever thread", "[caf][task]") {
  runtime home;
  auto& system = caf_system(home);
  const auto owner = home.open_owner("main");
  std::vector<caf::actor> all;
  const auto make_some = [&] {
    for (int i = 0; i < 100; ++i) {
      all.push_back(system.spawn([](caf::event_based_actor*) {}));
      all.push_back(to_caf(home.spawn<caf_message>(waits_for_caf)));
      all.push_back(to_caf(*owner.spawn(spec{}, replies_with_mail)));
    }
  };
  make_some();
  std::thread(make_some).join();
  std::set<caf::actor_id> ids;
  for (const auto& each : all) ids.insert(each->id());
  CHECK(ids.size() == all.size());
  CHECK(owner.cancel_all() == 200);
}

TEST_CASE("a CAF actor hears how a task ended", "[caf][task]") {
  told heard;
  runtime home;
  const auto owner = home.open_owner("main");
  const auto task = owner.spawn(spec{}, replies_with_mail);
  const auto watcher = caf_system(home).spawn(caf_watcher, to_caf(*task), &heard);
  task->cancel();
  CHECK(heard.only() == "user_shutdown");
}

TEST_CASE("a CAF actor hears of a task that ends before its body has begun", "[caf][task]") {
  testing::simulated_runtime sim(
      1, {.manager = {.limits = {.max_running = 1, .when_full = on_full::queue},
                      .grace = duration::zero()}});
  const auto owner = sim.open_owner("main");
  int heard = 0;
  std::vector<caf::actor> kept;  // the tasks' cells
  const auto watch = [&heard, &kept](const task_handle& task) {
    kept.push_back(to_caf(task));
    kept.back()->attach_functor([&heard] { ++heard; });
    return task;
  };
  const auto told = watch(*owner.spawn({}, replies_with_mail));
  const auto queued = watch(*owner.spawn({}, replies_with_mail));
  queued.cancel();
  told.cancel();
  sim.run();
  CHECK(heard == 2);
  watch(*owner.spawn({}, cancel_and_raise));
  watch(*owner.spawn({}, cancel_with_coroutine_and_raise));
  sim.run();
  CHECK(heard == 4);
}

}  // namespace actors::test
