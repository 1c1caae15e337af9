#pragma once

#include <array>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "actors/coroutine.hpp"
#include "actors/detail/branch.hpp"
#include "actors/detail/into_coroutine.hpp"

namespace actors {

namespace detail {

/// What stands for the value of a `coroutine<void>` where there must be one.
template <class T>
using stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T>
stored<T> take_result(const branch& one) {
  auto& promise = static_cast<typename coroutine<T>::promise_type&>(*one.held);
  if constexpr (std::is_void_v<T>) {
    promise.take();
    return {};
  } else {
    return promise.take();
  }
}

inline bool has_failed(const branch& one) { return one.held->error != nullptr; }

/// A run-time number of branches of one type.
template <class T>
class branch_list {
 public:
  branch_list(std::vector<coroutine<T>> work, branch_group::decides rule)
      : size_(work.size()), group_(rule), branches_(std::make_unique<branch[]>(size_)) {
    for (std::size_t i = 0; i < size_; ++i) branches_[i].held = work[i].detach();
  }

  bool await_ready() const noexcept { return size_ == 0; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> caller) noexcept {
    auto& scope = group_.begin(caller.promise(), size_);
    for (std::size_t i = 0; i < size_; ++i) branches_[i].start(group_, caller.promise(), scope);
  }

 protected:
  std::size_t size_;
  branch_group group_;  // its scope outlives what waits in the branches
  std::unique_ptr<branch[]> branches_;
};

/// A fixed number of branches, each of its own type.
template <class... Ts>
class branch_tuple {
 public:
  branch_tuple(branch_group::decides rule, coroutine<Ts>&&... work) : group_(rule) {
    std::size_t i = 0;
    ((branches_[i++].held = work.detach()), ...);
  }

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> caller) noexcept {
    auto& scope = group_.begin(caller.promise(), sizeof...(Ts));
    for (auto& one : branches_) one.start(group_, caller.promise(), scope);
  }

 protected:
  branch_group group_;  // its scope outlives what waits in the branches
  std::array<branch, sizeof...(Ts)> branches_;
};

template <class... Ts>
class [[nodiscard]] all_of : public branch_tuple<Ts...> {
 public:
  explicit all_of(coroutine<Ts>&&... work) : branch_tuple<Ts...>(has_failed, std::move(work)...) {}

  std::tuple<stored<Ts>...> await_resume() {
    if (const auto* failed = this->group_.decider()) {
      std::rethrow_exception(failed->held->error);
    }
    return [this]<std::size_t... I>(std::index_sequence<I...>) {
      return std::tuple<stored<Ts>...>{take_result<Ts>(this->branches_[I])...};
    }(std::index_sequence_for<Ts...>{});
  }
};

template <class T>
class [[nodiscard]] all_of_list : public branch_list<T> {
 public:
  explicit all_of_list(std::vector<coroutine<T>> work)
      : branch_list<T>(std::move(work), has_failed) {}

  std::vector<stored<T>> await_resume() {
    if (const auto* failed = this->group_.decider()) {
      std::rethrow_exception(failed->held->error);
    }
    std::vector<stored<T>> values;
    values.reserve(this->size_);
    for (std::size_t i = 0; i < this->size_; ++i) {
      values.push_back(take_result<T>(this->branches_[i]));
    }
    return values;
  }
};

}  // namespace detail

/// `co_await when_all(a(), b())`: runs them at the same time in this strand and gives a tuple of
/// their values, `std::monostate` for `void`.
///
/// When one fails, the others are cancelled with the reason `sibling`; once all have ended, the
/// first failure is raised. A cancel from outside reaches all of them.
///
/// It takes coroutines, and the waits of the library: `inbox.next()`, `async_send`, `sleep_for`,
/// `yield`, `until_cancelled`, `completion.wait()`.
template <detail::branch_work... Work>
  requires(sizeof...(Work) > 0)
auto when_all(Work&&... work) {
  return detail::all_of(detail::into_coroutine(std::forward<Work>(work))...);
}

/// The same for a list; gives a vector in the order of the list, empty for an empty list.
template <class T>
auto when_all(std::vector<coroutine<T>> work) {
  return detail::all_of_list<T>(std::move(work));
}

}  // namespace actors
