#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "catch.hpp"
#include "model/modelled.hpp"

namespace modelled {
#include "actors/detail/mailbox.hpp"
}  // namespace modelled

// Who owns a cell: the mailbox itself, and around it, because CAF's headers cannot be modelled,
// what these do with the reference that the scheduler has to a cell:
//   cell::wake(), cell::resume(), cell::release(), kept_references::keep(), take(), drop_all()
//   (src/runtime/cell.cpp), worker::run() and worker::next() (src/runtime/coordinator.cpp).

namespace actors::model {

namespace {

using modelled::actors::detail::mailbox;
using modelled::actors::detail::mailbox_node;

/// What is done wrong.
enum class mistake : std::uint8_t { none, wakes_without_reference };

class model_cell final : public mailbox {
 public:
  explicit model_cell(mistake made) : made_(made) { start_asleep(); }

  /// What one worker has: a place for a reference that it keeps, and a cell to run.
  struct worker {
    model_cell* kept = nullptr;
    model_cell* ready = nullptr;
  };
  static constexpr std::size_t threads = 3;

  void add_ref() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    state_.set(state_.get() + 1);
    require(!is_destroyed_.get(), "it was destroyed twice");
    is_destroyed_.set(true);
  }

  /// As worker::run(): runs the cell if it has been woken here, until nothing is ready.
  void run() {
    auto& mine = workers_[thread_index()];
    while (mine.ready != nullptr) {
      mine.ready = nullptr;
      resume(mine);
    }
  }
  /// As kept_references::drop_all().
  void drop_kept() {
    auto& mine = workers_[thread_index()];
    if (mine.kept == nullptr) return;
    mine.kept = nullptr;
    release();
  }

  int received() const { return received_; }
  bool is_destroyed() const { return is_destroyed_.get(); }

 private:
  void wake() noexcept override {
    auto& mine = workers_[thread_index()];
    if (mine.kept == this) {
      mine.kept = nullptr;
    } else if (made_ != mistake::wakes_without_reference) {
      add_ref();
    }
    mine.ready = this;
  }

  void resume(worker& mine) {
    for (;;) {
      require(!is_destroyed_.get(), "it runs although it was destroyed");
      state_.set(state_.get() + 1);
      for (const auto* node = take_batch().oldest; node != nullptr; node = node->next) ++received_;
      if (!try_sleep()) continue;
      // Another thread may run it from here on.
      mine.kept = this;
      return;
    }
  }

  const mistake made_;
  atomic<int> references_{0};
  std::vector<worker> workers_{threads};
  checked<int> state_;
  checked<bool> is_destroyed_{false};
  int received_ = 0;
};

/// Each thread has a handle, sends so often, runs what it has woken, lets go of the handle, and has
/// then nothing to do.
scenario life_of_a_cell(const std::vector<int>& sends, mistake made = mistake::none) {
  struct state {
    explicit state(mistake made) : one(made) {}
    model_cell one;
    std::vector<std::unique_ptr<mailbox_node>> nodes;
  };
  const auto all = std::make_shared<state>(made);
  scenario done;
  int total = 0;
  for (const int count : sends) {
    all->one.add_ref();
    std::vector<mailbox_node*> mine;
    for (int i = 0; i < count; ++i) {
      mine.push_back(all->nodes.emplace_back(std::make_unique<mailbox_node>()).get());
    }
    total += count;
    done.threads.emplace_back([all, mine] {
      for (auto* node : mine) {
        require(all->one.push(*node), "it has closed");
        all->one.run();
      }
      all->one.release();
      all->one.drop_kept();
    });
  }
  done.at_end = [all, total] {
    require(all->one.received() == total, "a message was lost");
    require(all->one.is_destroyed(), "it was not destroyed");
  };
  return done;
}

}  // namespace

TEST_CASE("model: a cell whose references workers keep is destroyed once, and after its last turn",
          "[kept_references_model]") {
  const auto holds = [](const std::vector<int>& sends, const limits& up_to) {
    const auto found = explore([&] { return life_of_a_cell(sends); }, up_to);
    CAPTURE(sends, found.runs);
    INFO(found.failure);
    CHECK(found.is_fine());
  };
  holds({1, 0}, {});
  holds({1, 1}, {});
  holds({2, 1}, {.only_newest = true, .preemptions = 4});
  holds({1, 1, 1}, {.only_newest = true, .preemptions = 2});
}

TEST_CASE("model: a cell that is woken without a reference is found", "[kept_references_model]") {
  const auto found =
      explore([] { return life_of_a_cell({1, 1}, mistake::wakes_without_reference); });
  CAPTURE(found.failure);
  CHECK_FALSE(found.is_fine());
}

TEST_CASE("model: references on a broken machine are found", "[kept_references_model]") {
  limits broken;
  broken.broken.no_orders = true;
  CHECK_FALSE(explore([] { return life_of_a_cell({1, 1}); }, broken).is_fine());
}

}  // namespace actors::model
