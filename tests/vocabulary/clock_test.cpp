#include "actors/clock.hpp"

#include "catch.hpp"

namespace actors {

using namespace std::chrono_literals;

TEST_CASE("a time after another is their sum", "[clock]") {
  const time_point start(10s);
  CHECK(later(start, 5s) == time_point(15s));
  CHECK(later(start, 0s) == start);
  CHECK(later(start, -5s) == time_point(5s));
}

TEST_CASE("a time too far away is the latest there is", "[clock]") {
  CHECK(later(time_point(10s), duration::max()) == time_point::max());
  CHECK(later(time_point::max(), 1s) == time_point::max());
  CHECK(later(time_point(0s), duration::max()) == time_point::max());
}

}  // namespace actors
