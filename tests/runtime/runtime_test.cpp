#include "actors/runtime.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/tally.hpp"

using namespace std::chrono_literals;

namespace actors::test {

namespace {

coroutine<void> count_mail(actor_context<int> self, tally* seen) {
  while (const auto message = co_await self.receive()) seen->add();
}

coroutine<void> pass_on(actor_context<int> self, actor_ref<int> to) {
  while (const auto message = co_await self.receive()) to.send(*message);
}

/// The processor time that this process has used.
duration cpu_time() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto in_full = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return in_full(used.ru_utime) + in_full(used.ru_stime);
}

/// Lets that much time pass on this thread, which uses none of it.
void let_time_pass(duration time) {
  tally never;
  never.reaches(1, time);
}

std::string refusal(const std::function<void(runtime_options&)>& change) {
  runtime_options options;
  change(options);
  try {
    runtime home(options);
  } catch (const failure& why) {
    CHECK(why.why().code == error_code::invalid_argument);
    return why.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a runtime that is given nothing to do closes cleanly", "[runtime]") {
  for (int i = 0; i < 5; ++i) {
    runtime home;
    CHECK(home.shutdown(patience).is_clean());
  }
}

TEST_CASE("several runtimes live beside each other, and their actors know each other",
          "[runtime]") {
  tally seen;
  runtime first;
  const auto listener = first.spawn<int>(count_mail, &seen);
  {
    runtime second;
    runtime third;
    const auto near = second.spawn<int>(pass_on, listener);
    const auto far = third.spawn<int>(pass_on, near);
    for (int i = 0; i < 100; ++i) far.send(i);
    CHECK(seen.reaches(100));
  }
  listener.send(1);
  CHECK(seen.reaches(101));
}

TEST_CASE("runtimes are made and closed from several threads at once", "[runtime]") {
  tally seen;
  tally closed;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&seen, &closed] {
      for (int round = 0; round < 5; ++round) {
        runtime home;
        home.spawn<int>(count_mail, &seen).send(1);
        if (home.shutdown(patience).is_clean()) closed.add();
      }
    });
  }
  for (auto& each : threads) each.join();
  CHECK(closed.count() == 15);
}

TEST_CASE("a runtime may end in another thread than the one that made it", "[runtime]") {
  tally seen;
  auto home = std::make_unique<runtime>();
  const auto counter = home->spawn<int>(count_mail, &seen);
  counter.send(1);
  std::thread other([&home] { home.reset(); });
  other.join();
  CHECK(seen.count() <= 1);
  CHECK_FALSE(counter.send(2));
}

TEST_CASE("a runtime's clock moves on", "[runtime]") {
  runtime home;
  const auto before = home.now();
  CHECK(home.now() >= before);
}

TEST_CASE("an idle runtime uses no processor time", "[runtime]") {
  tally seen;
  runtime home;
  std::vector<actor_ref<int>> waiting;
  for (int i = 0; i < 1'000; ++i) waiting.push_back(home.spawn<int>(count_mail, &seen));
  for (const auto& one : waiting) one.send(1);
  REQUIRE(seen.reaches(waiting.size()));
  // Once they have gone to sleep: one quiet period out of a few will do, on a busy machine too.
  auto least = duration::max();
  for (int i = 0; i < 20 && least > 20ms; ++i) {
    const auto before = cpu_time();
    let_time_pass(200ms);
    least = std::min(least, cpu_time() - before);
  }
  CHECK(least <= 20ms);
}

// Errors.

TEST_CASE("options that make no sense are refused by their name", "[runtime]") {
  using options = runtime_options;
  CHECK_THAT(refusal([](options& o) { o.budget = 0; }),
             Catch::Contains("runtime_options.budget") && Catch::Contains("0"));
  CHECK_THAT(refusal([](options& o) { o.workers = 1'000'000; }),
             Catch::Contains("runtime_options.workers"));
  CHECK_THAT(refusal([](options& o) { o.workers = static_cast<unsigned>(-1); }),
             Catch::Contains("runtime_options.workers"));
  CHECK_THAT(refusal([](options& o) { o.blocking_threads = 0; }),
             Catch::Contains("runtime_options.blocking_threads"));
  CHECK_THAT(refusal([](options& o) { o.shutdown_patience = -1s; }),
             Catch::Contains("runtime_options.shutdown_patience"));
  CHECK_THAT(refusal([](options& o) { o.manager.grace = -1s; }), Catch::Contains("grace"));
}

TEST_CASE("options at the edge of sense are accepted", "[runtime]") {
  using options = runtime_options;
  CHECK(refusal([](options& o) { o.budget = std::numeric_limits<unsigned>::max(); }) == "accepted");
  CHECK(refusal([](options& o) { o.workers = 7; }) == "accepted");
  CHECK(refusal([](options& o) { o.blocking_queue = 0; }) == "accepted");
  CHECK(refusal([](options& o) { o.shutdown_patience = 0s; }) == "accepted");
  CHECK(refusal([](options& o) { o.shutdown_patience = duration::max(); }) == "accepted");
}

TEST_CASE("nothing is started once a runtime was shut down", "[runtime]") {
  tally seen;
  runtime home;
  home.shutdown(patience);
  const auto late = home.spawn<int>(count_mail, &seen);
  late.send(1);
  CHECK(home.shutdown(patience).is_clean());
  CHECK(seen.count() == 0);
  CHECK_FALSE(late.send(2));
}

}  // namespace actors::test
