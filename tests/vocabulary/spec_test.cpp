#include "actors/spec.hpp"

#include "catch.hpp"
#include "supervision/policy.hpp"
#include "support/printers.hpp"

namespace actors {

using namespace std::chrono_literals;
using detail::policy::check;

TEST_CASE("a spec that says nothing is fine", "[spec]") {
  CHECK(check(spec{}).code == error_code::none);
  CHECK(check(spec{.name = "critic", .timeout = 5s, .inbox_capacity = 1}).code == error_code::none);
}

TEST_CASE("a name may hold anything that has no meaning yet", "[spec]") {
  for (const auto* name : {"Parent", "parents", "bg", "bg_", "bg_x", "bg_01", "ü", "a b", " "}) {
    CAPTURE(name);
    CHECK(check(spec{.name = name}).code == error_code::none);
  }
}

TEST_CASE("lineages are equal when all their ids are", "[spec]") {
  const lineage one{.task_id = "bg_1", .run_id = "r", .call_id = "c", .agent_id = "a"};
  auto other = one;
  CHECK(one == other);
  other.agent_id = "b";
  CHECK(one != other);
}

TEST_CASE("a reserved name is refused", "[spec][B7]") {
  for (const std::string name : {"parent", "self", "all", "broadcast"}) {
    CHECK(check(spec{.name = name}) ==
          error{error_code::name_reserved, "'" + name + "' is a reserved name"});
  }
}

TEST_CASE("a name that looks like an id is refused", "[spec][B55]") {
  CHECK(check(spec{.name = "bg_7"}) ==
        error{error_code::invalid_argument, "spec.name must not look like an id, it is 'bg_7'"});
}

TEST_CASE("a negative time-out is refused with its value", "[spec]") {
  CHECK(check(spec{.timeout = -1500ms}) ==
        error{error_code::invalid_argument,
              "spec.timeout must not be negative, it is -1.5 s; zero means none"});
}

}  // namespace actors
