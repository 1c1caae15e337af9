#include "supervision/event_queue.hpp"

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "supervision/manager_core.hpp"
#include "supervision/owner_core.hpp"

namespace actors::detail {

namespace {

constexpr std::uint64_t many = 1'000;

const std::string owner_name = "a name that no small string holds";

bool add(event_queue& to, std::uint64_t task, std::uint64_t seq) {
  return to.add({.task = task_id::sequential(task), .seq = seq});
}

/// Reads what is there.
class reader {
 public:
  std::optional<event> next(event_queue& from) {
    return from.next(owner_.core()->manager->where(), time_point::max(), [] { return true; });
  }

 private:
  testing::simulated_runtime home_;
  owner owner_ = home_.open_owner("o");
};

}  // namespace

TEST_CASE("each writer's events are read in their order, however many wait", "[event_queue]") {
  reader one;
  event_queue queue(owner_name);
  std::vector<std::thread> writers;
  for (const std::uint64_t task : {0, 1}) {
    writers.emplace_back([&queue, task] {
      for (std::uint64_t seq = 0; seq < many; ++seq) add(queue, task, seq);
    });
  }
  std::array<std::uint64_t, 2> read{};
  const auto take_one = [&] {
    const auto happened = one.next(queue);
    if (!happened) return false;
    auto& expected = read.at(happened->task.number());
    CHECK(happened->seq == expected);
    ++expected;
    return true;
  };
  // Some while others come, and the rest when all wait.
  for (int i = 0; i < 100; ++i) take_one();
  for (auto& each : writers) each.join();
  while (take_one()) {
  }
  CHECK(read == std::array{many, many});
}

TEST_CASE("an event is read as it was mailed", "[event_queue]") {
  reader one;
  event_queue queue(owner_name);
  const event all{.kind = event_kind::failed,
                  .task = task_id::sequential(3),
                  .parent = task_id::sequential(2),
                  .seq = 4,
                  .created_at_ms = 5,
                  .at_ms = 6,
                  .what = spec{.goal = "g"},
                  .owner = owner_name,
                  .type = "t",
                  .payload = {1, 2},
                  .error = "e"};
  const auto require_same = [](const event& read, const event& mailed) {
    CHECK(to_json(read) == to_json(mailed));
    CHECK(to_block(read) == to_block(mailed));
    CHECK(read.type == mailed.type);
    CHECK(read.error == mailed.error);
    CHECK(read.payload == mailed.payload);
  };
  queue.add(event(all));
  require_same(*one.next(queue), all);
  for (const auto member : {&event::type, &event::error}) {
    event without = all;
    (without.*member).clear();
    queue.add(event(without));
    require_same(*one.next(queue), without);
  }
}

TEST_CASE("a queue that is shut hands out the rest, and takes no more", "[event_queue]") {
  reader one;
  event_queue queue(owner_name);
  for (std::uint64_t seq = 0; seq < 3; ++seq) add(queue, 1, seq);
  CHECK(one.next(queue)->seq == 0);
  for (std::uint64_t seq = 3; seq < 5; ++seq) add(queue, 1, seq);
  std::vector<std::uint64_t> rest;
  for (const auto& unread : queue.shut()) rest.push_back(unread.seq);
  CHECK(rest == std::vector<std::uint64_t>{1, 2, 3, 4});
  event late{.seq = 5, .type = "t"};
  CHECK_FALSE(queue.add(std::move(late)));
  CHECK(late.seq == 5);  // NOLINT(bugprone-use-after-move): it was not taken
  CHECK(late.type == "t");
  CHECK_FALSE(one.next(queue));
}

TEST_CASE("a queue that goes drops what nobody has read", "[event_queue]") {
  const kept_spec what = spec{.goal = "be read"};
  {
    reader one;
    event_queue queue(owner_name);
    for (int i = 0; i < 4; ++i) queue.add({.what = what});
    CHECK(one.next(queue));
    queue.add({.what = what});
    CHECK(what.use_count() == 5);
  }
  CHECK(what.use_count() == 1);
}

}  // namespace actors::detail
