#include "code_audit/summary.hpp"

#include <fmt/format.h>

#include <string>

#include "catch.hpp"
#include "code_audit/source_scan.hpp"

using namespace code_audit;
using nlohmann::json;

namespace {

file_findings large_file() {
  std::string text;
  for (int i = 0; i < 3000; ++i) {
    text += fmt::format("#include <a_rather_long_name/of_a_header_{}.hpp>\n", i);
    text += fmt::format("void function_{}() {{ call(); }}  // TODO: {}\n", i, i);
  }
  return std::get<file_findings>(scan_text("src/large.cpp", text));
}

}  // namespace

TEST_CASE("findings come back from JSON as they were", "[code_audit]") {
  const auto found = std::get<file_findings>(
      scan_text("a.cpp",
                "#include <x>\nvoid f() {\n  if (a) { b(); } // TODO \"c\"\n  c();\n  d();\n"
                "  e();\n  g();\n  h();\n}"));
  const json travelled = json::parse(json(found).dump());
  CHECK(travelled.get<file_findings>() == found);
}

TEST_CASE("a summary of a large file is small and keeps its counts", "[code_audit]") {
  const file_findings found = large_file();
  const file_findings summary = summary_of(found);

  CHECK(json(summary).dump().size() < 64 * 1024);
  CHECK(summary.function_count == 3000);
  CHECK(summary.import_count == 3000);
  CHECK(summary.marker_lines == 3000);
  CHECK(summary.functions.size() == 16);
  CHECK(summary.imports.size() == 200);
  CHECK(summary.fingerprints.windows.size() <= 1000);
  CHECK(summary.fingerprints.thinning > 0);
}

TEST_CASE("a name that is not UTF-8 does not break a message", "[code_audit]") {
  const auto found = std::get<file_findings>(scan_text("\xff\x01.c", "int x;\n"));
  std::string text;
  REQUIRE_NOTHROW(text = json(found).dump());
  CHECK(json::parse(text).at("path") == "\xef\xbf\xbd .c");
  CHECK_NOTHROW(json(scan_problem{problem_kind::binary, "\xc3", "\xff"}).dump());
}

TEST_CASE("problems, concerns, verdicts and blocks come back from JSON", "[code_audit]") {
  const scan_problem problem{problem_kind::mount_point, "a", "b"};
  CHECK(json(problem).get<scan_problem>() == problem);
  const concern_reason reason{concern_kind::deep_nesting, 1.5, 2, 3, "f", "text"};
  CHECK(json(reason).get<concern_reason>() == reason);
  const verdict answer{opinion::disagree, -1.5, {"a", "b"}};
  CHECK(json(answer).get<verdict>() == answer);
  const duplicate_block block{"a", 1, 2, "b", 3, 4, 5, 6, true};
  CHECK(json(block).get<duplicate_block>() == block);
}

TEST_CASE("what is no message decodes to nothing", "[code_audit]") {
  CHECK(decode<file_findings>(json(large_file())));
  CHECK_FALSE(decode<file_findings>(json()));
  CHECK_FALSE(decode<file_findings>(json("text")));
  CHECK_FALSE(decode<file_findings>(json{{"path", 7}}));
  CHECK_FALSE(decode<verdict>(json::array()));
  json odd = json(std::get<file_findings>(scan_text("a.c", "int x;\n")));
  odd["windows"] = {"not", "a", "number", "!"};
  CHECK_FALSE(decode<file_findings>(odd));
}

TEST_CASE("the totals say in JSON what the report says", "[code_audit]") {
  audit_totals totals;
  totals.add(large_file());
  totals.add(scan_problem{problem_kind::binary, "b", "is not text"});
  const json j = totals;
  CHECK(j.at("files") == 1);
  CHECK(j.at("functions") == 3000);
  CHECK(j.at("languages").at("C++").at("lines") == 6000);
  CHECK(j.at("longest_functions").size() == 10);
  CHECK(j.at("problems").at("binary").at("count") == 1);
}
