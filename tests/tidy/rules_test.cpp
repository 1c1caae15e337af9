#include "tidy/rules.hpp"

#include "catch.hpp"

namespace actors::tidy {

// Each rule is shown a tree that breaks it, or it could pass for the wrong reason.

TEST_CASE("a rule complains about CAF outside its layers", "[tidy]") {
  CHECK(caf_stays_in_its_layers(
            {{"libactors/include/actors/inbox.hpp", "#include <caf/all.hpp>\n"},
             {"libactors/src/coroutine/scope.cpp", "#include \"caf/actor.hpp\"\n"},
             {"actors/console/console.cpp", "#include <caf/actor.hpp>\n"}})
            .size() == 3);
  CHECK(caf_stays_in_its_layers({{"libactors/include/actors/caf.hpp", "#include <caf/all.hpp>\n"},
                                 {"libactors/src/runtime/cell.cpp", "#include <caf/actor.hpp>\n"},
                                 {"libactors/src/interop/caf.cpp", "#include <caf/actor.hpp>\n"},
                                 {"tests/runtime/caf_test.cpp", "#include <caf/actor.hpp>\n"}})
            .empty());
}

TEST_CASE("a rule complains about an include against the arrows", "[tidy]") {
  const std::map<std::string, std::string> layers{
      {"json.hpp", "vocabulary"}, {"inbox.hpp", "coroutine"}, {"manager.hpp", "supervision"}};
  CHECK(includes_point_one_way(
            {{"libactors/src/coroutine/scope.cpp", "#include \"runtime/cell.hpp\"\n"},
             {"libactors/src/runtime/cell.cpp", "#include \"actors/manager.hpp\"\n"},
             {"libactors/include/actors/json.hpp", "#include \"actors/inbox.hpp\"\n"},
             {"libactors/include/actors/stray.hpp", ""}},
            layers) ==
        complaints{
            "libactors/src/coroutine/scope.cpp (coroutine) includes runtime/cell.hpp (runtime)",
            "libactors/src/runtime/cell.cpp (runtime) includes actors/manager.hpp (supervision)",
            "libactors/include/actors/json.hpp (vocabulary) includes actors/inbox.hpp (coroutine)",
            "libactors/include/actors/stray.hpp belongs to no layer"});
  CHECK(includes_point_one_way(
            {{"libactors/src/supervision/manager.cpp", "#include \"runtime/cell.hpp\"\n"},
             {"libactors/src/runtime/cell.cpp", "#include \"cell.hpp\"\n"},
             {"libactors/include/actors/inbox.hpp", "#include \"actors/json.hpp\"\n"}},
            layers)
            .empty());
}

TEST_CASE("a rule complains about a test that sleeps", "[tidy]") {
  CHECK(tests_never_sleep({{"tests/a_test.cpp", "std::this_thread::sleep_for(1s);"},
                           {"tests/b_test.cpp", "  usleep(10);"}})
            .size() == 2);
  CHECK(tests_never_sleep({{"tests/a_test.cpp", "co_await sleep_for(1s);"},
                           {"examples/b.cpp", "std::this_thread::sleep_for(1s);"}})
            .empty());
}

TEST_CASE("a rule complains about the standard library's semaphore", "[tidy]") {
  CHECK(semaphores_are_our_own({{"libactors/src/runtime/a.hpp", "#include <semaphore>\n"},
                                {"actors/console/b.cpp", "#include <semaphore>\n"}})
            .size() == 2);
  CHECK(semaphores_are_our_own({{"libactors/src/runtime/a.hpp", "#include <semaphore.h>\n"},
                                {"libactors/src/runtime/b.hpp", "#include \"semaphore.hpp\"\n"},
                                {"tests/c_test.cpp", "#include <semaphore>\n"}})
            .empty());
}

TEST_CASE("a rule complains about an awaited condition without a name", "[tidy]") {
  CHECK(awaited_conditions_have_names({{"examples/a.cpp", "if (co_await ready()) stop();"},
                                       {"tests/b_test.cpp", "while (!co_await ready()) {}"}})
            .size() == 2);
  CHECK(awaited_conditions_have_names(
            {{"examples/a.cpp", "if (const auto is_ready = co_await ready()) stop();"}})
            .empty());
}

TEST_CASE("a rule complains about a public header without a test", "[tidy]") {
  const tree files{{"libactors/include/actors/inbox.hpp", ""},
                   {"libactors/include/actors/clock.hpp", ""},
                   {"libactors/include/actors/testing/recorder.hpp", ""},
                   {"libactors/include/actors/detail/list.hpp", ""},
                   {"tests/coroutine/inbox_test.cpp", ""}};
  CHECK(public_headers_have_tests(files, {{"clock.hpp", "only names"}}) ==
        complaints{"libactors/include/actors/testing/recorder.hpp has no recorder_test.cpp"});
  CHECK(public_headers_have_tests(files, {{"clock.hpp", "only names"},
                                          {"testing/recorder.hpp", "used by every test"},
                                          {"inbox.hpp", "is tested by now"}}) ==
        complaints{"libactors/include/actors/inbox.hpp has a test and needs no exception"});
}

TEST_CASE("a rule complains about a file that is not built", "[tidy]") {
  const source_file core{"libactors/CMakeLists.txt", "src/a/x.cpp include/actors/x.hpp"};
  const source_file examples{"examples/CMakeLists.txt", "actors_add_example(hello)\n"};
  CHECK(
      files_are_built({core, {"libactors/src/a/x.cpp", ""}, {"libactors/include/actors/x.hpp", ""}})
          .empty());
  CHECK(files_are_built({examples, {"examples/hello.cpp", ""}}).empty());
  CHECK(files_are_built({core,
                         examples,
                         {"libactors/src/b/y.cpp", ""},
                         {"libactors/include/actors/y.hpp", ""},
                         {"examples/ello.cpp", ""},
                         {"stray.cpp", ""}})
            .size() == 4);
}

TEST_CASE("a rule complains about two tests of one name", "[tidy]") {
  CHECK(test_stems_differ({{"tests/a/x_test.cpp", ""}, {"tests/b/x_test.cpp", ""}}) ==
        complaints{"tests/b/x_test.cpp is called as tests/a/x_test.cpp"});
  CHECK(test_stems_differ({{"tests/a/x_test.cpp", ""}, {"tests/a/y_test.cpp", ""}}).empty());
}

TEST_CASE("a rule complains about a header without #pragma once", "[tidy]") {
  CHECK(headers_are_included_once({{"a.hpp", "#ifndef A\n"}, {"b.hpp", "#pragma once\n"}}) ==
        complaints{"a.hpp has no #pragma once"});
}

TEST_CASE("a rule complains about the name of a machine", "[tidy]") {
  CHECK(nothing_names_a_machine({{"CMakeLists.txt", "/home/someone/caf"},
                                 {"bench/run", "curl https://example.org"},
                                 {"README.md", "see https://example.org"}}) ==
        complaints{"CMakeLists.txt holds /home/", "bench/run holds https://"});
}

TEST_CASE("a rule complains about a listing that no example holds", "[tidy]") {
  const source_file readme{"README.md",
                           "```cpp\nint main() {}\n```\ntext\n```cpp\nvoid f();\n```\n"};
  CHECK(listings_are_compiled({readme, {"examples/hello.cpp", "// hi\nint main() {}\n"}}) ==
        complaints{"README.md shows what no example holds: void f();..."});
}

}  // namespace actors::tidy
