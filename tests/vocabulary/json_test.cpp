#include "actors/json.hpp"

#include "catch.hpp"
#include "support/printers.hpp"

namespace actors {

namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

json tower(std::size_t depth) {
  json top = json::array();
  for (std::size_t i = 1; i < depth; ++i) {
    json above = json::object();
    above["down"] = std::move(top);
    top = std::move(above);
  }
  return top;
}

}  // namespace

TEST_CASE("JSON reads back as it was written", "[json]") {
  const json value = {{"text", "a\"b\\c\n"}, {"list", {1, 2.5, nullptr, true}}, {"none", {}}};
  CHECK(parse_json(dump_json(value)).value() == value);
  CHECK(dump_json(value).find('\n') == std::string::npos);
}

TEST_CASE("brackets inside of strings do not count as nesting", "[json]") {
  CHECK(parse_json(R"(["[[[[", "\"[[[[", "\\"])", {.max_depth = 1}).has_value());
}

TEST_CASE("nesting is allowed up to its limit", "[json]") {
  CHECK(parse_json(nested(3), {.max_depth = 3}).has_value());
  const auto refused = parse_json(nested(4), {.max_depth = 3});
  CHECK(refused.error() ==
        error{error_code::invalid_argument, "JSON nests deeper than the limit of 3 at byte 3"});
}

TEST_CASE("a million open brackets are refused before anything is built", "[json]") {
  CHECK(parse_json(std::string(1'000'000, '[')).error().code == error_code::invalid_argument);
}

TEST_CASE("text is allowed up to its limit", "[json]") {
  CHECK(parse_json("12345", {.max_bytes = 5}).value() == 12345);
  CHECK(parse_json("123456", {.max_bytes = 5}).error() ==
        error{error_code::invalid_argument, "JSON text of 6 bytes is longer than the limit of 5"});
}

TEST_CASE("what is not JSON is refused with the place", "[json]") {
  for (const auto* text : {"", "{", "[1,]", "nul", "{\"a\":1} x", "\"\xff\"", "]"}) {
    CAPTURE(text);
    const auto why = parse_json(text).error();
    CHECK(why.code == error_code::invalid_argument);
    CHECK(why.message.starts_with("not JSON at byte "));
  }
}

TEST_CASE("the depth of a value is that of its deepest part", "[json]") {
  CHECK_FALSE(nests_deeper(1, 0));
  CHECK(nests_deeper(json::array(), 0));
  const json value = {1, {{"a", {1, 2}}, {"b", 3}}, {4}};
  CHECK(nests_deeper(value, 2));
  CHECK_FALSE(nests_deeper(value, 3));
  CHECK(nests_deeper(tower(100'000), 99'999));
  CHECK_FALSE(nests_deeper(tower(100'000), 100'000));
}

TEST_CASE("what nests too deeply is cut in a copy", "[json]") {
  const json value = {1, {{"a", {2, 3}}, {"b", 4}}, {5}};
  CHECK(copy_to_depth(value, 3) == value);
  CHECK(copy_to_depth(value, 2) == json{1, {{"a", "(nested deeper than 2)"}, {"b", 4}}, {5}});
  CHECK(copy_to_depth(value, 0) == "(nested deeper than 0)");
  CHECK(copy_to_depth(7, 0) == 7);
}

TEST_CASE("a value is written whatever its depth", "[json]") {
  CHECK(parse_json(dump_json(tower(max_written_depth)), {.max_depth = max_written_depth}).value() ==
        tower(max_written_depth));
  const auto cut = dump_json(tower(100'000));
  CHECK_THAT(cut, Catch::Contains("{\"down\":\"(nested deeper than 1000)\"}"));
  CHECK(parse_json(cut, {.max_depth = max_written_depth}).has_value());
}

TEST_CASE("bad UTF-8 is written as the replacement character", "[json]") {
  CHECK(dump_json(json("a\xff")) == "\"a\xEF\xBF\xBD\"");
}

}  // namespace actors
