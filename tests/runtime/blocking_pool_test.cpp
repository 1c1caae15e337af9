#include "runtime/blocking_pool.hpp"

#include <atomic>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "actors/actor.hpp"
#include "actors/blocking.hpp"
#include "actors/runtime.hpp"
#include "catch.hpp"
#include "support/tally.hpp"

using namespace std::chrono_literals;

namespace actors::test {

namespace {

using detail::blocking_pool;

/// A job that says what became of it.
struct told_job final : detail::blocking_job {
  told_job(std::function<void()> what, tally& runs, tally& discards)
      : work(std::move(what)), ran(runs), discarded(discards) {}
  void run() noexcept override {
    work();
    auto& told = ran;
    delete this;
    told.add();
  }
  void discard(bool) noexcept override {
    auto& told = discarded;
    delete this;
    told.add();
  }
  std::function<void()> work;
  tally& ran;
  tally& discarded;
};

struct counts {
  tally ran;
  tally discarded;
  detail::blocking_job& job(std::function<void()> what) {
    return *new told_job(std::move(what), ran, discarded);
  }
};

time_point soon() { return clock_type::now() + patience; }

/// Work that holds its thread until it is let go.
struct held {
  std::shared_ptr<std::latch> began = std::make_shared<std::latch>(1);
  std::shared_ptr<std::promise<void>> end = std::make_shared<std::promise<void>>();
  std::shared_future<void> ended = end->get_future().share();

  auto work() const {
    return [began = began, ended = ended] {
      began->count_down();
      ended.wait();
    };
  }
  void let_go() const { end->set_value(); }
};

int answer() { return 42; }

coroutine<void> call(actor_context<int>, std::function<int()> work, on_cancel policy,
                     tally* finished, std::string* how) {
  auto pending = blocking(std::move(work), policy);
  try {
    *how = std::to_string(co_await std::move(pending));
  } catch (const cancelled& why) {
    *how = std::string(to_string(why.reason()));
  }
  finished->add();
}

}  // namespace

TEST_CASE("a pool runs what it is given", "[blocking_pool]") {
  counts all;
  blocking_pool pool(3, 10'000);
  std::atomic<int> sum{0};
  for (int i = 1; i <= 1'000; ++i) pool.submit(all.job([&sum, i] { sum += i; }));
  CHECK(all.ran.reaches(1'000));
  CHECK(sum == 500'500);
  CHECK(pool.close(soon()));
  CHECK(all.discarded.count() == 0);
}

TEST_CASE("a pool grows to as many threads as there are blocked jobs, up to its limit",
          "[blocking_pool]") {
  constexpr int limit = 4;
  counts all;
  blocking_pool pool(limit, 100);
  std::latch everybody(limit);
  for (int i = 0; i < limit; ++i) {
    pool.submit(all.job([&everybody] { everybody.arrive_and_wait(); }));
  }
  CHECK(all.ran.reaches(limit));

  std::atomic<int> running{0};
  std::atomic<int> most{0};
  for (int i = 0; i < 200; ++i) {
    pool.submit(all.job([&running, &most] {
      const int now = ++running;
      int seen = most.load();
      while (seen < now && !most.compare_exchange_weak(seen, now)) {
      }
      std::this_thread::yield();
      --running;
    }));
  }
  CHECK(pool.close(time_point::max()));
  CHECK(all.ran.count() + all.discarded.count() == limit + 200);
  CHECK(most <= limit);
}

TEST_CASE("jobs that wait for a thread run in their order", "[blocking_pool]") {
  counts all;
  blocking_pool pool(1, 100);
  const held first;
  pool.submit(all.job(first.work()));
  first.began->wait();
  std::string order;
  for (const char name : {'a', 'b', 'c'}) pool.submit(all.job([&order, name] { order += name; }));
  first.let_go();
  CHECK(all.ran.reaches(4));
  CHECK(order == "abc");
}

TEST_CASE("blocking work in an actor gives its value", "[blocking_pool]") {
  tally finished;
  std::string how;
  runtime home;
  home.spawn<int>(call, std::function<int()>(answer), on_cancel::abandon, &finished, &how);
  REQUIRE(finished.reaches(1));
  CHECK(how == "42");
}

TEST_CASE("blocking work does not keep actors from running", "[blocking_pool]") {
  tally finished;
  std::string how[6];
  runtime_options options;
  options.workers = 1;
  options.blocking_threads = 5;
  runtime home(options);
  std::latch everybody(5);
  const auto work = [&everybody] {
    everybody.arrive_and_wait();
    return 1;
  };
  for (int i = 0; i < 5; ++i) {
    home.spawn<int>(call, std::function<int()>(work), on_cancel::abandon, &finished, &how[i]);
  }
  CHECK(finished.reaches(5));
}

// Errors and ends.

TEST_CASE("a full pool gives a job up at once", "[blocking_pool]") {
  counts all;
  blocking_pool pool(1, 2);
  const held first;
  pool.submit(all.job(first.work()));
  first.began->wait();
  pool.submit(all.job([] {}));
  pool.submit(all.job([] {}));
  CHECK(all.discarded.count() == 0);
  pool.submit(all.job([] {}));
  CHECK(all.discarded.count() == 1);
  first.let_go();
  CHECK(all.ran.reaches(3));
  pool.submit(all.job([] {}));
  CHECK(all.ran.reaches(4));
}

TEST_CASE("a closing pool gives up what waits and refuses what comes", "[blocking_pool]") {
  counts all;
  blocking_pool pool(1, 100);
  const held first;
  pool.submit(all.job(first.work()));
  first.began->wait();
  for (int i = 0; i < 3; ++i) pool.submit(all.job([] {}));
  CHECK_FALSE(pool.close(time_point::min()));
  CHECK(all.discarded.count() == 3);
  pool.submit(all.job([] {}));
  CHECK(all.discarded.count() == 4);
  first.let_go();
  CHECK(pool.close(soon()));
  CHECK(all.ran.count() == 1);
}

TEST_CASE("a job that does not end holds up neither close nor the pool's owner",
          "[blocking_pool]") {
  counts all;
  const held stuck;
  {
    blocking_pool pool(2, 100);
    pool.submit(all.job(stuck.work()));
    stuck.began->wait();
    CHECK_FALSE(pool.close(clock_type::now() + 20ms));
  }
  CHECK(all.ran.count() == 0);
  stuck.let_go();
  CHECK(all.ran.reaches(1));
}

TEST_CASE("a stopped actor abandons its blocking work, or waits for it, as asked",
          "[blocking_pool]") {
  const held work;
  const auto blocking_part = [run = work.work()] {
    run();
    return 1;
  };
  tally abandoned;
  tally waited;
  std::string how_abandoned;
  std::string how_waited;
  runtime home;
  const auto hasty = home.spawn<int>(call, std::function<int()>(answer), on_cancel::abandon,
                                     &abandoned, &how_abandoned);
  REQUIRE(abandoned.reaches(1));
  const auto abandoning = home.spawn<int>(call, std::function<int()>(blocking_part),
                                          on_cancel::abandon, &abandoned, &how_abandoned);
  work.began->wait();
  abandoning.stop();
  REQUIRE(abandoned.reaches(2));
  CHECK(how_abandoned == "requested");

  const held other;
  const auto other_part = [run = other.work()] {
    run();
    return 1;
  };
  const auto waiting = home.spawn<int>(call, std::function<int()>(other_part), on_cancel::wait,
                                       &waited, &how_waited);
  other.began->wait();
  waiting.stop();
  CHECK_FALSE(waited.reaches(1, 20ms));
  other.let_go();
  REQUIRE(waited.reaches(1));
  CHECK(how_waited == "requested");
  work.let_go();
}

TEST_CASE("a runtime closes in time although a blocking job is stuck", "[blocking_pool]") {
  const held stuck;
  tally finished;
  std::string how;
  {
    runtime home;
    const auto work = [run = stuck.work()] {
      run();
      return 1;
    };
    home.spawn<int>(call, std::function<int()>(work), on_cancel::abandon, &finished, &how);
    stuck.began->wait();
  }
  CHECK(finished.count() == 1);
  CHECK(how == "shutdown");
  stuck.let_go();
}

}  // namespace actors::test
