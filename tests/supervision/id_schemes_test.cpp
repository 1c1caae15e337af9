#include <set>

#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

namespace actors {

using namespace test;
using testing::recorder;
using testing::simulated_runtime;

TEST_CASE("a manager writes its ids as its options say, and finds tasks by them",
          "[ids][A2][D23]") {
  for (const auto how : {id_scheme::bg, id_scheme::deleg, id_scheme::uuid}) {
    simulated_runtime sim(1, {.manager = {.ids = how}});
    recorder owner(sim);
    std::set<std::string> texts;
    for (int i = 0; i < 300; ++i) {
      const auto task = *owner->spawn({}, answer, i);
      const auto text = to_string(task.id());
      texts.insert(text);
      CHECK(owner->parse_id(text) == task.id());
      CHECK(owner->find(*owner->parse_id(text)) == task);
    }
    sim.run();
    CHECK(texts.size() == 300);
    CHECK(owner->get(*owner->parse_id(*texts.begin()))->state == task_state::completed);
    CHECK_FALSE(owner->parse_id("lead"));
  }
}

TEST_CASE("random ids differ between managers and between seeds, and a seed repeats them",
          "[ids][A2][guarantee-12]") {
  const auto first_id = [](std::uint64_t seed) {
    simulated_runtime sim(seed, {.manager = {.ids = id_scheme::deleg}});
    auto other = sim.open_manager({.ids = id_scheme::deleg});
    recorder here(sim, "here");
    recorder there(sim, other, "there");
    const auto id = here->spawn({}, nothing)->id();
    const auto other_id = there->spawn({}, nothing)->id();
    CHECK(to_string(id) != to_string(other_id));
    CHECK_FALSE(here->find(other_id));  // its number is one that this manager knows
    return to_string(id);
  };
  CHECK(first_id(1) == first_id(1));
  CHECK(first_id(1) != first_id(2));
}

TEST_CASE("random ids differ from one start of a program to the next", "[ids][A2]") {
  const auto first_id = [] {
    runtime real({.workers = 1, .manager = {.ids = id_scheme::uuid}});
    return to_string(real.open_owner("o").spawn({}, nothing)->id());
  };
  CHECK(first_id() != first_id());
}

TEST_CASE("a refused spawn takes no id, whatever the scheme", "[ids][B6][A5]") {
  const auto third_id = [](int refused) {
    simulated_runtime sim(1, {.manager = {.ids = id_scheme::deleg}});
    recorder owner(sim);
    REQUIRE(owner->spawn({.name = "n"}, wait_for_cancel));
    for (int i = 0; i < refused; ++i) REQUIRE_FALSE(owner->spawn({.name = "n"}, nothing));
    for (int i = 0; i < refused; ++i) REQUIRE_FALSE(owner->spawn({.name = "self"}, nothing));
    return to_string(owner->spawn({}, nothing)->id());
  };
  CHECK(third_id(0) == third_id(5));
}

TEST_CASE("a name that looks like one of the manager's ids is refused", "[ids][B55]") {
  simulated_runtime sim(1, {.manager = {.ids = id_scheme::deleg}});
  recorder owner(sim);
  CHECK(owner->spawn({.name = "deleg_0123abcd"}, nothing).error() ==
        error{error_code::invalid_argument,
              "spec.name must not look like an id, it is 'deleg_0123abcd'"});
  CHECK_FALSE(owner->spawn({.name = "bg_0"}, nothing));
  CHECK(owner->spawn({.name = "deleg_0123"}, nothing));
  auto other = sim.open_manager({.ids = id_scheme::uuid});
  recorder there(sim, other, "there");
  CHECK_FALSE(there->spawn({.name = "01234567-89ab-cdef-0123-456789abcdef"}, nothing));
  CHECK(there->spawn({.name = "deleg_0123abcd"}, nothing));
}

}  // namespace actors
