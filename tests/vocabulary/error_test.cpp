#include "actors/error.hpp"

#include <set>

#include "catch.hpp"
#include "support/printers.hpp"

namespace actors {

TEST_CASE("each error code has a name of its own", "[error]") {
  std::set<std::string_view> names;
  for (auto code = 0; code <= static_cast<int>(error_code::unsupported); ++code) {
    names.insert(to_string(static_cast<error_code>(code)));
  }
  CHECK(names.size() == static_cast<std::size_t>(error_code::unsupported) + 1);
  CHECK_FALSE(names.contains("unknown"));
  CHECK(to_string(error_code::name_taken) == "name_taken");
}

TEST_CASE("errors are equal when code and message are", "[error]") {
  const error one{error_code::closed, "a"};
  CHECK(one == error{error_code::closed, "a"});
  CHECK(one != error{error_code::closed, "b"});
  CHECK(one != error{error_code::cancelled, "a"});
}

TEST_CASE("a failure carries its error", "[error]") {
  const failure thrown({error_code::closed, "too late"});
  CHECK(thrown.why().code == error_code::closed);
  CHECK(std::string(thrown.what()) == "too late");
}

TEST_CASE("a code out of range is called unknown", "[error]") {
  CHECK(to_string(static_cast<error_code>(200)) == "unknown");
}

}  // namespace actors
