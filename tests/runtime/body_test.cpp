#include "actors/detail/body.hpp"

#include <string>
#include <type_traits>

#include "actors/actor.hpp"
#include "catch.hpp"

namespace actors::test {

namespace {

// What bodies look like that compile, and that do not.
using takes_text = coroutine<void> (*)(actor_context<int>, std::string);
using takes_text_without_failing = coroutine<void> (*)(actor_context<int>, std::string) noexcept;
using refers_to_itself = coroutine<void> (*)(const actor_context<int>&);
using refers_to_text = coroutine<void> (*)(actor_context<int>, const std::string&);
using refers_without_failing = coroutine<void> (*)(actor_context<int>, std::string&&) noexcept;

struct called_by_value {
  coroutine<void> operator()(actor_context<int>, std::string) const { co_return; }
};
struct called_by_reference {
  coroutine<void> operator()(actor_context<int>, std::string&) { co_return; }
};

}  // namespace

TEST_CASE("a body takes its parameters by value, which the compiler checks", "[body]") {
  using detail::takes_values;
  STATIC_REQUIRE(takes_values<takes_text>);
  STATIC_REQUIRE(takes_values<takes_text_without_failing>);
  STATIC_REQUIRE(takes_values<called_by_value>);
  STATIC_REQUIRE_FALSE(takes_values<refers_to_itself>);
  STATIC_REQUIRE_FALSE(takes_values<refers_to_text>);
  STATIC_REQUIRE_FALSE(takes_values<refers_without_failing>);
  STATIC_REQUIRE_FALSE(takes_values<called_by_reference>);

  const auto by_value = [](actor_context<int>, int*) -> coroutine<void> { co_return; };
  const auto by_reference = [](actor_context<int>, int&) -> coroutine<void> { co_return; };
  const auto changes = [](actor_context<int>&) mutable noexcept -> coroutine<void> { co_return; };
  const auto generic = [](auto&...) -> coroutine<void> { co_return; };
  STATIC_REQUIRE(takes_values<std::remove_const_t<decltype(by_value)>>);
  STATIC_REQUIRE_FALSE(takes_values<std::remove_const_t<decltype(by_reference)>>);
  STATIC_REQUIRE_FALSE(takes_values<std::remove_const_t<decltype(changes)>>);
  STATIC_REQUIRE(takes_values<std::remove_const_t<decltype(generic)>>);
}

}  // namespace actors::test
