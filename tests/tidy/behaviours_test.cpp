#include "tidy/behaviours.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

namespace actors::tidy {

namespace {

const std::vector<behaviour_range> few{{'A', 2}, {'B', 1}};

const source_file tests{"tests/x/y_test.cpp", R"(
TEST_CASE("a task ends", "[x][A1]") {
}

TEST_CASE(
    "an \"end\" is told, "
    "once",
    "[x]"
    "[guarantee-1][B1]") {
}

TEST_CASE("nothing else") {
)"};

complaints with_map(const std::string& rows) {
  return behaviours_are_mapped({tests, {"tests/behaviours.md", "# Title\n| id | x |\n" + rows}},
                               few);
}

const std::string a1 = "| A1 | ends | tested | x/y_test.cpp: a task ends |\n";
const std::string a2 = "| A2 | restarts | later | the journal on disk |\n";
const std::string b1 = "| B1 | told | tested | x/y_test.cpp: an \"end\" is told, once |\n";

}  // namespace

TEST_CASE("test cases are read with their names and tags", "[tidy]") {
  const auto found = test_cases_of(tests);
  REQUIRE(found.size() == 3);
  CHECK(found[0].name == "a task ends");
  CHECK(found[0].tags == std::vector<std::string>{"x", "A1"});
  CHECK(found[1].name == "an \"end\" is told, once");
  CHECK(found[1].tags == std::vector<std::string>{"x", "guarantee-1", "B1"});
  CHECK(found[2].tags.empty());
}

TEST_CASE("a map that says everything is right", "[tidy]") {
  CHECK(with_map(a1 + a2 + b1).empty());
  CHECK(with_map("| A1 | ends | part | x/y_test.cpp: a task ends |\n"
                 "| A1 | | open | the rest |\n" +
                 a2 + b1)
            .empty());
}

TEST_CASE("a rule complains about a behaviour that the map forgets", "[tidy]") {
  CHECK(with_map(a1 + b1) == complaints{"A2 is not in tests/behaviours.md"});
  CHECK(behaviours_are_mapped({tests}, few) == complaints{"there is no tests/behaviours.md"});
  CHECK(with_map(a1 + a2 + b1 + "| A3 | | later | x |\n") == complaints{"A3 is no behaviour"});
}

TEST_CASE("a rule complains about a row that gives no reason", "[tidy]") {
  CHECK(with_map(a1 + b1 + "| A2 | restarts | open | |\n") ==
        complaints{"A2 is open without a reason"});
  CHECK(with_map(a1 + b1 + "| A2 | restarts | soon | x |\n") ==
        complaints{"A2 has the status 'soon', which means nothing"});
  CHECK(with_map(a2 + b1 + "| A1 | ends | part | x/y_test.cpp: a task ends |\n") ==
        complaints{"A1 is shown in part, and nothing says what is missing"});
  CHECK(with_map(a1 + a2 + b1 + "| A1 | | open | more |\n") ==
        complaints{"A1 is tested and something else as well"});
}

TEST_CASE("a rule complains about a test that the map makes up", "[tidy]") {
  CHECK(with_map(a1 + b1 + "| A2 | restarts | tested | x/y_test.cpp: a task restarts |\n") ==
        complaints{"A2 names a test that does not exist: x/y_test.cpp: a task restarts"});
  CHECK(with_map(a1 + b1 + "| A2 | restarts | tested | x/y_test.cpp: a task ends |\n") ==
        complaints{"A2 is no tag of x/y_test.cpp: a task ends"});
}

TEST_CASE("a rule complains about a tag that the map does not know", "[tidy]") {
  CHECK(with_map(a1 + a2 + "| B1 | told | open | x |\n") ==
        complaints{"B1 is a tag of x/y_test.cpp: an \"end\" is told, once, and not shown"});
}

}  // namespace actors::tidy
