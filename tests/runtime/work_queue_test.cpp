#include "runtime/work_queue.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include "catch.hpp"

namespace actors::test {

namespace {

using detail::work_queue;

/// An item says how often it was handed out. What is written before the push must be seen by
/// whoever gets it; the thread sanitizer tells when that is left to luck.
struct item {
  std::uint64_t written_before_push = 0;
  std::atomic<int> taken{0};

  bool take(std::uint64_t expected) {
    return written_before_push == expected && taken.fetch_add(1, std::memory_order_relaxed) == 0;
  }
};

/// Owner and thieves take from one queue; true when each item came out once, as it went in.
class contest {
 public:
  contest(std::size_t count, int thieves, unsigned longest_burst)
      : items_(count), longest_burst_(longest_burst) {
    for (int i = 0; i < thieves; ++i) thieves_.emplace_back([this] { rob(); });
  }

  bool run() {
    std::mt19937 random(17);
    std::size_t next = 0;
    while (next < items_.size()) {
      const auto burst = std::min<std::size_t>(1 + random() % longest_burst_, items_.size() - next);
      for (std::size_t i = 0; i < burst; ++i, ++next) {
        items_[next].written_before_push = next + 1;
        queue_.push(&items_[next]);
      }
      for (auto left = random() % (burst + 1); left > 0; --left) take(queue_.pop());
    }
    while (auto* last = queue_.pop()) take(last);
    done_.store(true);
    for (auto& each : thieves_) each.join();
    for (auto& each : items_) fine_ = fine_ && each.taken.load() == 1;
    return fine_;
  }

 private:
  void take(item* got) {
    if (got == nullptr) return;
    const auto index = static_cast<std::uint64_t>(got - items_.data());
    if (!got->take(index + 1)) fine_ = false;
  }
  void rob() {
    while (!done_.load()) take(queue_.steal());
    while (auto* last = queue_.steal()) take(last);
  }

  work_queue<item> queue_;
  std::vector<item> items_;
  unsigned longest_burst_;
  std::atomic<bool> done_{false};
  std::atomic<bool> fine_{true};
  std::vector<std::thread> thieves_;
};

}  // namespace

TEST_CASE("a look at the next item is at the one that pop gives, or steal", "[work_queue]") {
  work_queue<item> queue;
  std::array<item, 3> items;
  CHECK(queue.peek() == nullptr);
  CHECK(queue.peek_oldest() == nullptr);
  for (auto& each : items) queue.push(&each);
  CHECK(queue.peek() == &items[2]);
  CHECK(queue.peek_oldest() == &items[0]);
  CHECK(queue.pop() == &items[2]);
  CHECK(queue.peek() == &items[1]);
  CHECK(queue.steal() == &items[0]);
  CHECK(queue.peek_oldest() == &items[1]);
  CHECK(queue.steal() == &items[1]);
  CHECK(queue.peek() == nullptr);
  CHECK(queue.peek_oldest() == nullptr);
}

TEST_CASE("the owner takes the newest item, a thief the oldest", "[work_queue]") {
  work_queue<int> queue;
  int items[3] = {};
  CHECK(queue.looks_empty());
  CHECK(queue.pop() == nullptr);
  CHECK(queue.steal() == nullptr);
  for (auto& one : items) queue.push(&one);
  CHECK_FALSE(queue.looks_empty());
  CHECK(queue.steal() == &items[0]);
  CHECK(queue.pop() == &items[2]);
  CHECK(queue.steal() == &items[1]);
  CHECK(queue.steal() == nullptr);
  CHECK(queue.pop() == nullptr);
  CHECK(queue.looks_empty());
}

TEST_CASE("a queue that grows keeps its items, from wherever it begins", "[work_queue]") {
  std::vector<int> items(5'000);
  for (const int offset : {0, 1, 700, 1023, 1024}) {
    work_queue<int> queue;
    for (int i = 0; i < offset; ++i) {
      queue.push(&items[0]);
      REQUIRE(queue.steal() == &items[0]);
    }
    for (auto& one : items) queue.push(&one);
    for (std::size_t i = 0; i < 100; ++i) REQUIRE(queue.steal() == &items[i]);
    for (std::size_t i = items.size(); i > 100; --i) REQUIRE(queue.pop() == &items[i - 1]);
    CHECK(queue.pop() == nullptr);
  }
}

TEST_CASE("each item comes out once, whoever takes it", "[work_queue]") {
  // Bursts of one and two: the owner and the thieves race for the last item all the time. Large
  // ones: the queue grows under their hands.
  for (const unsigned longest_burst : {1U, 2U, 5U, 3'000U}) {
    CAPTURE(longest_burst);
    contest everybody(100'000, 2, longest_burst);
    CHECK(everybody.run());
  }
}

TEST_CASE("an item that is stolen after the owner popped another is seen whole", "[work_queue]") {
  contest owner_and_one(100'000, 1, 4);
  CHECK(owner_and_one.run());
}

TEST_CASE("the owner and a thief never both get the last item", "[work_queue]") {
  // One item at a time, there and gone in a moment: wherever the thief looks, it is the last one.
  std::vector<item> items(1'000'000);
  work_queue<item> queue;
  std::atomic<bool> done{false};
  std::uint64_t stolen = 0;
  std::thread thief([&] {
    while (!done.load(std::memory_order_relaxed)) {
      if (auto* got = queue.steal()) {
        got->taken.fetch_add(1, std::memory_order_relaxed);
        ++stolen;
      }
    }
  });
  for (auto& each : items) {
    queue.push(&each);
    if (auto* got = queue.pop()) got->taken.fetch_add(1, std::memory_order_relaxed);
  }
  done = true;
  thief.join();
  CHECK(stolen <= items.size());
  CHECK(std::ranges::count_if(items, [](const item& one) { return one.taken != 1; }) == 0);
}

}  // namespace actors::test
