#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "catch.hpp"
#include "model/modelled.hpp"

namespace modelled {
#include "runtime/work_queue.hpp"
}  // namespace modelled

// The work queue itself, with the model's atomics: its owner, and one or two thieves.

namespace actors::model {

namespace {

struct job {
  checked<int> content;
  int times_taken = 0;
};

/// What the owner does: `+` pushes the next job, `-` pops one.
struct plan {
  const char* owner;
  std::vector<int> steals;  // how often each thief tries
  std::size_t before = 0;   // jobs that are there already
};

struct workshop {
  explicit workshop(const plan& all) : jobs(8), queue(2) {
    for (std::size_t i = 0; i < all.before; ++i) queue.push(&jobs[pushed++]);
  }

  void own(const char* actions) {
    for (; *actions != 0; ++actions) {
      if (*actions == '+') {
        auto& one = jobs[pushed++];
        one.content.set(1);
        queue.push(&one);
      } else {
        take(queue.pop());
      }
    }
  }
  void rob(int times) {
    for (int i = 0; i < times; ++i) take(queue.steal());
  }
  void take(job* got) {
    if (got == nullptr) return;
    require(++got->times_taken == 1, "a job was taken twice");
    // Nobody else may look at it any more.
    got->content.set(got->content.get() + 1);
  }

  std::vector<job> jobs;
  std::size_t pushed = 0;
  modelled::actors::detail::work_queue<job> queue;
};

scenario work(const plan& all) {
  const auto shop = std::make_shared<workshop>(all);
  scenario made;
  made.threads.emplace_back([=] { shop->own(all.owner); });
  for (const int times : all.steals) made.threads.emplace_back([=] { shop->rob(times); });
  made.at_end = [=] {
    while (auto* left = shop->queue.pop()) ++left->times_taken;
    for (std::size_t i = 0; i < shop->pushed; ++i) {
      require(shop->jobs[i].times_taken == 1, "a job was lost");
    }
  };
  return made;
}

const plan plans[] = {
    {"+-", {1}},       {"++--", {1}},     {"+-", {1, 1}},   {"+-+-", {1}},
    {"++-", {2}},      {"--", {1, 1}, 2}, {"-", {1, 1}, 1}, {"+", {2}, 2},
    {"+-", {1, 1}, 1}, {"+-", {1}, 2},    {"++", {1}, 2},
};

limits with(flaws broken) {
  limits made;
  made.broken = broken;
  return made;
}

}  // namespace

TEST_CASE("model: each job comes out once and whole, whoever takes it", "[work_queue_model]") {
  for (const auto& all : plans) {
    const auto found = explore([&] { return work(all); });
    CAPTURE(all.owner, all.steals, all.before, found.runs);
    INFO(found.failure);
    CHECK(found.is_fine());
  }
}

TEST_CASE("model: a work queue on a broken machine is found", "[work_queue_model]") {
  CHECK_FALSE(explore([] { return work({"--", {2}, 3}); }, with({.no_fences = true})).is_fine());
  CHECK_FALSE(explore([] { return work({"+", {1}}); }, with({.no_orders = true})).is_fine());
  CHECK_FALSE(explore([] { return work({"-", {1}, 1}); }, with({.split_updates = true})).is_fine());
}

}  // namespace actors::model
