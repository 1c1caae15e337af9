#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "model/explorer.hpp"

// The parts of <atomic> that the library uses, and its semaphore, as the explorer runs them.

namespace actors::model {

namespace detail {

constexpr order order_of(std::memory_order how) noexcept {
  switch (how) {
    case std::memory_order_relaxed: return order::relaxed;
    case std::memory_order_consume:
    case std::memory_order_acquire: return order::acquire;
    case std::memory_order_release: return order::release;
    case std::memory_order_acq_rel: return order::both;
    case std::memory_order_seq_cst: break;
  }
  return order::total;
}

/// What a compare-exchange has when it fails.
constexpr std::memory_order without_store(std::memory_order how) noexcept {
  if (how == std::memory_order_acq_rel) return std::memory_order_acquire;
  if (how == std::memory_order_release) return std::memory_order_relaxed;
  return how;
}

}  // namespace detail

template <class T>
class atomic {
 public:
  atomic() noexcept : atomic(T{}) {}
  atomic(T value) noexcept { at_.initial = bits_of(value); }  // NOLINT: as in the standard
  atomic(const atomic&) = delete;
  atomic& operator=(const atomic&) = delete;

  T load(std::memory_order how = std::memory_order_seq_cst) const noexcept {
    return value_of(detail::load(at_, detail::order_of(how)));
  }
  void store(T value, std::memory_order how = std::memory_order_seq_cst) noexcept {
    detail::store(at_, bits_of(value), detail::order_of(how));
  }
  T exchange(T value, std::memory_order how = std::memory_order_seq_cst) noexcept {
    return update([&](T) { return value; }, how);
  }
  T fetch_add(T by, std::memory_order how = std::memory_order_seq_cst) noexcept {
    return update([&](T old) { return static_cast<T>(old + by); }, how);
  }
  T fetch_sub(T by, std::memory_order how = std::memory_order_seq_cst) noexcept {
    return update([&](T old) { return static_cast<T>(old - by); }, how);
  }
  T fetch_or(T with, std::memory_order how = std::memory_order_seq_cst) noexcept {
    return update([&](T old) { return static_cast<T>(old | with); }, how);
  }

  operator T() const noexcept { return load(); }  // NOLINT: as in the standard
  T operator++() noexcept { return static_cast<T>(fetch_add(1) + 1); }
  T operator--() noexcept { return static_cast<T>(fetch_sub(1) - 1); }

  bool compare_exchange_strong(T& expected, T desired, std::memory_order success,
                               std::memory_order failure) noexcept {
    auto seen = bits_of(expected);
    const bool done = detail::compare_exchange(
        at_, seen, bits_of(desired), detail::order_of(success), detail::order_of(failure));
    if (!done) expected = value_of(seen);
    return done;
  }
  bool compare_exchange_strong(T& expected, T desired,
                               std::memory_order how = std::memory_order_seq_cst) noexcept {
    return compare_exchange_strong(expected, desired, how, detail::without_store(how));
  }
  template <class... Orders>
  bool compare_exchange_weak(T& expected, T desired, Orders... orders) noexcept {
    return compare_exchange_strong(expected, desired, orders...);
  }

  void wait(T old, std::memory_order how = std::memory_order_seq_cst) const noexcept {
    detail::wait(at_, bits_of(old), detail::order_of(how));
  }
  void notify_one() noexcept { detail::notify(at_, false); }
  void notify_all() noexcept { detail::notify(at_, true); }

 private:
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(std::uint64_t));

  static std::uint64_t bits_of(T value) noexcept {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    return bits;
  }
  static T value_of(std::uint64_t bits) noexcept {
    T value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  template <class Change>
  T update(Change change, std::memory_order how) noexcept {
    return value_of(detail::update(
        at_, [&](std::uint64_t old) { return bits_of(change(value_of(old))); },
        detail::order_of(how)));
  }

  mutable detail::location at_;
};

inline void atomic_thread_fence(std::memory_order how) noexcept {
  detail::fence(detail::order_of(how));
}

/// For std::this_thread: goes on when another thread has changed something.
inline void yield() noexcept { detail::yield(); }

class semaphore {
 public:
  explicit semaphore(unsigned count) noexcept { at_.initial = count; }
  void acquire() noexcept { detail::take_one(at_); }
  bool try_acquire() noexcept {
    auto seen = detail::load(at_, detail::order::relaxed);
    while (seen != 0) {
      if (detail::compare_exchange(at_, seen, seen - 1, detail::order::both,
                                   detail::order::relaxed)) {
        return true;
      }
    }
    return false;
  }
  void release(std::size_t times = 1) noexcept {
    detail::update(at_, [times](std::uint64_t old) { return old + times; }, detail::order::both);
  }

 private:
  detail::location at_;
};

}  // namespace actors::model
