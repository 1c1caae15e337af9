#pragma once

#include <type_traits>
#include <utility>

#include "actors/coroutine.hpp"

namespace actors::detail {

template <class T>
coroutine<T> into_coroutine(coroutine<T>&& work) noexcept {
  return std::move(work);
}

/// The library's own awaiters know how to become a coroutine that awaits them.
template <class Awaiter>
auto into_coroutine(const Awaiter& wait) -> decltype(wait.as_coroutine()) {
  return wait.as_coroutine();
}

/// What a combinator can run as one of its branches.
template <class T>
concept branch_work = requires(T&& work) { into_coroutine(std::forward<T>(work)); };

}  // namespace actors::detail
