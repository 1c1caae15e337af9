#include "model/explorer.hpp"

#include <memory>
#include <stdexcept>

#include "catch.hpp"
#include "model/atomic.hpp"

// The explorer finds what the memory model allows, and nothing else.

namespace actors::model {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr auto acquire = std::memory_order_acquire;
constexpr auto release = std::memory_order_release;
constexpr auto total = std::memory_order_seq_cst;

struct two {
  atomic<int> x{0};
  atomic<int> y{0};
  int left = 0;
  int right = 0;
};

/// Each stores to one and then looks at the other: may both see nothing?
scenario look_at_each_other(std::memory_order store, std::memory_order load, bool with_fence) {
  const auto all = std::make_shared<two>();
  const auto look = [=](atomic<int> two::* mine, atomic<int> two::* other, int two::* seen) {
    return [=] {
      ((*all).*mine).store(1, store);
      if (with_fence) model::atomic_thread_fence(total);
      (*all).*seen = ((*all).*other).load(load);
    };
  };
  return {{look(&two::x, &two::y, &two::left), look(&two::y, &two::x, &two::right)},
          [all] { require(all->left + all->right != 0, "both saw nothing"); }};
}

struct parcel {
  checked<int> content;
  atomic<int> flag{0};
  atomic<int> seen{0};
};

scenario pass_on(std::memory_order store, std::memory_order load) {
  const auto all = std::make_shared<parcel>();
  return {{[=] {
             all->content.set(7);
             all->flag.store(1, store);
           },
           [=] {
             if (all->flag.load(load) == 1) require(all->content.get() == 7, "it was lost");
           }}};
}

scenario add_up(int threads) {
  const auto sum = std::make_shared<atomic<int>>(0);
  scenario made;
  for (int i = 0; i < threads; ++i) {
    made.threads.emplace_back([sum] { sum->fetch_add(1, relaxed); });
  }
  made.at_end = [=] { require(sum->load() == threads, "the sum is wrong"); };
  return made;
}

}  // namespace

TEST_CASE("two threads that store and then look both see nothing, unless there is a fence",
          "[explorer]") {
  CHECK_FALSE(explore([] { return look_at_each_other(release, acquire, false); }).is_fine());
  CHECK_FALSE(explore([] { return look_at_each_other(relaxed, relaxed, false); }).is_fine());
  CHECK(explore([] { return look_at_each_other(relaxed, relaxed, true); }).is_fine());
  CHECK(explore([] { return look_at_each_other(total, total, false); }).is_fine());
  limits broken;
  broken.broken.no_fences = true;
  CHECK_FALSE(explore([] { return look_at_each_other(relaxed, relaxed, true); }, broken).is_fine());
}

TEST_CASE("what was written before a release is seen after the acquire, and not otherwise",
          "[explorer]") {
  CHECK(explore([] { return pass_on(release, acquire); }).is_fine());
  CHECK_FALSE(explore([] { return pass_on(relaxed, acquire); }).is_fine());
  CHECK_FALSE(explore([] { return pass_on(release, relaxed); }).is_fine());
  limits broken;
  broken.broken.no_orders = true;
  CHECK_FALSE(explore([] { return pass_on(release, acquire); }, broken).is_fine());
}

TEST_CASE("a value that replaces a released one passes on what that published", "[explorer]") {
  const auto make = [] {
    const auto all = std::make_shared<parcel>();
    return scenario{{[=] {
                       all->content.set(7);
                       all->flag.store(1, release);
                     },
                     [=] { all->flag.fetch_add(10, relaxed); },
                     [=] {
                       if (all->flag.load(acquire) == 11) all->content.get();
                     }}};
  };
  CHECK(explore(make).is_fine());
}

TEST_CASE("fences order relaxed operations", "[explorer]") {
  const auto make = [](bool first, bool second) {
    return [=] {
      const auto all = std::make_shared<parcel>();
      return scenario{{[=] {
                         all->content.set(7);
                         if (first) model::atomic_thread_fence(release);
                         all->flag.store(1, relaxed);
                       },
                       [=] {
                         if (all->flag.load(relaxed) != 1) return;
                         if (second) model::atomic_thread_fence(acquire);
                         all->content.get();
                       }}};
    };
  };
  CHECK(explore(make(true, true)).is_fine());
  CHECK_FALSE(explore(make(false, true)).is_fine());
  CHECK_FALSE(explore(make(true, false)).is_fine());
}

TEST_CASE("a thread never sees an older value after a newer one", "[explorer]") {
  const auto make = [] {
    const auto value = std::make_shared<atomic<int>>(0);
    return scenario{{[=] {
                       value->store(1, relaxed);
                       value->store(2, relaxed);
                     },
                     [=] {
                       const int first = value->load(relaxed);
                       require(first <= value->load(relaxed), "it went back");
                     }}};
  };
  CHECK(explore(make).is_fine());
}

TEST_CASE("additions are whole, and a loss is found where they are not", "[explorer]") {
  CHECK(explore([] { return add_up(3); }).is_fine());
  limits broken;
  broken.broken.split_updates = true;
  CHECK_FALSE(explore([] { return add_up(2); }, broken).is_fine());
}

TEST_CASE("plain accesses without order between them race", "[explorer]") {
  const auto make = [](bool writes) {
    return [=] {
      const auto value = std::make_shared<checked<int>>(0);
      return scenario{{[=] { value->get(); },
                       [=] {
                         if (writes) {
                           value->set(1);
                         } else {
                           value->get();
                         }
                       }}};
    };
  };
  CHECK(explore(make(false)).is_fine());
  CHECK_FALSE(explore(make(true)).is_fine());
}

TEST_CASE("a thread that waits is woken by a notice only", "[explorer]") {
  const auto make = [](bool tells) {
    return [=] {
      const auto flag = std::make_shared<atomic<int>>(0);
      return scenario{{[=] {
                         flag->store(1, release);
                         if (tells) flag->notify_one();
                       },
                       [=] { flag->wait(0, acquire); }}};
    };
  };
  CHECK(explore(make(true)).is_fine());
  const auto found = explore(make(false));
  CHECK(found.failure.starts_with("all threads wait"));
}

TEST_CASE("threads that wait for each other are found", "[explorer]") {
  const auto found = explore([] {
    const auto first = std::make_shared<semaphore>(1);
    const auto second = std::make_shared<semaphore>(1);
    const auto take_both = [](auto one, auto other) {
      return [=] {
        one->acquire();
        other->acquire();
        other->release();
        one->release();
      };
    };
    return scenario{{take_both(first, second), take_both(second, first)}};
  });
  CHECK(found.failure.starts_with("all threads wait"));
}

TEST_CASE("a thread that yields goes on once another one has written something", "[explorer]") {
  const auto make = [](bool writes) {
    return [=] {
      const auto flag = std::make_shared<atomic<int>>(0);
      return scenario{{[=] {
                         if (writes) flag->store(1, relaxed);
                       },
                       [=] {
                         // Also when this has seen it.
                         static_cast<void>(flag->load(relaxed));
                         yield();
                       }}};
    };
  };
  CHECK(explore(make(true)).is_fine());
  CHECK(explore(make(false)).failure.starts_with("all threads wait"));
}

TEST_CASE("a loop without end and an exception are failures", "[explorer]") {
  limits few;
  few.steps = 50;
  const auto endless = explore(
      [] {
        const auto flag = std::make_shared<atomic<bool>>(false);
        return scenario{{[=] {
          while (!flag->load()) {
          }
        }}};
      },
      few);
  CHECK(endless.failure.starts_with("a thread does not end"));
  const auto throws = explore([] { return scenario{{[] { throw std::runtime_error("so"); }}}; });
  CHECK(throws.failure.starts_with("an exception: so"));
}

TEST_CASE("steps that do not depend on each other are run in one order only", "[explorer]") {
  const auto make = [](bool apart) {
    return [=] {
      const auto first = std::make_shared<atomic<int>>(0);
      const auto second = apart ? std::make_shared<atomic<int>>(0) : first;
      const auto work = [](auto on) {
        return [=] {
          for (int i = 0; i < 4; ++i) on->fetch_add(1, relaxed);
        };
      };
      return scenario{{work(first), work(second)}};
    };
  };
  // Those that turn out to repeat another one are counted, too.
  CHECK(explore(make(true)).runs <= 9);
  CHECK(explore(make(false)).runs == 70);
}

}  // namespace actors::model
