#include "actors/task_id.hpp"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "catch.hpp"
#include "support/printers.hpp"

namespace actors {

namespace {

bool is_lower_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

constexpr std::uint64_t numbers[] = {
    0, 1, 2, 255, 65'536, 4'294'967'295, 4'294'967'296, 18'446'744'073'709'551'614U};

}  // namespace

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

TEST_CASE("a short random id is deleg_ and eight hexadecimal digits", "[task_id][A2]") {
  const id_series ids(id_scheme::deleg, 42);
  std::set<std::string> seen;
  std::set<std::string> beginnings;
  for (std::uint64_t n = 0; n < 20'000; ++n) {
    const auto text = to_string(ids.at(n));
    if (text.size() != 14 || !text.starts_with("deleg_") || !is_lower_hex(text.substr(6))) {
      FAIL(text);
    }
    seen.insert(text);
    if (n < 64) beginnings.insert(text.substr(6, 2));
  }
  CHECK(seen.size() == 20'000);
  CHECK(beginnings.size() > 40);  // neighbours look nothing alike
}

TEST_CASE("a uuid has its version and variant", "[task_id]") {
  const id_series ids(id_scheme::uuid, 42);
  std::set<std::string> seen;
  for (std::uint64_t n = 0; n < 20'000; ++n) {
    auto text = to_string(ids.at(n));
    if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[14] != '4' ||
        text[18] != '-' || std::string_view("89ab").find(text[19]) == std::string_view::npos ||
        text[23] != '-') {
      FAIL(text);
    }
    std::erase(text, '-');
    if (!is_lower_hex(text)) FAIL(text);
    seen.insert(std::move(text));
  }
  CHECK(seen.size() == 20'000);
}

TEST_CASE("an id of any scheme reads back as it was written, where it belongs", "[task_id]") {
  for (const auto how : {id_scheme::bg, id_scheme::deleg, id_scheme::uuid}) {
    const id_series ids(how, 0x1234'5678'9abc'def0);
    const id_series others(how, 0x1234'5678'9abc'deff);
    CHECK(ids.at(0).scheme() == how);
    for (const auto n : numbers) {
      const auto text = to_string(ids.at(n));
      CAPTURE(text);
      CHECK(ids.parse(text) == ids.at(n));
      CHECK(ids.at(n).number() == n);
      if (how == id_scheme::bg) continue;
      CHECK_FALSE(task_id::parse(text));
      CHECK(others.at(n) != ids.at(n));
      CHECK(to_string(others.at(n)) != text);
      CHECK(others.parse(text) != ids.at(n));
    }
  }
}

TEST_CASE("only one text stands for an id", "[task_id]") {
  const id_series deleg(id_scheme::deleg, 7);
  const id_series uuid(id_scheme::uuid, 7);
  for (const auto* text :
       {"", "deleg_", "deleg_1234567", "deleg_1234567G", "deleg_012345678", "DELEG_12345678",
        "deleg_ABCDEF12", "deleg_12345678901234567", "bg_1", "12345678"}) {
    CAPTURE(text);
    CHECK_FALSE(deleg.parse(text));
  }
  auto text = to_string(uuid.at(3));
  CHECK_FALSE(uuid.parse(text + "0"));
  text.back() = text.back() == '0' ? '1' : '0';
  CHECK_FALSE(uuid.parse(text));
  CHECK(uuid.resembles(text));
  CHECK(uuid.resembles("00000000-0000-0000-0000-00000000000A"));
  CHECK_FALSE(uuid.resembles("00000000-0000-0000-0000-00000000000"));
  CHECK(deleg.resembles("deleg_00000000"));
  CHECK_FALSE(deleg.resembles("deleg_x"));
  CHECK(id_series().resembles("bg_7"));
}

}  // namespace actors
