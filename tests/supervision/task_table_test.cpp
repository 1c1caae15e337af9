#include "supervision/task_table.hpp"

#include <algorithm>
#include <thread>
#include <vector>

#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "supervision/owner_core.hpp"
#include "support/task_bodies.hpp"

namespace actors::test {

namespace {

/// Tasks that no manager knows.
class tasks_of_nobody {
 public:
  detail::task_ptr make(std::uint64_t number) {
    auto task = detail::task_ptr::adopt(new (detail::body_room{})
                                            detail::task_core(*owner_.core(), {}, {}, {}));
    task->id = task_id::sequential(number);
    return task;
  }

 private:
  testing::simulated_runtime home_;
  owner owner_ = home_.open_owner("o");
};

std::vector<std::uint64_t> numbers(const detail::task_table& table) {
  std::vector<std::uint64_t> all;
  table.for_each([&all](detail::task_core& task) { all.push_back(task.id.number()); });
  std::ranges::sort(all);
  return all;
}

}  // namespace

TEST_CASE("a task is found by its id until it is removed", "[task_table]") {
  tasks_of_nobody make;
  detail::task_table table;
  const auto task = make.make(7);
  table.insert(task);
  CHECK(table.find(task_id::sequential(7)) == task);
  CHECK_FALSE(table.find(task_id::sequential(8)));
  CHECK_FALSE(table.find(task_id::sequential(7 + 256 * 256)));
  CHECK_FALSE(table.find(task_id()));
  CHECK(table.remove(task_id::sequential(7)) == task);
  CHECK_FALSE(table.find(task_id::sequential(7)));
  CHECK_FALSE(table.remove(task_id::sequential(7)));
}

TEST_CASE("neighbours are removed together, as many as there is room for", "[task_table]") {
  tasks_of_nobody make;
  detail::task_table table;
  const auto id = [](std::uint64_t number) { return task_id::sequential(number); };
  for (const auto number : {253, 254, 255, 256, 257}) table.insert(make.make(number));
  // One is not there, and two lie in the next chunk.
  const std::vector some{id(253), id(9), id(255), id(256), id(257)};
  std::vector<detail::task_ptr> gone(some.size());
  REQUIRE(table.remove_some(some, gone) == 3);
  CHECK(gone[0]->id == id(253));
  CHECK_FALSE(gone[1]);
  CHECK(gone[2]->id == id(255));
  CHECK(numbers(table) == std::vector<std::uint64_t>{254, 256, 257});
  std::vector<detail::task_ptr> room(1);
  REQUIRE(table.remove_some(std::span(some).subspan(3), room) == 1);
  CHECK(room[0]->id == id(256));
  CHECK(numbers(table) == std::vector<std::uint64_t>{254, 257});
}

TEST_CASE("ids may come late, and far apart", "[task_table]") {
  tasks_of_nobody make;
  detail::task_table table;
  const std::vector<std::uint64_t> order{100'000, 3, 70'000, 255, 256, 0};
  for (const auto number : order) table.insert(make.make(number));
  CHECK(numbers(table) == std::vector<std::uint64_t>{0, 3, 255, 256, 70'000, 100'000});
  for (const auto number : order) {
    CHECK(table.remove(task_id::sequential(number)));
    CHECK_FALSE(table.find(task_id::sequential(number)));
  }
  CHECK(numbers(table).empty());
}

TEST_CASE("a table drops its references when it is cleared", "[task_table]") {
  tasks_of_nobody make;
  detail::task_table table;
  for (std::uint64_t i = 0; i < 1'000; ++i) table.insert(make.make(i));
  table.clear();
  CHECK(numbers(table).empty());
}

TEST_CASE("threads that insert, find and remove do not disturb each other", "[task_table]") {
  tasks_of_nobody make;
  detail::task_table table;
  constexpr std::uint64_t count = 20'000;
  std::vector<detail::task_ptr> tasks;
  for (std::uint64_t i = 0; i < count; ++i) tasks.push_back(make.make(i));
  std::atomic<std::uint64_t> inserted{0};
  std::atomic<std::uint64_t> wrong{0};
  {
    std::jthread inserts([&] {
      for (const auto& task : tasks) {
        table.insert(task);
        inserted.fetch_add(1, std::memory_order_release);
      }
    });
    const auto take_out = [&](std::uint64_t first) {
      for (auto i = first; i < count; i += 2) {
        while (inserted.load(std::memory_order_acquire) <= i) std::this_thread::yield();
        if (table.find(task_id::sequential(i)) != tasks[i]) ++wrong;
        if (table.remove(task_id::sequential(i)) != tasks[i]) ++wrong;
      }
    };
    std::jthread even(take_out, 0);
    std::jthread odd(take_out, 1);
  }
  CHECK(wrong == 0);
  CHECK(numbers(table).empty());
}

}  // namespace actors::test
