#include "actors/blocking.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "actors/timeout.hpp"
#include "catch.hpp"
#include "support/bodies.hpp"
#include "support/counted.hpp"
#include "support/local_strand.hpp"

using namespace std::chrono_literals;

namespace actors::test {

namespace {

// What runs on the pool.
int answer() { return 42; }
int refuse() { throw std::runtime_error("disk on fire"); }
void do_nothing() {}

template <class Work>
coroutine<int> value_of(Work work, on_cancel policy) {
  auto call = blocking(std::move(work), policy);
  co_return co_await std::move(call);
}

coroutine<bool> finish_nothing(on_cancel policy) {
  co_await blocking(do_nothing, policy);
  co_return true;
}

coroutine<int> in_time(on_cancel policy) {
  const auto value = co_await with_timeout(1s, value_of(answer, policy));
  co_return value.value_or(-1);
}

coroutine<void> note_end(story* events, on_cancel policy) {
  const auto why = co_await reason_of(value_of(answer, policy));
  events->push_back(std::string(to_string(why)));
}

/// Work that can be told to have run.
struct counting_work {
  counted kept;
  int* runs;
  int operator()() const { return ++*runs; }
};

coroutine<int> work_when_cancelled(counting_work work, on_cancel policy) {
  co_await reason_of(wait_for_ever());
  co_return co_await value_of(std::move(work), policy);
}

constexpr on_cancel both[] = {on_cancel::abandon, on_cancel::wait};

/// Cannot be copied.
struct owning_work {
  std::unique_ptr<int> value;
  int operator()() { return ++*value; }
};

}  // namespace

TEST_CASE("blocking work may be something that can only be moved", "[blocking]") {
  for (const auto policy : both) {
    local_strand<int> strand(value_of(owning_work{std::make_unique<int>(6)}, policy));
    CHECK(strand.run());
    CHECK(strand.result() == 7);
  }
}

TEST_CASE("blocking work gives its value", "[blocking]") {
  for (const auto policy : both) {
    local_strand<int> strand(value_of(answer, policy));
    strand.hold_blocking_work();
    CHECK_FALSE(strand.run());
    CHECK(std::string(strand.awaiting()) == "blocking work");
    strand.run_blocking_work();
    CHECK(strand.run());
    CHECK(strand.result() == 42);
    CHECK(strand.references() == 0);
  }
}

TEST_CASE("blocking work without a value tells that it is done", "[blocking]") {
  for (const auto policy : both) {
    local_strand<bool> strand(finish_nothing(policy));
    strand.hold_blocking_work();
    CHECK_FALSE(strand.run());
    strand.run_blocking_work();
    CHECK(strand.run());
    CHECK(strand.result());
  }
}

TEST_CASE("blocking work runs in place where there is no pool", "[blocking]") {
  for (const auto policy : both) {
    local_strand<int> strand(value_of(answer, policy));
    CHECK(strand.run());
    CHECK(strand.result() == 42);
  }
}

TEST_CASE("blocking work on another thread wakes its caller", "[blocking]") {
  for (const auto policy : both) {
    local_strand<int> strand(value_of(answer, policy));
    strand.hold_blocking_work();
    CHECK_FALSE(strand.run());
    std::thread pool([&strand] { strand.run_blocking_work(); });
    strand.serve();
    pool.join();
    CHECK(strand.result() == 42);
  }
}

TEST_CASE("what blocking work holds is freed once it has run", "[blocking]") {
  ledger book;
  int runs = 0;
  {
    counting_work work{counted(book), &runs};
    local_strand<int> strand(value_of(std::move(work), on_cancel::abandon));
    strand.hold_blocking_work();
    strand.run();
    strand.run_blocking_work();
    CHECK(strand.run());
    CHECK(strand.result() == 1);
  }
  CHECK(book.alive() == 0);
  CHECK(book.mistakes() == 0);
}

// Errors.

TEST_CASE("what blocking work throws is raised where it is awaited", "[blocking]") {
  for (const auto policy : both) {
    local_strand<int> strand(value_of(refuse, policy));
    CHECK(strand.run());
    CHECK_THROWS_WITH(strand.result(), "disk on fire");
  }
}

TEST_CASE("a cancelled caller goes on at once and abandons its work", "[blocking]") {
  story events;
  local_strand<void> strand(note_end(&events, on_cancel::abandon));
  strand.hold_blocking_work();
  strand.run();
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK(events == story{"requested"});
  strand.run_blocking_work();
  CHECK(strand.references() == 0);
}

TEST_CASE("a cancelled caller that was told to wait goes on when the work has ended",
          "[blocking]") {
  story events;
  local_strand<void> strand(note_end(&events, on_cancel::wait));
  strand.hold_blocking_work();
  strand.run();
  strand.request_stop(cancel_reason::requested);
  CHECK_FALSE(strand.run());
  CHECK_FALSE(strand.advance(24h));
  CHECK(events.empty());
  strand.run_blocking_work();
  CHECK(strand.run());
  CHECK(events == story{"requested"});
}

TEST_CASE("a deadline ends the wait for work, or follows it, as asked", "[blocking]") {
  local_strand<int> abandoning(in_time(on_cancel::abandon));
  abandoning.hold_blocking_work();
  abandoning.run();
  CHECK(abandoning.advance(1s));
  CHECK(abandoning.result() == -1);

  local_strand<int> waiting(in_time(on_cancel::wait));
  waiting.hold_blocking_work();
  waiting.run();
  CHECK_FALSE(waiting.advance(1s));
  waiting.run_blocking_work();
  CHECK(waiting.run());
  CHECK(waiting.result() == -1);
}

TEST_CASE("a caller that is cancelled already submits no work", "[blocking]") {
  ledger book;
  int runs = 0;
  for (const auto policy : both) {
    counting_work work{counted(book), &runs};
    local_strand<int> strand(work_when_cancelled(std::move(work), policy));
    strand.run();
    strand.request_stop(cancel_reason::requested);
    CHECK(strand.run());
    CHECK_THROWS_AS(strand.result(), cancelled);
  }
  CHECK(runs == 0);
  CHECK(book.alive() == 0);
}

TEST_CASE("work that the pool gives up when it closes ends as cancelled", "[blocking]") {
  story events;
  local_strand<void> strand(note_end(&events, on_cancel::abandon));
  strand.hold_blocking_work();
  strand.run();
  strand.discard_blocking_work();
  CHECK(strand.run());
  CHECK(events == story{"shutdown"});
}

TEST_CASE("work that a full pool does not take is a failure", "[blocking]") {
  for (const auto policy : both) {
    local_strand<int> strand(value_of(answer, policy));
    strand.hold_blocking_work();
    strand.run();
    strand.discard_blocking_work(true);
    CHECK(strand.run());
    try {
      strand.result();
      FAIL("no failure was raised");
    } catch (const failure& problem) {
      CHECK(problem.why().code == error_code::capacity_reached);
    }
  }
}

TEST_CASE("work outlives a caller that was destroyed", "[blocking]") {
  ledger book;
  int runs = 0;
  for (const auto policy : both) {
    counting_work work{counted(book), &runs};
    local_strand<int> strand(value_of(std::move(work), policy));
    strand.hold_blocking_work();
    strand.run();
    strand.end();
    strand.run_blocking_work();
    CHECK(strand.references() == 0);
  }
  CHECK(runs == 2);
  CHECK(book.alive() == 0);
  CHECK(book.mistakes() == 0);
}

}  // namespace actors::test
