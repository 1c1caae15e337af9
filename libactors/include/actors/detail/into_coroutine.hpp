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

/// Something of the library's that is awaited and is no coroutine, such as `inbox.next()`.
template <class T>
concept plain_wait = requires(const T& wait) { wait.as_coroutine(); };

/// What awaiting it gives.
template <plain_wait T>
using value_of_wait = typename decltype(std::declval<const T&>().as_coroutine())::value_type;

/// What a combinator can run as one of its branches.
template <class T>
concept branch_work = requires(T&& work) { into_coroutine(std::forward<T>(work)); };

}  // namespace actors::detail
