#include "code_audit/counted_table.hpp"

#include <string>

#include "catch.hpp"
#include "code_audit/top_list.hpp"

using namespace code_audit;

using rows = std::vector<std::pair<std::string, std::uint64_t>>;

TEST_CASE("counts are exact up to the limit, in any order of merging", "[code_audit]") {
  counted_table a(4);
  counted_table b(4);
  a.add("x", 2);
  a.add("y");
  b.add("x");
  b.add("z", 5);
  counted_table ab = a;
  ab.merge(b);
  counted_table ba = b;
  ba.merge(a);

  CHECK(ab.top(9) == rows{{"z", 5}, {"x", 3}, {"y", 1}});
  CHECK(ba.top(9) == ab.top(9));
  CHECK(ab.top(1) == rows{{"z", 5}});
  CHECK_FALSE(ab.is_saturated());
}

TEST_CASE("a full table keeps the frequent names and says by how much it may err", "[code_audit]") {
  counted_table table(10);
  for (int i = 0; i < 1000; ++i) {
    table.add("often");
    table.add("rare" + std::to_string(i));
  }
  CHECK(table.is_saturated());
  CHECK(table.size() <= 15);
  CHECK(table.undercount() <= 2000 / 10);
  REQUIRE(table.top(1)[0].first == "often");
  CHECK(table.top(1)[0].second <= 1000);
  CHECK(table.top(1)[0].second + table.undercount() >= 1000);
}

TEST_CASE("a table without room counts nothing", "[code_audit]") {
  counted_table table(0);
  table.add("a");
  CHECK(table.top(1).empty());
}

TEST_CASE("a top list keeps the first items whatever the order of adding", "[code_audit]") {
  top_list<int> up(3);
  top_list<int> down(3);
  for (int i = 1; i <= 9; ++i) up.add(i);
  for (int i = 9; i >= 1; --i) down.add(i);
  CHECK(up.items() == std::vector<int>{1, 2, 3});
  CHECK(down.items() == up.items());

  top_list<int> other(3);
  other.add(0);
  up.merge(other);
  CHECK(up.items() == std::vector<int>{0, 1, 2});

  top_list<int> none(0);
  none.add(1);
  CHECK(none.items().empty());
}
