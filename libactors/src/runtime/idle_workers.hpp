#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

#include "semaphore.hpp"

namespace actors::detail {

/// The workers that have nothing to do: they search, then sleep. Whoever adds work wakes one
/// sleeper, unless somebody is searching, who will find it. Whom it wakes counts as a searcher from
/// that moment on, not only when the thread is awake: so a burst of work wakes one thread, not one
/// per job, and each that finds something wakes the next.
///
/// No job is overlooked: the adder publishes the job, then looks for searchers and sleepers; a
/// searcher that gives up first counts itself as a sleeper, then looks for jobs once more; with a
/// full fence between the two steps on both sides, at least one of them sees the other.
class idle_workers {
 public:
  /// Any thread, after it has published work.
  void wake_one() noexcept {
    // Pairs with the fence of a worker that is about to sleep.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    auto idle = idle_.load(std::memory_order_relaxed);
    do {
      if (searchers(idle) != 0 || sleepers(idle) == 0) return;
    } while (!idle_.compare_exchange_weak(idle, idle - one_sleeper + one_searcher,
                                          std::memory_order_seq_cst, std::memory_order_relaxed));
    tickets_.release();
  }

  /// Any thread: every worker ends, once it has nothing to do.
  void stop() noexcept {
    // Whoever counts itself as a sleeper after the next step sees the sign.
    stopping_.store(true, std::memory_order_seq_cst);
    auto idle = idle_.load(std::memory_order_seq_cst);
    while (!idle_.compare_exchange_weak(idle, searchers(idle) + sleepers(idle))) {
    }
    tickets_.release(sleepers(idle));
  }

  /// A worker that has nothing to do: what it finds in the end, or an empty value when all stop.
  /// `search` looks for work for a while, `look` once and everywhere. A look may miss what is there
  /// while others take something; so it only counts when, after it, `looks_empty` says that nothing
  /// is left that was published before.
  template <class Search, class Look, class LooksEmpty>
  auto find_work(Search search, Look look, LooksEmpty looks_empty) {
    if (stopping_.load(std::memory_order_acquire)) return decltype(look()){};
    begin_search();
    auto found = search_and_sleep(search, look, looks_empty);
    // The last searcher found work, so there may be more: somebody else should look.
    if (end_search() && found) wake_one();
    return found;
  }

 private:
  template <class Search, class Look, class LooksEmpty>
  auto search_and_sleep(Search& search, Look& look, LooksEmpty& looks_empty) {
    for (;;) {
      if (auto found = search()) return found;
      lie_down();
      auto found = look();
      while (!found && !looks_empty()) {
        found = look();
        // Whoever was in its way has the processor, or is about to.
        if (!found) std::this_thread::yield();
      }
      if (found || stopping_.load(std::memory_order_seq_cst)) {
        rise();
        return found;
      }
      sleep();
    }
  }

  void begin_search() noexcept { idle_.fetch_add(one_searcher, std::memory_order_seq_cst); }
  /// True when nobody else searches.
  bool end_search() noexcept {
    return searchers(idle_.fetch_sub(one_searcher, std::memory_order_seq_cst)) == 1;
  }

  /// A searcher becomes a sleeper. It must look for work once more, and then sleep() or rise().
  void lie_down() noexcept {
    idle_.fetch_add(one_sleeper - one_searcher, std::memory_order_seq_cst);
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  /// Until somebody has made a searcher of this sleeper.
  void sleep() noexcept { tickets_.acquire(); }
  /// A sleeper that has found something itself becomes a searcher again. When somebody has woken it
  /// meanwhile it is one already, and takes its ticket; but it never waits for that as a sleeper
  /// does: another one who lies down now may take the ticket first, and leave its place instead.
  void rise() noexcept {
    for (;;) {
      auto idle = idle_.load(std::memory_order_relaxed);
      while (sleepers(idle) != 0) {
        if (idle_.compare_exchange_weak(idle, idle - one_sleeper + one_searcher,
                                        std::memory_order_seq_cst, std::memory_order_relaxed)) {
          return;
        }
      }
      if (tickets_.try_acquire()) return;
      std::this_thread::yield();  // whoever woke it is about to hand out the ticket
    }
  }

  // How many workers search and how many sleep, in one word: they change together.
  static constexpr std::uint64_t one_searcher = 1;
  static constexpr std::uint64_t one_sleeper = std::uint64_t{1} << 32U;
  static std::uint64_t searchers(std::uint64_t idle) noexcept { return idle % one_sleeper; }
  static std::uint64_t sleepers(std::uint64_t idle) noexcept { return idle / one_sleeper; }

  alignas(64) std::atomic<std::uint64_t> idle_{0};
  alignas(64) semaphore tickets_{0};
  std::atomic<bool> stopping_{false};
};

}  // namespace actors::detail
