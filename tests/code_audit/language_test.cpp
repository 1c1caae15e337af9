#include "code_audit/language.hpp"

#include "catch.hpp"

using namespace code_audit;

TEST_CASE("the extension tells the language", "[code_audit]") {
  CHECK(detect_language("a/b.cpp", "") == language::cpp);
  CHECK(detect_language("a/b.h", "") == language::c_header);
  CHECK(detect_language("x.py", "#!/bin/sh\n") == language::python);
  CHECK(detect_language("CMakeLists.txt", "") == language::cmake);
  CHECK(detect_language("config.h.in", "") == language::c_header);
}

TEST_CASE("without an extension the first line tells the language", "[code_audit]") {
  CHECK(detect_language("run", "#!/bin/sh\n") == language::shell);
  CHECK(detect_language("run", "#!/usr/bin/env -S python3.11 -u\n") == language::python);
  CHECK(detect_language("run", "#! /usr/bin/env A=1 node") == language::javascript);
  CHECK(detect_language("vector", "// <vector> -*- C++ -*-\n") == language::cpp);
}

TEST_CASE("what nothing tells is text", "[code_audit]") {
  CHECK(detect_language("run", "#!/usr/bin/unheard-of\n") == language::text);
  CHECK(detect_language("run", "#!") == language::text);
  CHECK(detect_language("run", "") == language::text);
  CHECK(detect_language("a.unknown", "int main() {}") == language::text);
  CHECK(detect_language(".cpp", "") == language::text);
}

TEST_CASE("a name tells whether a look inside is needed", "[code_audit]") {
  CHECK(guess_from_name("a.rs").is_known);
  CHECK(guess_from_name("configure").needs_a_look);
  CHECK_FALSE(guess_from_name("a.png").needs_a_look);
  CHECK_FALSE(guess_from_name("a.png").is_known);
}

TEST_CASE("every language is found again by its name", "[code_audit]") {
  for (std::size_t i = 0; i < language_count; ++i) {
    const auto lang = static_cast<language>(i);
    CHECK(language_from(to_string(lang)) == lang);
  }
  CHECK(language_from("Klingon") == language::text);
}
