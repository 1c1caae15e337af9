#include "coroutine/block_cache.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <set>
#include <thread>
#include <vector>

#include "catch.hpp"

namespace actors::test {

namespace {

using detail::block_sizes;
using detail::magazine;

/// Counts its blocks, and may have only so many more.
struct counted_memory {
  static inline std::atomic<long> live{0};
  static inline std::atomic<long> left{0};

  static void* allocate(std::size_t bytes) noexcept {
    if (left.fetch_sub(1) <= 0) return nullptr;
    ++live;
    return std::malloc(bytes);
  }
  static void deallocate(void* block) noexcept {
    --live;
    std::free(block);
  }
  static void reset(long allowed = 1'000'000'000) {
    live = 0;
    left = allowed;
  }
};
using depot = detail::block_depot<counted_memory>;
using cache = detail::block_cache<counted_memory>;

constexpr auto of_100 = block_sizes::index_of(100);

std::vector<void*> take(cache& from, std::size_t count) {
  std::vector<void*> blocks;
  while (blocks.size() < count) blocks.push_back(from.take(of_100));
  return blocks;
}

}  // namespace

TEST_CASE("each size of block is the least that holds what was asked for", "[memory]") {
  for (std::size_t wanted = 1; wanted <= block_sizes::largest; ++wanted) {
    const auto index = block_sizes::index_of(wanted);
    REQUIRE(index < block_sizes::count);
    CHECK(block_sizes::size_at(index) >= wanted);
    CHECK((index == 0 || block_sizes::size_at(index - 1) < wanted));
  }
  CHECK(block_sizes::size_at(block_sizes::count - 1) == block_sizes::largest);
}

TEST_CASE("what a thread frees it is given again, the newest first", "[memory]") {
  counted_memory::reset();
  depot shared;
  cache mine(shared);
  auto* first = mine.take(of_100);
  auto* second = mine.take(of_100);
  CHECK(first != second);
  mine.give(of_100, first);
  mine.give(of_100, second);
  CHECK(mine.take(of_100) == second);
  CHECK(mine.take(of_100) == first);
  mine.give(of_100, first);
  mine.give(of_100, second);
}

TEST_CASE("what one thread frees another one is given", "[memory]") {
  counted_memory::reset();
  depot shared;
  cache maker(shared);
  cache user(shared);
  const auto blocks = take(maker, 10 * magazine::capacity);
  for (auto* each : blocks) user.give(of_100, each);
  const auto before = counted_memory::live.load();
  const auto again = take(maker, 8 * magazine::capacity);
  // It looks for them after so many new ones at the latest.
  CHECK(counted_memory::live - before <= magazine::capacity);
  const std::set<void*> freed(blocks.begin(), blocks.end());
  const auto is_freed = [&freed](void* each) { return freed.contains(each); };
  CHECK(std::ranges::count_if(again, is_freed) >= 7 * magazine::capacity);
  for (auto* each : again) maker.give(of_100, each);
}

TEST_CASE("free blocks do not pile up without end, and the last ones go with their depot",
          "[memory]") {
  counted_memory::reset();
  {
    depot shared;
    {
      cache maker(shared);
      cache user(shared);
      for (auto* each : take(maker, 100'000)) user.give(of_100, each);
      CHECK(counted_memory::live < 4'000);
    }
    CHECK(counted_memory::live > 0);
  }
  CHECK(counted_memory::live == 0);
}

TEST_CASE("the blocks of a thread that ends are given to others, unless they are few", "[memory]") {
  const auto count = GENERATE(3, 50);
  counted_memory::reset();
  depot shared;
  {
    cache ending(shared);
    for (auto* each : take(ending, count)) ending.give(of_100, each);
  }
  CHECK(counted_memory::live == (count == 3 ? 0 : count));
  cache other(shared);
  const auto blocks = take(other, 3);
  CHECK(counted_memory::live == (count == 3 ? 3 : count));
  for (auto* each : blocks) other.give(of_100, each);
}

TEST_CASE("without memory, what others have freed is found at once", "[memory]") {
  counted_memory::reset(10 * magazine::capacity);
  depot shared;
  cache maker(shared);
  cache user(shared);
  const auto blocks = take(maker, 10 * magazine::capacity);
  CHECK(maker.take(of_100) == nullptr);
  for (auto* each : blocks) user.give(of_100, each);
  // But for the two magazines that the other one keeps.
  const auto again = take(maker, 8 * magazine::capacity);
  CHECK(std::ranges::find(again, nullptr) == again.end());
  for (auto* each : again) maker.give(of_100, each);
}

TEST_CASE("without memory there is no block, and what was there is given first", "[memory]") {
  const auto allowed = GENERATE(0, 1, 5, 33);
  counted_memory::reset(allowed);
  depot shared;
  cache mine(shared);
  std::set<void*> blocks;
  while (auto* each = mine.take(of_100)) blocks.insert(each);
  CHECK(blocks.size() == static_cast<std::size_t>(allowed));
  for (auto* each : blocks) mine.give(of_100, each);
  for (int i = 0; i < allowed; ++i) CHECK(blocks.contains(mine.take(of_100)));
  CHECK(mine.take(of_100) == nullptr);
  for (auto* each : blocks) mine.give(of_100, each);
}

TEST_CASE("threads: a block belongs to one at a time", "[memory][threads]") {
  counted_memory::reset();
  constexpr int threads = 4;
  constexpr int rounds = 20'000;
  static constexpr auto index_of = [](int size) {
    return block_sizes::index_of(std::size_t{16} << size);
  };
  {
    depot shared;
    // Whoever takes a block from a place puts one of its own there: most are freed by others.
    std::array<std::atomic<int*>, 64> places{};
    {
      std::vector<std::jthread> crowd;
      for (int who = 0; who < threads; ++who) {
        crowd.emplace_back([&shared, &places, who] {
          cache mine(shared);
          for (int i = 0; i < rounds; ++i) {
            auto* block = static_cast<int*>(mine.take(index_of(i % 3)));
            block[0] = who;
            block[1] = i % 3;
            if (block[0] != who || block[1] != i % 3) std::abort();
            const auto place = static_cast<std::size_t>(i * 7 + who) % places.size();
            auto* other = places[place].exchange(block, std::memory_order_acq_rel);
            if (other != nullptr) mine.give(index_of(other[1]), other);
          }
        });
      }
    }
    cache mine(shared);
    for (auto& each : places) {
      if (auto* block = each.load()) mine.give(index_of(block[1]), block);
    }
  }
  CHECK(counted_memory::live == 0);
}

}  // namespace actors::test
