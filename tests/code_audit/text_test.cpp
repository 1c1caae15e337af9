#include "code_audit/text.hpp"

#include "catch.hpp"

using namespace code_audit;

TEST_CASE("lines are found by number and by offset", "[code_audit]") {
  const std::string_view text = "ab\n\ncd";
  const line_index lines(text);
  CHECK(lines.count() == 3);
  CHECK(lines.line(1) == "ab");
  CHECK(lines.line(2).empty());
  CHECK(lines.line(3) == "cd");
  CHECK(lines.line_of(0) == 1);
  CHECK(lines.line_of(2) == 1);
  CHECK(lines.line_of(3) == 2);
  CHECK(lines.line_of(99) == 3);
}

TEST_CASE("a line out of range is empty", "[code_audit]") {
  const line_index lines("ab\n");
  CHECK(lines.count() == 1);
  CHECK(lines.line(0).empty());
  CHECK(lines.line(2).empty());
  CHECK(line_index("").count() == 0);
  CHECK(line_index("").line(1).empty());
}

TEST_CASE("clean text has no controls and is UTF-8", "[code_audit]") {
  CHECK(clean_text("a\tb\x1b[1m\x7f") == "a b [1m ");
  CHECK(clean_text("\xc2\x9b") == " ");
  CHECK(clean_text("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
  CHECK(clean_text("\xc3") == "\xef\xbf\xbd");
  CHECK(clean_text("\xed\xa0\x80") == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(clean_text("a\xc3\xbc", 2) == "a");
}

TEST_CASE("white space is trimmed at both ends", "[code_audit]") {
  CHECK(trimmed(" \t a b \r\n") == "a b");
  CHECK(trimmed(" \n").empty());
}
