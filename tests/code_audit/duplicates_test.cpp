#include "code_audit/duplicates.hpp"

#include <fmt/format.h>

#include <string>

#include "catch.hpp"
#include "code_audit/source_scan.hpp"

using namespace code_audit;

namespace {

std::string numbered(int from, int to) {
  std::string text;
  for (int i = from; i <= to; ++i) text += fmt::format("call_{}();\n", i);
  return text;
}

fingerprint_list scanned(std::string_view text, std::size_t max_windows = 10'000) {
  auto result = scan_text("a.cpp", text, {.max_windows = max_windows});
  return std::get<file_findings>(result).fingerprints;
}

}  // namespace

TEST_CASE("adjacent equal windows become one block with both places", "[code_audit]") {
  duplicate_table table(1000);
  table.add("b.cpp", scanned("x();\n\n" + numbered(1, 20) + "y();\n"));
  table.add("a.cpp", scanned(numbered(100, 110) + numbered(1, 20)));

  const auto blocks = table.blocks(10);

  REQUIRE(blocks.size() == 1);
  CHECK(blocks[0] == duplicate_block{"a.cpp", 12, 31, "b.cpp", 3, 22, 20, 2, false});
}

TEST_CASE("blocks are found inside one file", "[code_audit]") {
  duplicate_table table(1000);
  table.add("a.cpp", scanned(numbered(1, 8) + numbered(50, 60) + numbered(1, 8)));
  REQUIRE(table.blocks(10).size() == 1);
  CHECK(table.blocks(10)[0] == duplicate_block{"a.cpp", 1, 8, "a.cpp", 20, 27, 8, 2, false});
}

TEST_CASE("five equal lines are no block", "[code_audit]") {
  duplicate_table table(1000);
  table.add("a.cpp", scanned(numbered(1, 5) + numbered(10, 15)));
  table.add("b.cpp", scanned(numbered(1, 5) + numbered(20, 25)));
  CHECK(table.blocks(10).empty());
  CHECK(table.repeated_share() == 0);
}

TEST_CASE("a block knows how many copies there are", "[code_audit]") {
  duplicate_table table(1000);
  for (const char* path : {"c", "a", "d", "b"}) table.add(path, scanned(numbered(1, 9)));
  const auto blocks = table.blocks(10);
  REQUIRE(blocks.size() == 1);
  CHECK(blocks[0].path_a == "a");
  CHECK(blocks[0].path_b == "b");
  CHECK(blocks[0].copies == 4);
  CHECK(table.repeated_share() == Approx(0.75));
}

TEST_CASE("tables add up to the same in any order, thinned or not", "[code_audit]") {
  for (const std::size_t limit : {std::size_t{10'000}, std::size_t{300}}) {
    duplicate_table forward(limit);
    duplicate_table left(limit);
    duplicate_table right(limit);
    for (int i = 0; i < 40; ++i) {
      const auto list = scanned(numbered(i * 10, i * 10 + 60));
      forward.add(fmt::format("f{:02}", i), list);
      (i % 3 == 0 ? left : right).add(fmt::format("f{:02}", i), list);
    }
    duplicate_table one = right;
    one.merge(left);
    duplicate_table other = left;
    other.merge(right);

    CHECK(forward.is_thinned() == (limit == 300));
    CHECK(forward.size() <= limit);
    CHECK(one.blocks(1000) == forward.blocks(1000));
    CHECK(other.blocks(1000) == forward.blocks(1000));
    CHECK(one.repeated_share() == forward.repeated_share());
  }
}

TEST_CASE("a thinned table still finds long blocks, about as long", "[code_audit]") {
  duplicate_table table(400);
  for (int i = 0; i < 30; ++i) {
    table.add(fmt::format("f{}", i), scanned(numbered(1000 + i * 100, 1090 + i * 100)));
  }
  table.add("x", scanned(numbered(1, 300)));
  table.add("y", scanned(numbered(5000, 5020) + numbered(1, 300)));
  REQUIRE(table.is_thinned());
  REQUIRE_FALSE(table.blocks(1).empty());
  const duplicate_block block = table.blocks(1)[0];
  CHECK(block.is_approximate);
  CHECK(block.path_a == "x");
  CHECK(block.significant_lines > 200);
  CHECK(block.significant_lines <= 300);
  CHECK(block.first_b - block.first_a == 21);
}

TEST_CASE("a file thinned on its way is matched with one that was not", "[code_audit]") {
  duplicate_table table(10'000);
  table.add("a", scanned(numbered(1, 200)));
  table.add("b", scanned(numbered(1, 200), 50));
  REQUIRE_FALSE(table.is_thinned());
  REQUIRE(table.blocks(9).size() == 1);
  CHECK(table.blocks(9)[0].is_approximate);
  CHECK(table.blocks(9)[0].significant_lines > 150);
}

TEST_CASE("a table without room finds nothing", "[code_audit]") {
  duplicate_table table(0);
  table.add("a", scanned(numbered(1, 20)));
  table.merge(table);
  CHECK(table.blocks(1).empty());
}
