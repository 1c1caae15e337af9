#include "code_audit/concern.hpp"

#include <fmt/format.h>

#include <string>

#include "catch.hpp"
#include "code_audit/source_scan.hpp"

using namespace code_audit;

namespace {

concern_result of(std::string_view text, std::string name = "a.cpp") {
  return concern(std::get<file_findings>(scan_text(std::move(name), text)));
}

std::string steps(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += fmt::format("  step_{}();\n", i);
  return text;
}

}  // namespace

TEST_CASE("a short plain file gives no concern", "[code_audit]") {
  CHECK(of("int f() {\n  return 1;\n}\n").score == 0);
  CHECK(of("").reasons.empty());
}

TEST_CASE("a long function is named with its place and its length", "[code_audit]") {
  const concern_result result = of("// why\nvoid f() {\n" + steps(118) + "}\n// a\n// b\n");
  REQUIRE(result.reasons.size() == 1);
  CHECK(result.reasons[0].kind == concern_kind::long_function);
  CHECK(result.reasons[0].points == Approx(2));
  CHECK(result.reasons[0].line == 2);
  CHECK(result.reasons[0].length == 120);
  CHECK(result.reasons[0].text == "f is 120 lines long");
}

TEST_CASE("at a limit nothing counts yet", "[code_audit]") {
  CHECK(of("void f() {\n" + steps(58) + "}\n").reasons.empty());
  CHECK(of("void f() {\n" + steps(59) + "}\n").reasons.size() == 1);
}

TEST_CASE("each kind of concern is found", "[code_audit]") {
  const auto first = [](const std::string& text) { return of(text).reasons.at(0).kind; };
  CHECK(first("void f() { if (a) { if (b) { if (c) { if (d) { if (e) { } } } } } }") ==
        concern_kind::deep_nesting);
  CHECK(first("// TODO\n// FIXME\n// XXX\n// HACK\n") == concern_kind::many_markers);
  CHECK(first(steps(200)) == concern_kind::few_comments);
  CHECK(first(steps(20) + steps(20)) == concern_kind::repeats_itself);
  CHECK(first("int x = " + std::string(200, '1') + ";\n") == concern_kind::long_lines);
  std::string commented;
  for (int i = 0; i < 600; ++i) commented += "// because\n";
  CHECK(first(commented) == concern_kind::long_file);
}

TEST_CASE("the heaviest reason comes first and the score is their sum", "[code_audit]") {
  const concern_result result =
      of("void f() {\n" + steps(300) + "}\n// TODO\n// TODO\n// TODO\n// TODO\n");
  REQUIRE(result.reasons.size() >= 2);
  double sum = 0;
  for (std::size_t i = 0; i < result.reasons.size(); ++i) {
    sum += result.reasons[i].points;
    if (i > 0) CHECK(result.reasons[i - 1].points >= result.reasons[i].points);
  }
  CHECK(result.score == Approx(sum));
}

TEST_CASE("prose and data give no concern", "[code_audit]") {
  CHECK(of(std::string(5000, 'x') + "\nTODO\nTODO\nTODO\nTODO\n", "a.md").score == 0);
}

TEST_CASE("kinds of concern have names", "[code_audit]") {
  CHECK(concern_kind_from(to_string(concern_kind::repeats_itself)) == concern_kind::repeats_itself);
  CHECK(concern_kind_from("nonsense") == concern_kind::long_file);
}
