#include "code_audit/totals.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "catch.hpp"
#include "code_audit/report.hpp"
#include "code_audit/source_scan.hpp"

using namespace code_audit;

namespace {

file_findings file(int number) {
  std::string text = "#include <common>\n#include \"own_" + std::to_string(number) + ".h\"\n";
  text += "void f" + std::to_string(number) + "() {\n";
  for (int i = 0; i < number; ++i) text += fmt::format("  step_{}();\n", i);
  text += "}\n// TODO " + std::to_string(number) + "\n";
  return std::get<file_findings>(scan_text(fmt::format("src/{:03}.cpp", number), text));
}

}  // namespace

TEST_CASE("totals add up what the files say", "[code_audit]") {
  audit_totals totals;
  for (int i = 1; i <= 20; ++i) totals.add(file(i));
  totals.add(std::get<file_findings>(scan_text("a.py", "x = 1\n")));

  const language_totals sum = totals.sum();
  CHECK(sum.files == 21);
  CHECK(sum.lines == 20 * 5 + 210 + 1);
  CHECK(sum.marker_lines == 20);
  CHECK(sum.functions == 20);
  CHECK(totals.languages.at(language::python).lines == 1);
  REQUIRE(totals.longest_functions.items().size() == 10);
  CHECK(totals.longest_functions.items()[0] == ranked_place{22, "src/020.cpp", 3, "f20"});
  CHECK(totals.first_markers.items()[0] == ranked_place{0, "src/001.cpp", 6, "TODO 1"});
  CHECK(totals.imports.top(1)[0] == std::pair<std::string, std::uint64_t>{"common", 20});
}

TEST_CASE("totals find what two files have in common", "[code_audit]") {
  audit_totals totals;
  file_findings copy = file(20);
  totals.add(copy);
  copy.path = "src/copy.cpp";
  totals.add(copy);
  REQUIRE(totals.duplicates.blocks(9).size() == 1);
  CHECK(totals.duplicates.blocks(9)[0].significant_lines == 21);
}

TEST_CASE("parts add up to the whole in any grouping and order", "[code_audit]") {
  audit_totals whole;
  std::vector<audit_totals> parts(4);
  for (int i = 1; i <= 30; ++i) {
    whole.add(file(i));
    parts[static_cast<std::size_t>(i) % 4].add(file(i));
    const scan_problem problem{problem_kind::binary, fmt::format("p{:02}", i), "is not text"};
    whole.add(problem);
    parts[static_cast<std::size_t>(i) % 3].add(problem);
  }
  const std::string expected = format_report(whole);

  audit_totals left;
  for (const audit_totals& part : parts) left.merge(part);
  audit_totals pair = parts[3];
  pair.merge(parts[2]);
  audit_totals right = parts[1];
  right.merge(pair);
  right.merge(parts[0]);

  CHECK(format_report(left) == expected);
  CHECK(format_report(right) == expected);
}

TEST_CASE("problems are counted by kind with the first examples", "[code_audit]") {
  audit_totals totals;
  for (int i = 9; i >= 0; --i) {
    totals.add(scan_problem{problem_kind::unreadable, fmt::format("f{}", i), "permission denied"});
  }
  const problem_totals& group = totals.problems.at(problem_kind::unreadable);
  CHECK(group.count == 10);
  REQUIRE(group.examples.items().size() == 3);
  CHECK(group.examples.items()[0].path == "f0");
}

TEST_CASE("a listing counts the folder, other files and problems", "[code_audit]") {
  audit_totals totals;
  folder_listing listing;
  listing.other_files = 3;
  listing.problems.push_back({problem_kind::symlink, "a", "is a symbolic link"});
  totals.add(listing);
  CHECK(totals.folders == 1);
  CHECK(totals.other_files == 3);
  CHECK(totals.problems.at(problem_kind::symlink).count == 1);
  CHECK(totals.sum() == language_totals{});
}
