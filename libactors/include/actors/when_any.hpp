#pragma once

#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "actors/error.hpp"
#include "actors/when_all.hpp"

namespace actors {

/// Which of a list was first, and its value.
template <class T>
struct first_of {
  std::size_t index;
  detail::stored<T> value;
};

namespace detail {

inline bool any_end(const branch&) { return true; }

template <class... Ts>
class [[nodiscard]] any_of : public branch_tuple<Ts...> {
 public:
  explicit any_of(coroutine<Ts>&&... work) : branch_tuple<Ts...>(any_end, std::move(work)...) {}

  std::variant<stored<Ts>...> await_resume() {
    const auto& first = *this->group_.decider();
    const auto index = static_cast<std::size_t>(&first - this->branches_.data());
    return take<0, Ts...>(first, index);
  }

 private:
  template <std::size_t I, class T, class... Rest>
  std::variant<stored<Ts>...> take(const branch& first, std::size_t index) {
    if constexpr (sizeof...(Rest) > 0) {
      if (index != I) return take<I + 1, Rest...>(first, index);
    }
    return std::variant<stored<Ts>...>(std::in_place_index<I>, take_result<T>(first));
  }
};

template <class T>
class [[nodiscard]] any_of_list : public branch_list<T> {
 public:
  explicit any_of_list(std::vector<coroutine<T>> work) : branch_list<T>(std::move(work), any_end) {
    if (this->size_ == 0) {
      throw failure({error_code::invalid_argument,
                     "when_any needs at least one coroutine, the list is empty"});
    }
  }

  first_of<T> await_resume() {
    const auto& first = *this->group_.decider();
    return {static_cast<std::size_t>(&first - this->branches_.get()), take_result<T>(first)};
  }
};

}  // namespace detail

/// `co_await when_any(a(), b())`: runs them at the same time and gives the value of the one that
/// ends first, as a variant whose index says which; `std::monostate` for `void`. A failure that
/// comes first is raised.
///
/// The others are cancelled with the reason `sibling`, and have ended when this returns. A message
/// that a loser was about to take stays in the inbox; one that it was about to send may be sent.
///
/// It takes what when_all() takes.
template <detail::branch_work... Work>
  requires(sizeof...(Work) > 0)
auto when_any(Work&&... work) {
  return detail::any_of(detail::into_coroutine(std::forward<Work>(work))...);
}

/// The same for a list. Throws `failure` (`invalid_argument`) for an empty one.
template <class T>
auto when_any(std::vector<coroutine<T>> work) {
  return detail::any_of_list<T>(std::move(work));
}

}  // namespace actors
