#pragma once

#include <type_traits>

#include "actors/coroutine.hpp"

namespace actors::detail {

template <class T>
struct is_coroutine : std::false_type {};
template <class T>
struct is_coroutine<coroutine<T>> : std::true_type {};

template <class... Parameters>
constexpr bool are_values = (!std::is_reference_v<Parameters> && ...);

/// By the type of a function or of a call operator. One that is not known here passes.
template <class Function>
constexpr bool call_takes_values = true;
template <class R, class... P>
constexpr bool call_takes_values<R (*)(P...)> = are_values<P...>;
template <class R, class... P>
constexpr bool call_takes_values<R (*)(P...) noexcept> = are_values<P...>;
template <class R, class C, class... P>
constexpr bool call_takes_values<R (C::*)(P...)> = are_values<P...>;
template <class R, class C, class... P>
constexpr bool call_takes_values<R (C::*)(P...) noexcept> = are_values<P...>;
template <class R, class C, class... P>
constexpr bool call_takes_values<R (C::*)(P...) const> = are_values<P...>;
template <class R, class C, class... P>
constexpr bool call_takes_values<R (C::*)(P...) const noexcept> = are_values<P...>;

/// Does the body take all of its parameters by value? A generic lambda has no parameters to look
/// at, and passes.
template <class Body>
constexpr bool takes_values = call_takes_values<Body>;
template <class Body>
  requires requires { &Body::operator(); }
constexpr bool takes_values<Body> = call_takes_values<decltype(&Body::operator())>;

/// A coroutine does not copy the captures of the lambda that it is.
template <class Body>
constexpr bool captures_nothing = !std::is_class_v<Body> || std::is_empty_v<Body>;

/// Can an actor begin with this body? Asserted one by one, so that the compiler names the rule
/// that was broken, and nothing that merely follows from it.
template <class Body>
constexpr bool is_plain_body() {
  static_assert(captures_nothing<Body>,
                "an actor's body must not capture: a coroutine does not copy the captures of a "
                "lambda, so they would be gone after its first suspension; pass values as "
                "arguments instead");
  static_assert(takes_values<Body>,
                "an actor's body takes its parameters by value: spawn copies its arguments, so a "
                "reference would refer to a copy that is gone; use std::reference_wrapper for "
                "what outlives the actor");
  return captures_nothing<Body> && takes_values<Body>;
}

}  // namespace actors::detail
