#include <atomic>
#include <memory>
#include <mutex>
#include <tuple>

#include "catch.hpp"
#include "model/modelled.hpp"

namespace modelled {
#include "runtime/small_mutex.hpp"
}  // namespace modelled

// The mutex itself, with the model's atomics.

namespace actors::model {

namespace {

scenario add_under_lock(int threads, int times) {
  struct state {
    modelled::actors::detail::small_mutex mutex;
    checked<int> sum;
  };
  const auto all = std::make_shared<state>();
  scenario made;
  for (int i = 0; i < threads; ++i) {
    made.threads.emplace_back([=] {
      for (int left = times; left > 0; --left) {
        const std::lock_guard lock(all->mutex);
        all->sum.set(all->sum.get() + 1);
      }
    });
  }
  made.at_end = [=] { require(all->sum.get() == threads * times, "the sum is wrong"); };
  return made;
}

}  // namespace

TEST_CASE("model: one thread at a time holds a mutex, and none waits for ever",
          "[small_mutex_model]") {
  for (const auto& [threads, times, up_to] :
       {std::tuple{2, 1, limits{}}, std::tuple{2, 2, limits{.only_newest = true}},
        std::tuple{3, 1, limits{.only_newest = true, .preemptions = 4}}}) {
    const auto found = explore([&] { return add_under_lock(threads, times); }, up_to);
    CAPTURE(threads, times, found.runs);
    INFO(found.failure);
    CHECK(found.is_fine());
  }
}

TEST_CASE("model: a mutex on a broken machine is found", "[small_mutex_model]") {
  const auto make = [] { return add_under_lock(2, 1); };
  limits broken;
  broken.broken.no_orders = true;
  CHECK_FALSE(explore(make, broken).is_fine());
  broken.broken = {.split_updates = true};
  CHECK_FALSE(explore(make, broken).is_fine());
  broken.broken = {.lost_notices = true};
  CHECK_FALSE(explore(make, broken).is_fine());
}

}  // namespace actors::model
