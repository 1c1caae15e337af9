#include "code_audit/fingerprints.hpp"

#include <fmt/format.h>

#include <string>

#include "catch.hpp"
#include "code_audit/mask.hpp"

using namespace code_audit;

namespace {

fingerprint_list windows_of(std::string_view text, std::size_t max = 1000,
                            language lang = language::cpp) {
  const std::string masked = mask(text, lang);
  const line_index lines(text);
  const source_view source{text, masked, lang, lines};
  return find_windows(source, find_imports(source), max);
}

std::string numbered(int from, int to) {
  std::string text;
  for (int i = from; i <= to; ++i) text += fmt::format("call_{}();\n", i);
  return text;
}

}  // namespace

TEST_CASE("n significant lines have n - 5 windows", "[code_audit]") {
  const auto list = windows_of(numbered(1, 8));
  REQUIRE(list.windows.size() == 3);
  CHECK(list.significant_lines == 8);
  CHECK(list.windows[1].ordinal == 1);
  CHECK(list.windows[1].line == 2);
  CHECK(list.windows[1].last_line == 7);
  CHECK(windows_of(numbered(1, 5)).windows.empty());
}

TEST_CASE("white space, comments, imports and punctuation make no difference", "[code_audit]") {
  const auto plain = windows_of("a b();\nc();\nd();\ne();\nf();\ng();\n");
  const auto busy = windows_of(
      "#include <x>\n\n  a \t b(); // x\n{\nc();\n\n/* y */ d();\ne();\n}\nf();\n  g();");
  REQUIRE(plain.windows.size() == 1);
  REQUIRE(busy.windows.size() == 1);
  CHECK(plain.windows[0].hash == busy.windows[0].hash);
  CHECK(busy.windows[0].line == 3);
  CHECK(busy.windows[0].last_line == 11);
}

TEST_CASE("the order of lines and the contents of strings make a difference", "[code_audit]") {
  const auto hash = [](std::string_view text) { return windows_of(text).windows.at(0).hash; };
  const auto one = hash("a(\"x\");\nb;\nc;\nd;\ne;\nf;\n");
  CHECK(one != hash("a(\"y\");\nb;\nc;\nd;\ne;\nf;\n"));
  CHECK(one != hash("b;\na(\"x\");\nc;\nd;\ne;\nf;\n"));
}

TEST_CASE("a stretch that stands twice is counted once more", "[code_audit]") {
  const auto list = windows_of(numbered(1, 6) + numbered(7, 9) + numbered(1, 6));
  CHECK(list.repeated_windows == 1);
  CHECK(list.windows.size() == 10);
}

TEST_CASE("equal lines in a row do not repeat themselves at every line", "[code_audit]") {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "same();\n";
  const auto list = windows_of(text);
  CHECK(list.windows.size() == 6);
  CHECK(list.repeated_windows == 5);
}

TEST_CASE("thinning keeps the same windows in every file", "[code_audit]") {
  const auto all = windows_of(numbered(1, 500));
  const auto few = windows_of(numbered(1, 500), 100);
  CHECK(few.windows.size() <= 100);
  CHECK(few.windows.size() > 20);
  CHECK(few.thinning >= 3);
  for (const window& w : all.windows) {
    const bool is_kept = std::find(few.windows.begin(), few.windows.end(), w) != few.windows.end();
    CHECK(is_kept == survives(w.hash, few.thinning));
  }
}

TEST_CASE("prose and data have no windows", "[code_audit]") {
  CHECK(windows_of(numbered(1, 50), 1000, language::markdown).windows.empty());
  CHECK(windows_of(numbered(1, 50), 1000, language::json).windows.empty());
}
