#include "code_audit/mask.hpp"

#include <algorithm>
#include <string>

#include "catch.hpp"

using namespace code_audit;

namespace {

/// The mask in letters: c for comment, s for string, d for documentation.
std::string shown(std::string_view text, language lang) {
  std::string masked = mask(text, lang);
  REQUIRE(masked.size() == text.size());
  std::replace(masked.begin(), masked.end(), comment_mark, 'c');
  std::replace(masked.begin(), masked.end(), string_mark, 's');
  std::replace(masked.begin(), masked.end(), doc_mark, 'd');
  return masked;
}

}  // namespace

TEST_CASE("comments and strings are masked and white space stays", "[code_audit]") {
  CHECK(shown("x /* a b */ y", language::c) == "x cc c c cc y");
  CHECK(shown("x // a\ny", language::cpp) == "x cc c\ny");
  CHECK(shown("f(\"//\", '\"');", language::cpp) == "f(ssss, sss);");
  CHECK(shown("\"a\\\"b\" x", language::java) == "ssssss x");
}

TEST_CASE("a backslash joins the next line to a comment in C", "[code_audit]") {
  CHECK(shown("// a \\\nb\nx", language::c) == "cc c c\nc\nx");
  CHECK(shown("// a \\\nb", language::java) == "cc c c\nb");
}

TEST_CASE("raw strings end at their own delimiter", "[code_audit]") {
  CHECK(shown("R\"x(a)\" )x\" y", language::cpp) == "Rssssss sss y");
  CHECK(shown("r#\"a\" b\"# y", language::rust) == "r#sss sss y");
  CHECK(shown("`a\"\\` y", language::go) == "sssss y");
  CHECK(shown("@\"a\\\" y", language::csharp) == "@ssss y");
}

TEST_CASE("an apostrophe between digits opens no character", "[code_audit]") {
  CHECK(shown("1'000'000 + 'x'", language::cpp) == "1'000'000 + sss");
  CHECK(shown("L'x'", language::cpp) == "Lsss");
}

TEST_CASE("a lifetime is no character", "[code_audit]") {
  CHECK(shown("fn f<'a>(x: &'a str) { 'b' }", language::rust) == "fn f<'a>(x: &'a str) { sss }");
}

TEST_CASE("block comments nest where the language says so", "[code_audit]") {
  CHECK(shown("/* /* */ x */ y", language::rust) == "cc cc cc c cc y");
  CHECK(shown("/* /* */ x", language::c) == "cc cc cc x");
}

TEST_CASE("template literals hold code that holds strings", "[code_audit]") {
  CHECK(shown("`a${ f(\"}`\") }b` + c", language::javascript) == "ssss sssssss sss + c");
}

TEST_CASE("a slash opens a regular expression only where a value may stand", "[code_audit]") {
  CHECK(shown("x = /[/\"]/g", language::javascript) == "x = ssssssg");
  CHECK(shown("x = a / b / \"c\"", language::javascript) == "x = a / b / sss");
  CHECK(shown("return /\"/", language::javascript) == "return sss");
}

TEST_CASE("a string in three quotes documents only where a statement begins", "[code_audit]") {
  CHECK(shown("\"\"\"a\nb\"\"\"", language::python) == "dddd\ndddd");
  CHECK(shown("x = \"\"\"a\n#b\"\"\" # c", language::python) == "x = ssss\nsssss c c");
  CHECK(shown("f(\n\"\"\"a\"\"\")", language::python) == "f(\nsssssss)");
}

TEST_CASE("shell words may hold a hash and documents may hold anything", "[code_audit]") {
  CHECK(shown("echo $# ${x#a} # c", language::shell) == "echo $# ssssss c c");
  CHECK(shown("cat <<E\n}\nE\nx", language::shell) == "cat <<E\ns\ns\nx");
  CHECK(shown("echo $((1<<2))\nx", language::shell) == "echo $((1<<2))\nx");
  CHECK(shown("echo \\' x", language::shell) == "echo \\' x");
}

TEST_CASE("what is not closed ends with its line or with the text", "[code_audit]") {
  CHECK(shown("\"a\nb", language::cpp) == "ss\nb");
  CHECK(shown("/* a\nb", language::cpp) == "cc c\nc");
  CHECK(shown("R\"x(a", language::cpp) == "Rssss");
  CHECK(shown("`${`", language::javascript) == "ssss");
  CHECK(shown("cat <<E\nx", language::shell) == "cat <<E\nx");
  CHECK(shown("", language::cpp).empty());
  CHECK(shown("\\", language::shell) == "\\");
  CHECK(shown("'", language::rust) == "'");
}

TEST_CASE("a line is blank, comment or code", "[code_audit]") {
  CHECK(kind_of_line(" \t\r") == line_kind::blank);
  CHECK(kind_of_line(mask("// a", language::cpp)) == line_kind::comment);
  CHECK(kind_of_line(mask("x // a", language::cpp)) == line_kind::code);
  CHECK(kind_of_line(mask("\"// a\"", language::cpp)) == line_kind::code);
}
