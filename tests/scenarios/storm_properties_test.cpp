#include <rapidcheck.h>

#include <cstdint>
#include <vector>

#include "catch.hpp"
#include "scenarios/storm.hpp"

// The same world as in tests/sim, with each choice made by rapidcheck: what breaks a rule is shrunk
// to the fewest and simplest choices that still do.

namespace actors::test {

TEST_CASE("whatever is done to a small world, every rule of supervision holds",
          "[sim][guarantee-1][guarantee-2][guarantee-3][guarantee-4][guarantee-5][guarantee-6]"
          "[guarantee-7][guarantee-8][guarantee-9][guarantee-10]") {
  CHECK(rc::check([] {
    const auto any_number = rc::gen::inRange<std::uint64_t>(0, 1'000'000);
    const auto choices =
        *rc::gen::scale(4.0, rc::gen::container<std::vector<std::uint64_t>>(any_number));
    const auto seed = *rc::gen::inRange<std::uint64_t>(0, 1'000);
    storm one(dice(choices), seed);
    one.run();
    RC_LOG() << (one.violations().empty() ? "" : one.violations().front());
    RC_ASSERT(one.violations().empty());
  }));
}

}  // namespace actors::test
