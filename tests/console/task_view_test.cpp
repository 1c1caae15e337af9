#include "actors/console/task_view.hpp"

#include "catch.hpp"

using namespace actors;
using console::fit;
using console::task_view;

namespace {

event make(event_kind kind, std::uint64_t task, std::optional<std::uint64_t> parent = {},
           const std::string& name = {}) {
  event happened;
  happened.kind = kind;
  happened.task = task_id::sequential(task);
  if (parent) happened.parent = task_id::sequential(*parent);
  happened.what = spec{.name = name};
  return happened;
}

event said(std::uint64_t task, const std::string& type, json payload) {
  auto happened = make(event_kind::custom, task);
  happened.type = type;
  happened.payload = std::move(payload);
  return happened;
}

}  // namespace

TEST_CASE("a text that fits is shown as it is", "[console]") {
  CHECK(fit("reader", 6) == "reader");
  CHECK(fit("größe", 5) == "größe");
}

TEST_CASE("a text that is too long ends in an ellipsis, between characters", "[console]") {
  CHECK(fit("surveyor", 5) == "surv…");
  CHECK(fit("äöüäöü", 3) == "äö…");
  CHECK(fit("abc", 1) == "…");
  CHECK(fit("abc", 0).empty());
}

TEST_CASE("control characters cannot reach the terminal", "[console]") {
  CHECK(fit("a\x1b[2Jb\nc", 20) == "a.[2Jb.c");
}

TEST_CASE("children are indented below their parents, in the order of their ids", "[console]") {
  task_view view;
  view.apply(make(event_kind::started, 0, {}, "lead"));
  view.apply(make(event_kind::started, 3, 0, "second"));
  view.apply(make(event_kind::started, 1, 0, "first"));
  view.apply(make(event_kind::started, 2, 1, "leaf"));

  const auto rows = view.rows(40, 10);

  REQUIRE(rows.size() == 4);
  CHECK(rows[0] == "lead  ");
  CHECK(rows[1] == "  first  ");
  CHECK(rows[2] == "    leaf  ");
  CHECK(rows[3] == "  second  ");
}

TEST_CASE("a task shows what it said last, and goes when it has ended", "[console]") {
  task_view view;
  view.apply(make(event_kind::started, 0, {}, "lead"));
  view.apply(said(0, "progress", 7));
  CHECK(view.rows(40, 10).front() == "bg_0  progress 7");

  view.apply(make(event_kind::completed, 0));

  CHECK(view.rows(40, 10).empty());
  CHECK(view.live() == 0);
  CHECK(view.totals() == "0 running, 1 completed");
}

TEST_CASE("the child of an ended task stands on its own", "[console]") {
  task_view view;
  view.apply(make(event_kind::started, 0, {}, "lead"));
  view.apply(make(event_kind::started, 1, 0, "outlives"));
  view.apply(make(event_kind::completed, 0));

  REQUIRE(view.rows(40, 10).size() == 1);
  CHECK(view.rows(40, 10).front() == "outlives  ");
}

TEST_CASE("rows that do not fit are counted in the last one", "[console]") {
  task_view view;
  for (std::uint64_t i = 0; i < 10; ++i) view.apply(make(event_kind::started, i));

  const auto rows = view.rows(40, 4);

  REQUIRE(rows.size() == 4);
  CHECK(rows.back() == "… and 7 more");
  CHECK(view.rows(40, 10).size() == 10);
  CHECK(view.rows(40, 0).empty());
}
