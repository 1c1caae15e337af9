#include "runtime/live_count.hpp"

#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "catch.hpp"

namespace actors::detail {

namespace {

template <class Work>
void on_threads(int count, Work work) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(work);
}

}  // namespace

TEST_CASE("threads have numbers of their own that do not change", "[live_count]") {
  const auto mine = thread_number();
  auto other = mine;
  std::thread([&other] { other = thread_number(); }).join();
  CHECK(other != mine);
  CHECK(thread_number() == mine);
}

TEST_CASE("what began on one thread may end on another", "[live_count]") {
  live_count tasks;
  CHECK(tasks.is_zero());
  tasks.began();
  tasks.began();
  std::thread([&tasks] { tasks.ended(); }).join();
  CHECK(tasks.live() == 1);
  CHECK_FALSE(tasks.is_zero());
  std::thread([&tasks] { tasks.ended(); }).join();
  CHECK(tasks.is_zero());
  CHECK(tasks.total_began() == 2);
  CHECK(tasks.total_ended() == 2);
}

TEST_CASE("what begins gets a number of its own, on whichever thread", "[live_count]") {
  live_count tasks;
  std::mutex mutex;
  std::set<std::uint64_t> numbers;
  // More threads than stripes: some share one.
  on_threads(20, [&] {
    for (int i = 0; i < 1'000; ++i) {
      const auto number = tasks.began();
      const std::lock_guard lock(mutex);
      numbers.insert(number);
    }
  });
  CHECK(numbers.size() == 20'000);
}

TEST_CASE("a count is never zero while something lives", "[live_count]") {
  live_count tasks;
  tasks.began();  // from the first to the last moment
  std::atomic<bool> was_zero{false};
  {
    std::jthread looks([&](std::stop_token stop) {
      while (!stop.stop_requested()) {
        if (tasks.is_zero()) was_zero = true;
      }
    });
    on_threads(4, [&tasks] {
      for (int i = 0; i < 20'000; ++i) {
        tasks.began();
        tasks.ended();
      }
    });
  }
  CHECK_FALSE(was_zero);
  tasks.ended();
  CHECK(tasks.is_zero());
}

TEST_CASE("references that are open are never the last", "[live_count]") {
  striped_references references;
  references.add();
  CHECK_FALSE(references.drop());
  CHECK(references.close());
}

TEST_CASE("the last reference after the close learns that", "[live_count]") {
  striped_references references;
  references.add();
  references.add();
  CHECK_FALSE(references.close());
  CHECK_FALSE(references.drop());
  references.add();
  CHECK_FALSE(references.drop());
  CHECK(references.drop());
}

TEST_CASE(
    "one of many threads that drop their references while it is closed learns that it was "
    "the last",
    "[live_count]") {
  for (int round = 0; round < 200; ++round) {
    striped_references references;
    constexpr int threads = 4;
    constexpr int each = 50;
    for (int i = 0; i < threads * each; ++i) references.add();
    std::atomic<int> last{0};
    {
      std::jthread closes([&] {
        if (references.close()) ++last;
      });
      on_threads(threads, [&] {
        for (int i = 0; i < each; ++i) {
          if (references.drop()) ++last;
        }
      });
    }
    REQUIRE(last == 1);
  }
}

}  // namespace actors::detail
