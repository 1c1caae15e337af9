#include "code_audit/critique.hpp"

#include <fmt/format.h>

#include <string>

#include "catch.hpp"
#include "code_audit/code_facts.hpp"
#include "code_audit/source_scan.hpp"

using namespace code_audit;

namespace {

verdict about(concern_kind kind, const std::string& text) {
  const auto found = std::get<file_findings>(scan_text("a.cpp", text));
  const auto reasons = concern(found).reasons;
  for (const concern_reason& reason : reasons) {
    if (reason.kind == kind) return critique(reason, text, found.lang);
  }
  FAIL("there is no such concern");
  return {};
}

std::string repeated(int count, std::string_view pattern) {
  std::string text;
  for (int i = 0; i < count; ++i) text += fmt::format(fmt::runtime(pattern), i);
  return text;
}

}  // namespace

TEST_CASE("a long function that decides a lot is too long", "[code_audit]") {
  const auto answer =
      about(concern_kind::long_function,
            "void f() {\n" + repeated(60, "  if (a_{0} && b) {{\n    c({0});\n  }}\n") + "}\n");
  CHECK(answer.answer == opinion::agree);
  CHECK(answer.weight >= 1);
  CHECK_FALSE(answer.reasons.empty());
}

TEST_CASE("a long function that is a table is not too long", "[code_audit]") {
  const auto answer = about(concern_kind::long_function,
                            "void f() {\n  static const row rows[] = {\n" +
                                repeated(120, "    {{\"name\", {}}},\n") + "  };\n}\n");
  CHECK(answer.answer == opinion::disagree);
  CHECK(answer.reasons.at(1).find("rows of a table") != std::string::npos);
}

TEST_CASE("a long function that is a flat list of cases is not too long", "[code_audit]") {
  const auto answer =
      about(concern_kind::long_function,
            "const char* f(int a) {\n  switch (a) {\n" +
                repeated(60, "    case {0}:\n      return name_{0};\n") + "  }\n}\n");
  CHECK(answer.answer == opinion::disagree);
}

TEST_CASE("a function long by its comments is not too long", "[code_audit]") {
  const auto answer =
      about(concern_kind::long_function, "void f() {\n" + repeated(80, "  // because {}\n") +
                                             repeated(20, "  g({});\n") + "}\n");
  CHECK(answer.answer == opinion::disagree);
}

TEST_CASE("depth counts where much of the code is deep", "[code_audit]") {
  std::string text = "void f() {\n";
  std::string indent = "  ";
  for (int i = 0; i < 6; ++i, indent += "  ") text += indent + "if (a) {\n";
  const std::string one = indent + "b();\n";
  std::string closing;
  for (int i = 0; i < 6; ++i)
    closing = std::string(2 + 2 * static_cast<std::size_t>(i), ' ') + "}\n" + closing;
  std::string much = text;
  for (int i = 0; i < 20; ++i) much += one;
  CHECK(about(concern_kind::deep_nesting, much + closing + "}\n").answer == opinion::agree);
  CHECK(about(concern_kind::deep_nesting, text + closing + "}\n").answer != opinion::agree);
}

TEST_CASE("markers count by their density", "[code_audit]") {
  const std::string markers = "// TODO\n// TODO\n// TODO\n// TODO\n";
  CHECK(about(concern_kind::many_markers, markers + repeated(50, "a_{}();\n")).answer ==
        opinion::agree);
  CHECK(about(concern_kind::many_markers, markers + repeated(3000, "a_{}();\n")).answer ==
        opinion::disagree);
}

TEST_CASE("code that decides needs comments, code that does not needs none", "[code_audit]") {
  CHECK(about(concern_kind::few_comments, repeated(300, "if (a_{}) b();\n")).answer ==
        opinion::agree);
  CHECK(about(concern_kind::few_comments, repeated(300, "int a_{};\n")).answer ==
        opinion::disagree);
}

TEST_CASE("a long line of text is fine and a long line of code is not", "[code_audit]") {
  CHECK(about(concern_kind::long_lines, "x = \"" + std::string(300, 'a') + "\";\n").answer ==
        opinion::disagree);
  CHECK(about(concern_kind::long_lines, "x = " + std::string(300, 'a') + ";\n").answer ==
        opinion::agree);
}

TEST_CASE("repetition counts by its share", "[code_audit]") {
  const std::string block = repeated(30, "call_{}();\n");
  CHECK(about(concern_kind::repeats_itself, block + block).answer == opinion::agree);
}

TEST_CASE("a claim about lines that are not there is refused", "[code_audit]") {
  const concern_reason claim{concern_kind::long_function, 1, 50, 100, "f", ""};
  CHECK(critique(claim, "int x;\n", language::cpp).answer == opinion::disagree);
  CHECK(critique(claim, "", language::cpp).answer == opinion::disagree);
  const concern_reason beyond{concern_kind::long_function, 1, 1, 4'000'000'000U, "f", ""};
  CHECK_NOTHROW(critique(beyond, "int x;\n", language::cpp));
}

TEST_CASE("a critic measures what it is asked about and no more", "[code_audit]") {
  const std::string text = "// a\nif (b && c) {\n  // TODO\n}\n\nwhile (d) e();\n";
  const prepared_source source(text, language::cpp);
  const code_facts part = measure(source, 2, 3);
  CHECK(part.lines == 3);
  CHECK(part.code_lines == 2);
  CHECK(part.comment_lines == 1);
  CHECK(part.branches == 2);
  CHECK(part.marker_lines == 1);
  CHECK(measure(source, 1, 0).branches == 3);
  CHECK(measure(source, 7, 1).lines == 0);
}

TEST_CASE("a critic compares both places of a block line by line", "[code_audit]") {
  const std::string one = repeated(40, "call_{}();\n");
  const std::string other = "#include <x>\n" + repeated(40, "  call_{}();  // copied\n\n");
  const duplicate_block block{"a.cpp", 1, 40, "b.cpp", 2, 81, 40, 2, true};
  CHECK(critique_block(block, one, other).answer == opinion::agree);
  CHECK(critique_block(block, one, repeated(90, "else_{}();\n")).answer == opinion::disagree);
  CHECK(critique_block(block, one, "").answer == opinion::disagree);
}

TEST_CASE("opinions have names", "[code_audit]") {
  CHECK(opinion_from(to_string(opinion::disagree)) == opinion::disagree);
  CHECK(opinion_from("nonsense") == opinion::unsure);
}
