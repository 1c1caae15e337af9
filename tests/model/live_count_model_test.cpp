#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "catch.hpp"
#include "model/modelled.hpp"
#include "runtime/thread_number.hpp"

namespace modelled {

namespace std {
// Two stripes, where the library has sixteen.
template <class T, size_t>
using array = ::std::array<T, 2>;
}  // namespace std

namespace actors::detail {

// The first two threads of a scenario count apart; a third one only looks.
inline std::size_t thread_number() noexcept { return ::actors::model::thread_index() % 2; }

}  // namespace actors::detail

#include "runtime/live_count.cpp"

}  // namespace modelled

// The counters that threads keep apart, with the model's atomics.

namespace actors::model {

namespace {

using modelled::actors::detail::live_count;
using modelled::actors::detail::striped_references;

limits with(flaws broken) {
  limits made;
  made.broken = broken;
  return made;
}

/// One ends what began before; but not before another thread has begun something else.
scenario never_zero() {
  struct state {
    live_count tasks;
    atomic<bool> has_begun{false};
  };
  const auto all = std::make_shared<state>();
  all->tasks.began();
  return {{[all] {
             all->tasks.began();
             all->has_begun.store(true, std::memory_order_release);
             all->has_begun.notify_one();
           },
           [all] {
             all->has_begun.wait(false, std::memory_order_acquire);
             all->tasks.ended();
           },
           [all] { require(!all->tasks.is_zero(), "zero, although something lives"); }}};
}

/// As caf_engine does: somebody waits for the last end, which the last one tells.
struct watched {
  live_count tasks;
  atomic<bool> is_watched{false};
  int told = 0;

  explicit watched(int count) {
    for (int i = 0; i < count; ++i) tasks.began();
  }
  // caf_engine::leave()
  void leave() {
    tasks.ended();
    if (is_watched.load(std::memory_order_seq_cst) && tasks.is_zero()) ++told;
  }
  // caf_engine::wait_until_empty()
  void watch(bool raises_flag_first) {
    if (raises_flag_first) is_watched.store(true, std::memory_order_seq_cst);
    if (tasks.is_zero()) ++told;
    if (!raises_flag_first) is_watched.store(true, std::memory_order_seq_cst);
  }
};

scenario last_end(int count, bool raises_flag_first) {
  const auto all = std::make_shared<watched>(count);
  scenario made;
  for (int i = 0; i < count; ++i) made.threads.emplace_back([all] { all->leave(); });
  made.threads.emplace_back([=] { all->watch(raises_flag_first); });
  made.at_end = [all] { require(all->told > 0, "nobody has heard of the last end"); };
  return made;
}

/// Something that is destroyed by whoever learns that nobody refers to it any more.
struct shared_thing {
  striped_references references;
  checked<int> content;
  int times_destroyed = 0;

  void drop() {
    content.get();
    if (references.drop()) destroy();
  }
  void destroy() {
    content.set(0);
    ++times_destroyed;
  }
};

enum class holder : std::uint8_t { drops, adds_another };

scenario destroyed_once(std::vector<holder> holders) {
  const auto thing = std::make_shared<shared_thing>();
  scenario made;
  for (const auto what : holders) {
    thing->references.add();
    made.threads.emplace_back([=] {
      if (what == holder::adds_another) {
        thing->references.add();
        thing->drop();
      }
      thing->drop();
    });
  }
  made.threads.emplace_back([=] {
    if (thing->references.close()) thing->destroy();
  });
  made.at_end = [=] { require(thing->times_destroyed == 1, "it was not destroyed once"); };
  return made;
}

}  // namespace

TEST_CASE("model: a count is never zero while something lives", "[live_count_model]") {
  const auto found = explore(never_zero);
  CAPTURE(found.runs);
  INFO(found.failure);
  CHECK(found.is_fine());
}

TEST_CASE("model: who waits for the last end hears of it", "[live_count_model]") {
  for (const int count : {1, 2}) {
    const auto found = explore([=] { return last_end(count, true); });
    CAPTURE(count, found.runs);
    INFO(found.failure);
    CHECK(found.is_fine());
  }
}

TEST_CASE("model: striped references end what they count once, after all have let go",
          "[live_count_model]") {
  const auto holds = [](const std::vector<holder>& holders, bool only_newest) {
    limits up_to;
    up_to.only_newest = only_newest;
    const auto found = explore([&] { return destroyed_once(holders); }, up_to);
    CAPTURE(holders.size(), only_newest, found.runs);
    INFO(found.failure);
    CHECK(found.is_fine());
  };
  holds({holder::drops}, false);
  holds({holder::adds_another}, true);
  holds({holder::drops, holder::drops}, true);
}

TEST_CASE("model: a watcher that looks before it raises its flag is found", "[live_count_model]") {
  CHECK_FALSE(explore([] { return last_end(1, false); }).is_fine());
}

TEST_CASE("model: counts on a broken machine are found", "[live_count_model]") {
  CHECK_FALSE(explore([] { return last_end(1, true); }, with({.no_orders = true})).is_fine());
  const auto make = [] { return destroyed_once({holder::drops}); };
  CHECK_FALSE(explore(make, with({.no_orders = true})).is_fine());
  CHECK_FALSE(explore(make, with({.split_updates = true})).is_fine());
}

}  // namespace actors::model
