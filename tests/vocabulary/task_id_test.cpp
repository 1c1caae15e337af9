#include "actors/task_id.hpp"

#include <unordered_set>

#include "catch.hpp"
#include "support/printers.hpp"

namespace actors {

TEST_CASE("an id is written as bg_ and its number", "[task_id][B6]") {
  CHECK(to_string(task_id::sequential(0)) == "bg_0");
  CHECK(to_string(task_id::sequential(4'000'000'000'000)) == "bg_4000000000000");
  CHECK(task_id::sequential(7).number() == 7);
}

TEST_CASE("the empty id names nothing and is written as nothing", "[task_id]") {
  CHECK_FALSE(task_id());
  CHECK(to_string(task_id()).empty());
  CHECK(task_id::sequential(0));
  CHECK(task_id() != task_id::sequential(0));
}

TEST_CASE("an id reads back as it was written", "[task_id]") {
  for (const std::uint64_t n : {0ULL, 1ULL, 9ULL, 10ULL, 18'446'744'073'709'551'614ULL}) {
    const auto id = task_id::sequential(n);
    CHECK(task_id::parse(to_string(id)) == id);
  }
}

TEST_CASE("ids are ordered by their numbers", "[task_id][B54]") {
  CHECK(task_id::sequential(2) < task_id::sequential(10));
  CHECK(task_id() < task_id::sequential(0));
}

TEST_CASE("different ids have different hashes", "[task_id]") {
  std::unordered_set<std::size_t> seen{std::hash<task_id>{}(task_id())};
  for (std::uint64_t n = 0; n < 1000; ++n)
    seen.insert(std::hash<task_id>{}(task_id::sequential(n)));
  CHECK(seen.size() == 1001);
}

TEST_CASE("no other text reads as an id", "[task_id]") {
  for (const auto* text :
       {"", "bg", "bg_", "bg_x", "bg_-1", "bg_+1", "bg_007", "bg_1 ", " bg_1", "BG_1", "bg_1.0",
        "7", "bg_18446744073709551615", "bg_99999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(task_id::parse(text));
  }
}

}  // namespace actors
