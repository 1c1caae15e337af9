#include "runtime/idle_workers.hpp"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/tally.hpp"

// The same as in model/idle_workers_model_test.cpp, on real threads.

namespace actors::test {

namespace {

/// Workers that share a counter of jobs; whoever does one may add others.
class factory {
 public:
  explicit factory(unsigned workers) {
    for (unsigned i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
  }
  factory(const factory&) = delete;
  factory& operator=(const factory&) = delete;
  ~factory() {
    idle_.stop();
    for (auto& each : threads_) each.join();
  }

  /// A job that adds `more` others, if it is the next to be done.
  void add(unsigned more = 0) {
    if (more != 0) more_.fetch_add(more, std::memory_order_relaxed);
    jobs_.fetch_add(1, std::memory_order_release);
    idle_.wake_one();
  }

  tally done;

 private:
  bool take() {
    auto seen = jobs_.load(std::memory_order_relaxed);
    while (seen != 0) {
      if (jobs_.compare_exchange_weak(seen, seen - 1, std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }
  void work() {
    while (next()) {
      for (auto left = more_.exchange(0, std::memory_order_relaxed); left > 0; --left) add();
      done.add();
    }
  }
  bool next() {
    if (take()) return true;
    // One look only: the fewer, the more often it lies down.
    const auto look = [this] { return take(); };
    return idle_.find_work(look, look, [] { return true; });
  }

  detail::idle_workers idle_;
  std::atomic<unsigned> jobs_{0};
  std::atomic<unsigned> more_{0};
  std::vector<std::thread> threads_;
};

}  // namespace

TEST_CASE("each job that comes while workers go to sleep is done", "[idle_workers]") {
  for (const unsigned workers : {1U, 2U, 4U}) {
    CAPTURE(workers);
    factory all(workers);
    std::size_t expected = 0;
    for (unsigned round = 0; round < 5'000; ++round) {
      const auto more = round % 4;
      all.add(more);
      expected += 1 + more;
      // All are done, and the workers about to sleep.
      if (round % 3 != 0) REQUIRE(all.done.reaches(expected));
    }
    CHECK(all.done.reaches(expected));
  }
}

TEST_CASE("workers end whatever they do when they are told to stop", "[idle_workers]") {
  for (unsigned round = 0; round < 300; ++round) {
    factory all(3);
    for (unsigned i = 0; i < round % 4; ++i) all.add(i);
  }
  SUCCEED();
}

}  // namespace actors::test
