#include "actors/result.hpp"

#include <memory>
#include <string>

#include "catch.hpp"
#include "support/printers.hpp"

namespace actors {

namespace {
const error no_luck{error_code::not_found, "task not found"};
}

TEST_CASE("a result holds a value", "[result]") {
  result<std::string> good = std::string("yes");
  CHECK(good);
  CHECK(good.has_value());
  CHECK(*good == "yes");
  CHECK(good->size() == 3);
  CHECK(good.error().code == error_code::none);
}

TEST_CASE("a value moves out of a result", "[result]") {
  result<std::unique_ptr<int>> good = std::make_unique<int>(7);
  const auto taken = *std::move(good);
  CHECK(*taken == 7);
}

TEST_CASE("a result of nothing is success or an error", "[result]") {
  CHECK(result<void>());
  result<void>().value();
  CHECK_FALSE(result<void>(no_luck));
  CHECK(result<void>(no_luck).error() == no_luck);
}

TEST_CASE("a failed result says why", "[result]") {
  const result<int> bad = no_luck;
  CHECK_FALSE(bad);
  CHECK(bad.error() == no_luck);
}

TEST_CASE("using the value of a failed result throws its error", "[result]") {
  const result<int> bad = no_luck;
  try {
    static_cast<void>(*bad);
    FAIL("no exception");
  } catch (const failure& why) {
    CHECK(why.why() == no_luck);
    CHECK(std::string(why.what()) == "task not found");
  }
  CHECK_THROWS_AS(result<void>(no_luck).value(), failure);
}

}  // namespace actors
