#include "code_audit/report.hpp"

#include <algorithm>
#include <sstream>
#include <string>

#include "catch.hpp"
#include "code_audit/source_scan.hpp"

using namespace code_audit;
using Catch::Matchers::Contains;

namespace {

audit_totals small_tree() {
  audit_totals totals;
  folder_listing root;
  root.other_files = 1;
  totals.add(root);
  std::string text = "#include <vector>\nint sum(int a, int b) {\n";
  for (int i = 0; i < 8; ++i) text += "  a += weigh(b, " + std::to_string(i) + ");\n";
  text += "  return a;  // FIXME: too slow\n}\n";
  for (const char* path : {"/tree/one.cpp", "/tree/two.cpp"}) {
    totals.add(std::get<file_findings>(scan_text(path, text)));
  }
  totals.add(scan_problem{problem_kind::too_large, "/tree/big.c", "holds 9 bytes, the limit is 8"});
  return totals;
}

std::size_t widest(const std::string& report) {
  std::istringstream lines(report);
  std::string line;
  std::size_t most = 0;
  while (std::getline(lines, line)) most = std::max(most, line.size());
  return most;
}

}  // namespace

TEST_CASE("a report names what was found", "[code_audit]") {
  const std::string report = format_report(small_tree(), {.title = "Audit of x", .base = "/tree"});
  CHECK_THAT(report, Contains("Audit of x\n==========\n2 files in 1 folder: 24 lines, "));
  CHECK_THAT(report, Contains("1 other file not looked into"));
  CHECK_THAT(report, Contains("C++                 2          24"));
  CHECK_THAT(report, Contains("11 lines  sum"));
  CHECK_THAT(report, Contains("one.cpp:2"));
  CHECK_THAT(report, Contains("FIXME: too slow"));
  CHECK_THAT(report, Contains("2 times  vector"));
  CHECK_THAT(report, Contains("one.cpp:2-11"));
  CHECK_THAT(report, Contains("1 too large"));
  CHECK_THAT(report, !Contains("/tree/"));
  CHECK(report.back() == '\n');
}

TEST_CASE("a report of nothing is short and true", "[code_audit]") {
  CHECK(format_report(audit_totals()) ==
        "Code audit\n==========\n0 files in 0 folders: 0 lines, 0 bytes\n");
}

TEST_CASE("a report keeps within its width", "[code_audit]") {
  audit_totals totals = small_tree();
  const std::string path = "/tree/" + std::string(300, 'p') + ".cpp";
  totals.add(std::get<file_findings>(scan_text(
      path, "void " + std::string(300, 'f') + "() {\n}\n// TODO " + std::string(300, 't'))));
  totals.add(scan_problem{problem_kind::binary, path, std::string(300, 'm')});
  CHECK(widest(format_report(totals, {.width = 96})) <= 96);
  CHECK(widest(format_report(totals, {.width = 80})) <= 80);
  CHECK_NOTHROW(format_report(totals, {.width = 0}));
}

TEST_CASE("names of files cannot drive the terminal", "[code_audit]") {
  audit_totals totals;
  totals.add(scan_problem{problem_kind::binary, "a\x1b[2J\n\xff", "is not text"});
  const std::string report = format_report(totals);
  CHECK(report.find('\x1b') == std::string::npos);
  CHECK(report.find('\xff') == std::string::npos);
}

TEST_CASE("long texts lose their front, characters stay whole", "[code_audit]") {
  CHECK(fit_end("abcdef", 6) == "abcdef");
  CHECK(fit_end("abcdefg", 6) == "...efg");
  CHECK(fit_end("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 4) == "...\xc3\xa4");
}

TEST_CASE("numbers read well", "[code_audit]") {
  CHECK(with_commas(0) == "0");
  CHECK(with_commas(999) == "999");
  CHECK(with_commas(1'234'567) == "1,234,567");
  CHECK(counted(1, "file") == "1 file");
  CHECK(counted(1000, "file") == "1,000 files");
}
