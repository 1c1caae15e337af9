#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

// Runs a few threads in every order in which their atomic operations can happen, and lets each load
// see every value that the memory model allows it.
//
// What is explored: all interleavings of atomic operations (those that differ only in the order of
// independent operations once), and for each load all values between the newest one that its thread
// must know and the newest one of all. So a missing acquire, release or fence shows, and so does a
// plain access that races (see checked).
//
// What is not: a store never goes before the load that precedes it in its thread, nor into the
// middle of what other threads have stored; a weak compare-exchange does not fail without reason;
// and a sequentially consistent operation counts as one between two fences, which is a little more
// than the standard promises. Those are left to the thread sanitizer and to the comments at the
// orders themselves.

namespace actors::model {

/// What of the machine is broken on purpose, to see that a model notices.
struct flaws {
  bool no_fences = false;      ///< Sequentially consistent fences do nothing.
  bool no_orders = false;      ///< Every operation is relaxed.
  bool split_updates = false;  ///< An exchange, or an addition, is a load and then a store.
  bool lost_notices = false;   ///< notify_one() and notify_all() wake nobody.
};

struct limits {
  std::size_t steps = 2'000;     ///< In one run; more are taken for an endless loop.
  std::size_t runs = 5'000'000;  ///< More than a test has time for.
  /// For what has too many runs otherwise. Loads see the newest value only, as if all were
  /// sequentially consistent:
  bool only_newest = false;
  /// How often a run takes a thread's turn from it that could go on. Few are enough for most
  /// mistakes (Musuvathi and Qadeer, 2007).
  std::size_t preemptions = ~std::size_t{0};
  flaws broken = {};
};

/// One run: threads that begin together, and what must hold when all of them have ended.
struct scenario {
  std::vector<std::function<void()>> threads;
  std::function<void()> at_end = [] {};
};

struct report {
  std::size_t runs = 0;
  std::string failure;  ///< Of the first run that failed, with its operations; empty: none did.
  bool is_fine() const { return failure.empty(); }
};

/// Makes the scenario anew for each run, which must not depend on anything else, and stops at the
/// first failure: something required does not hold, all threads wait for each other, or a limit is
/// passed. What a failed run leaves behind is never destroyed.
report explore(const std::function<scenario()>& make, const limits& up_to = {});

/// Inside a scenario: ends the run as a failure unless this holds.
void require(bool holds, const char* what);
/// Which of a scenario's threads is this? 0 outside of them.
std::size_t thread_index() noexcept;

namespace detail {

/// The place of an atomic object in the memory of the present run.
struct location {
  std::uint64_t initial = 0;
  int number = -1;  // given when a thread of the run first comes
};

enum class order : std::uint8_t { relaxed, acquire, release, both, total };

// Operations on values as bits. Outside of a run's threads they act at once, on the newest value.
std::uint64_t load(location& from, order how) noexcept;
void store(location& to, std::uint64_t value, order how) noexcept;
/// Stores what `change` makes of the value before, which it returns.
std::uint64_t update(location& at, const std::function<std::uint64_t(std::uint64_t)>& change,
                     order how) noexcept;
bool compare_exchange(location& at, std::uint64_t& expected, std::uint64_t desired, order success,
                      order failure) noexcept;
void wait(location& at, std::uint64_t old, order how) noexcept;
void notify(location& at, bool all) noexcept;
/// Waits until it can take one off.
void take_one(location& at) noexcept;
void fence(order how) noexcept;
void yield() noexcept;

// Plain accesses: each must happen after those that it conflicts with.
struct plain_location {
  location written;
  std::vector<location> read;  // by each thread
};
void plain_read(plain_location& at) noexcept;
void plain_write(plain_location& at) noexcept;

}  // namespace detail

/// A plain variable that says when two threads use it without order between them.
template <class T>
class checked {
 public:
  checked() = default;
  explicit checked(T value) : value_(value) {}
  const T& get() const {
    detail::plain_read(at_);
    return value_;
  }
  void set(T value) {
    detail::plain_write(at_);
    value_ = value;
  }

 private:
  T value_{};
  mutable detail::plain_location at_;
};

}  // namespace actors::model
