#include "actors/json.hpp"

#include "catch.hpp"
#include "support/printers.hpp"

namespace actors {

namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

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

TEST_CASE("bad UTF-8 is written as the replacement character", "[json]") {
  CHECK(dump_json(json("a\xff")) == "\"a\xEF\xBF\xBD\"");
}

}  // namespace actors
