#include "catch.hpp"
#include "tidy/behaviours.hpp"
#include "tidy/layers.hpp"
#include "tidy/rules.hpp"
#include "tidy/tree.hpp"

// The project's rules about itself, as facts about its tree. That each rule can fail is shown in
// rules_test.cpp.

namespace actors::tidy {

namespace {

const tree& project() {
  static const tree files = read_tree(ACTORS_SOURCE_ROOT);
  return files;
}

void holds(const complaints& found) {
  for (const auto& complaint : found) FAIL_CHECK(complaint);
  SUCCEED();
}

}  // namespace

TEST_CASE("the project's files are found", "[tidy]") {
  CHECK(find(project(), "CMakeLists.txt") != nullptr);
  CHECK(find(project(), "tests/tidy/tidy_test.cpp") != nullptr);
  CHECK(find(project(), ".ci/run") != nullptr);
}

TEST_CASE("CAF is included by the layers that speak it and by one public header", "[tidy]") {
  holds(caf_stays_in_its_layers(project()));
}

TEST_CASE("the layers' includes point one way", "[tidy]") {
  holds(includes_point_one_way(project(), public_layers()));
}

TEST_CASE("no test sleeps", "[tidy]") { holds(tests_never_sleep(project())); }

TEST_CASE("no awaited condition is without a name", "[tidy]") {
  holds(awaited_conditions_have_names(project()));
}

TEST_CASE("the library waits with its own semaphore", "[tidy]") {
  holds(semaphores_are_our_own(project()));
}

TEST_CASE("every public header has a test", "[tidy]") {
  const std::map<std::string, std::string> exceptions{
      {"envelope.hpp", "a value without behaviour; it travels in interop/caf_test.cpp"}};
  holds(public_headers_have_tests(project(), exceptions));
}

TEST_CASE("every source and every public header is built", "[tidy]") {
  holds(files_are_built(project()));
}

TEST_CASE("no two tests have the same name", "[tidy]") { holds(test_stems_differ(project())); }

TEST_CASE("every header is included once", "[tidy]") {
  holds(headers_are_included_once(project()));
}

TEST_CASE("no file names a machine", "[tidy]") { holds(nothing_names_a_machine(project())); }

TEST_CASE("every listing of the README is compiled", "[tidy]") {
  holds(listings_are_compiled(project()));
}

TEST_CASE("every behaviour is shown by a test, or the map says why not", "[tidy]") {
  holds(behaviours_are_mapped(project(), behaviours()));
}

}  // namespace actors::tidy
