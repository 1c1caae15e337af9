#include <atomic>
#include <cstdint>
#include <memory>

#include "catch.hpp"
#include "model/modelled.hpp"

namespace modelled {
#include "supervision/departed_stack.hpp"
}  // namespace modelled

// The stack of ended children, with the model's atomics.

namespace actors::model {

namespace {

struct alignas(16) leaf {
  leaf* next_departed = nullptr;
  checked<int> value;
  int taken = 0;  // by one thread
};

/// Each thread leaves one or two; another takes what is there, and shuts the stack.
template <class Stack>
scenario leave_and_take(int first, int second, bool takes) {
  struct state {
    Stack left;
    leaf nodes[4];
    checked<int> refused[2];
  };
  const auto all = std::make_shared<state>();
  const auto leave = [all](int which, int count) {
    for (int i = 0; i < count; ++i) {
      auto& mine = all->nodes[2 * which + i];
      mine.value.set(7);
      if (!all->left.push(mine)) all->refused[which].set(all->refused[which].get() + 1);
    }
  };
  const auto count = [](leaf* node) {
    for (; node != nullptr; node = node->next_departed) {
      require(node->value.get() == 7, "what was done before the push is not seen");
      ++node->taken;
    }
  };
  scenario made;
  made.threads.emplace_back([=] { leave(0, first); });
  if (second != 0) made.threads.emplace_back([=] { leave(1, second); });
  made.threads.emplace_back([=] {
    if (takes) count(all->left.take());
    count(all->left.shut());
  });
  made.at_end = [=] {
    int taken = 0;
    for (const auto& each : all->nodes) {
      require(each.taken <= 1, "one was taken twice");
      taken += each.taken;
    }
    require(taken + all->refused[0].get() + all->refused[1].get() == first + second,
            "one was neither taken nor refused");
  };
  return made;
}

using stack = modelled::actors::detail::departed_stack<leaf>;
using stack_of_one = modelled::actors::detail::departed_stack<leaf, 1>;

}  // namespace

TEST_CASE("model: what is left in a stack is taken once, or was refused",
          "[departed_stack_model]") {
  const auto explore_all = [](int first, int second, bool takes, const limits& up_to) {
    for (const bool is_small : {false, true}) {
      const auto make = [&] {
        return is_small ? leave_and_take<stack_of_one>(first, second, takes)
                        : leave_and_take<stack>(first, second, takes);
      };
      const auto found = explore(make, up_to);
      CAPTURE(first, second, takes, is_small, found.runs);
      INFO(found.failure);
      CHECK(found.is_fine());
    }
  };
  explore_all(2, 0, true, {});
  explore_all(1, 1, false, {});
  explore_all(1, 1, true, {.only_newest = true});
  explore_all(2, 2, true, {.only_newest = true, .preemptions = 3});
}

TEST_CASE("model: a stack on a broken machine is found", "[departed_stack_model]") {
  const auto make = [] { return leave_and_take<stack>(1, 1, true); };
  limits broken;
  broken.broken.no_orders = true;
  CHECK_FALSE(explore(make, broken).is_fine());
  broken.broken = {.split_updates = true};
  CHECK_FALSE(explore(make, broken).is_fine());
}

}  // namespace actors::model
