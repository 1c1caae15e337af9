#include "actors/delivery.hpp"

#include <stdexcept>

#include "actors/owner.hpp"
#include "actors/sleep.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/printers.hpp"
#include "support/task_bodies.hpp"

namespace actors {

using namespace std::chrono_literals;
using namespace test;
using testing::simulated_runtime;
using words = std::vector<std::string>;

namespace {

const error not_today{error_code::unsupported, "not today"};

/// What a sink saw, and how it answers.
struct counter {
  words seen;
  std::vector<std::uint32_t> attempts;
  std::size_t failures = 0;  ///< To come.
  bool raises = false;
  duration takes = 0s;

  event_sink sink() {
    return [this](delivery what) -> coroutine<result<void>> { return take(std::move(what)); };
  }
  coroutine<result<void>> take(delivery what) {
    seen.push_back(what.what.id());
    attempts.push_back(what.attempt);
    if (takes > 0s) co_await sleep_for(takes);
    if (failures == 0) co_return result<void>();
    --failures;
    if (raises) throw std::runtime_error("broken");
    co_return not_today;
  }
};

const retry_policy every_second{.base = 1s, .max = 1s, .jitter = 0s};

}  // namespace

TEST_CASE("a sink is given each event, in order, once", "[delivery][B16][B18]") {
  simulated_runtime sim(GENERATE(range(0, 20)));
  counter heard;
  const auto owner = sim.open_owner("o", heard.sink());
  REQUIRE(owner.spawn({}, count_up, 3));
  sim.run();
  CHECK(heard.seen == words{"bg_0:1", "bg_0:2", "bg_0:3", "bg_0:4"});
  CHECK(owner.deliveries().queued == 0);
}

TEST_CASE("a delivery that failed is tried again until it is taken", "[delivery][E14]") {
  simulated_runtime sim;
  counter heard;
  heard.failures = 3;
  heard.raises = GENERATE(false, true);
  const auto owner = sim.open_owner("o", heard.sink(), {.retry = every_second});
  REQUIRE(owner.spawn({}, answer, 1));
  sim.run();
  CHECK(heard.attempts == std::vector<std::uint32_t>{1});
  CHECK(owner.deliveries().next_attempt == sim.now() + 1s);
  sim.advance(3s);
  CHECK(heard.attempts == std::vector<std::uint32_t>{1, 2, 3, 4});
  CHECK(heard.seen == words{"bg_0:1", "bg_0:1", "bg_0:1", "bg_0:1"});
  sim.advance(1h);
  CHECK(heard.seen.size() == 4);
  CHECK(sim.default_manager().dead_letters().empty());
}

TEST_CASE("a sink that fails or hangs delays no other owner", "[delivery][E29]") {
  simulated_runtime sim;
  counter slow;
  slow.takes = 1h;
  counter broken;
  broken.failures = 1'000'000;
  counter well;
  const auto a = sim.open_owner("slow", slow.sink());
  const auto b = sim.open_owner("broken", broken.sink());
  const auto c = sim.open_owner("well", well.sink());
  for (const auto* each : {&a, &b, &c}) REQUIRE(each->spawn({}, answer, 1));
  for (const auto* each : {&a, &b, &c}) REQUIRE(each->spawn({}, answer, 1));
  sim.run();
  CHECK(well.seen.size() == 2);
  CHECK(slow.seen.size() == 1);
  CHECK(broken.seen.size() == 2);
}

TEST_CASE("a sink that takes longer than the lease has failed", "[delivery]") {
  simulated_runtime sim;
  counter heard;
  heard.takes = 1h;
  const auto owner =
      sim.open_owner("o", heard.sink(), {.retry = {.max_attempts = 1}, .lease = 10s});
  REQUIRE(owner.spawn({}, answer, 1));
  sim.advance(10s);
  const auto letters = sim.default_manager().dead_letters();
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].reason == "the sink took longer than the lease");
  CHECK(letters[0].attempts == 1);
}

TEST_CASE("dead letters are listed, replayed under their old ids, and cleared",
          "[delivery][B42][B43]") {
  simulated_runtime sim;
  counter heard;
  heard.failures = 2;
  const auto owner =
      sim.open_owner("o", heard.sink(), {.retry = {.base = 1s, .max = 1s, .max_attempts = 1}});
  for (int i = 0; i < 2; ++i) {
    REQUIRE(owner.spawn({}, answer, i));
    sim.run();
  }
  auto& manager = sim.default_manager();
  REQUIRE(manager.dead_letters().size() == 2);
  CHECK(manager.dead_letters()[0].reason == "the sink refused it: not today");
  SECTION("replayed") {
    const auto other = sim.open_owner("other", counter().sink());
    CHECK(other.replay_dead_letters() == 0);
    heard.seen.clear();
    heard.attempts.clear();
    CHECK(owner.replay_dead_letters() == 2);
    sim.run();
    CHECK(heard.seen == words{"bg_0:1", "bg_1:1"});
    CHECK(heard.attempts == std::vector<std::uint32_t>{1, 1});
    CHECK(manager.dead_letters().empty());
  }
  SECTION("cleared") {
    CHECK(manager.clear_dead_letters("somebody") == 0);
    CHECK(manager.clear_dead_letters("o") == 2);
    CHECK(owner.replay_dead_letters() == 0);
  }
}

TEST_CASE("the last sink that was set for an owner counts", "[delivery][E28]") {
  simulated_runtime sim;
  counter first;
  counter second;
  const auto owner = sim.open_owner("o", first.sink());
  REQUIRE(owner.spawn({}, answer, 1));
  sim.run();
  const auto registration = owner.set_sink(second.sink());
  CHECK(registration != 0);
  REQUIRE(owner.spawn({}, answer, 2));
  sim.run();
  CHECK(first.seen == words{"bg_0:1"});
  CHECK(second.seen == words{"bg_1:1"});
  CHECK_THROWS_AS(owner.set_sink(nullptr), failure);
}

TEST_CASE("only who set the present sink takes it away, and then events are dead letters",
          "[delivery][E28]") {
  simulated_runtime sim;
  counter first;
  counter second;
  counter other;
  const auto owner = sim.open_owner("o", first.sink(), {.retry = every_second});
  const auto bystander = sim.open_owner("bystander", other.sink());
  const auto old = owner.set_sink(first.sink());
  const auto present = owner.set_sink(second.sink());
  CHECK_FALSE(owner.remove_sink(old));
  second.failures = 1;
  REQUIRE(owner.spawn({}, answer, 1));
  sim.run();
  CHECK(owner.remove_sink(present));
  CHECK_FALSE(owner.remove_sink(present));
  REQUIRE(owner.spawn({}, answer, 2));
  sim.run();
  const auto letters = sim.default_manager().dead_letters();
  REQUIRE(letters.size() == 2);
  CHECK(letters[0].attempts == 1);
  for (const auto& each : letters) CHECK(each.reason == "its owner has no sink");
  CHECK(owner.deliveries().queued == 0);

  CHECK(owner.set_sink(first.sink()) != 0);
  CHECK(owner.replay_dead_letters() == 2);
  sim.run();
  CHECK(first.seen == words{"bg_0:1", "bg_1:1"});
  CHECK(other.seen.empty());
}

TEST_CASE("an owner whose name is empty replays no letters of others", "[delivery]") {
  simulated_runtime sim;
  {
    const auto gone = sim.open_owner("gone");
    REQUIRE(gone.spawn({}, answer, 1));
    sim.run();
  }
  const auto nameless = sim.open_owner("");
  CHECK(nameless.replay_dead_letters() == 0);
  CHECK(sim.default_manager().dead_letters().size() == 1);
  const auto back = sim.open_owner("gone");
  CHECK(back.replay_dead_letters() == 1);
  CHECK(back.next_event()->owner == "gone");
}

TEST_CASE("a replay without a sink replays nothing, and counts nothing twice", "[delivery][E28]") {
  simulated_runtime sim;
  counter heard;
  const auto owner = sim.open_owner("o", heard.sink());
  REQUIRE(owner.remove_sink(1));
  for (int i = 0; i < 2; ++i) {
    REQUIRE(owner.spawn({}, answer, i));
    sim.run();
  }
  for (int i = 0; i < 3; ++i) CHECK(owner.replay_dead_letters() == 0);
  const auto letters = sim.default_manager().dead_letters();
  REQUIRE(letters.size() == 2);
  CHECK(letters[0].what.id() == "bg_0:1");
  CHECK(sim.default_manager().metrics().dead_letters == 2);
}

TEST_CASE("a drain of deliveries is not clean when they were given up", "[delivery][E20][E28]") {
  simulated_runtime sim;
  counter heard;
  heard.failures = 1'000;
  const auto owner = sim.open_owner("o", heard.sink(), {.retry = every_second});
  struct bodies {
    static coroutine<void> remove_later(actor_context<int>, actors::owner of) {
      co_await sleep_for(3500ms);
      of.remove_sink(1);
    }
  };
  const auto remover = sim.spawn<int>(bodies::remove_later, owner);
  REQUIRE(owner.spawn({}, answer, 1));
  sim.run();
  CHECK_FALSE(owner.drain_deliveries(1min));
  CHECK(owner.drain_deliveries(1min));
}

TEST_CASE("an owner that was disposed of gets no other sink", "[delivery][E28]") {
  simulated_runtime sim;
  counter heard;
  const auto owner = sim.open_owner("o", heard.sink());
  owner.dispose(0s);
  CHECK(owner.set_sink(heard.sink()) == 0);
}

TEST_CASE("a dead letter that makes room for another is reported with its id", "[delivery][A20]") {
  words reports;
  simulated_runtime sim(
      1, {.manager = {.max_dead_letters = 1,
                      .on_report = [&](const std::string& line) { reports.push_back(line); }}});
  {
    const auto owner = sim.open_owner("o");
    REQUIRE(owner.spawn({}, work_for, 1s, 1));
    REQUIRE(owner.spawn({}, work_for, 2s, 2));
  }
  sim.advance(1s);
  CHECK(reports.empty());
  sim.advance(1s);
  CHECK(reports == words{"a result is lost, 1 so far: bg_0:1 for the "
                         "owner o (its owner is gone); more than 1 are dead letters"});
}

TEST_CASE("what an owner that goes has not taken becomes dead letters", "[delivery][E28]") {
  simulated_runtime sim;
  counter heard;
  heard.failures = 1'000;
  auto owner = std::make_unique<actors::owner>(sim.open_owner("o", heard.sink()));
  REQUIRE(owner->spawn({}, answer, 1));
  REQUIRE(owner->spawn({}, work_for, 1h, 1));
  sim.run();
  owner.reset();
  CHECK(sim.default_manager().dead_letters().size() == 1);
  sim.advance(1h);
  CHECK(sim.default_manager().dead_letters().size() == 2);
}

TEST_CASE("a record stays as long as its event is not taken", "[delivery][A38]") {
  simulated_runtime sim(1, {.manager = {.max_finished = 2}});
  counter heard;
  heard.failures = 10;
  const auto owner = sim.open_owner("o", heard.sink(), {.retry = every_second});
  for (int i = 0; i < 10; ++i) REQUIRE(owner.spawn({}, answer, i));
  sim.run();
  CHECK(owner.list().size() == 10);
  sim.advance(1min);
  CHECK(heard.seen.size() == 20);
  CHECK(owner.list().size() == 2);
}

TEST_CASE("who waits for an end is not told a second time", "[delivery][A49][E27]") {
  simulated_runtime sim;
  counter heard;
  const auto owner = sim.open_owner("o", heard.sink());
  const auto waited = *owner.spawn({}, work_for, 1s, 1);
  const auto read = *owner.spawn({}, work_for, 1s, 2);
  CHECK(owner.wait(waited.id())->result == 1);
  CHECK(read.wait()->result == 2);
  CHECK(owner.get(read.id())->end->result == 2);
  sim.run_until_quiet();
  CHECK(heard.seen == words{to_string(read.id()) + ":1"});
}

TEST_CASE("a wait whose time ran out has consumed nothing", "[delivery][A49][E25]") {
  simulated_runtime sim;
  counter heard;
  const auto owner = sim.open_owner("o", heard.sink());
  const auto task = *owner.spawn({}, work_for, 1min, 1);
  CHECK_FALSE(owner.wait(task.id(), 1s));
  sim.run_until_quiet();
  CHECK(heard.seen.size() == 1);
}

TEST_CASE("a task that ends while it is watched is delivered when the watch ends",
          "[delivery][E17][E25]") {
  simulated_runtime sim;
  counter heard;
  const auto owner = sim.open_owner("o", heard.sink());
  const auto stranger = sim.open_owner("p");
  const auto foreign = (*stranger.spawn({}, answer, 2)).id();
  const auto id = (*owner.spawn({}, answer, 1)).id();
  CHECK(owner.watch({id, id, foreign, task_id::sequential(77)}) == 1);
  sim.run_until_quiet();
  CHECK(heard.seen.empty());
  CHECK(owner.drain_deliveries(0s));
  CHECK(owner.unwatch({id, foreign}) == 1);
  CHECK(owner.unwatch({id}) == 0);
  sim.run_until_quiet();
  CHECK(heard.seen.size() == 1);
}

TEST_CASE("what is acknowledged is not delivered any more", "[delivery][E18]") {
  simulated_runtime sim;
  counter heard;
  heard.failures = 1;
  const auto owner = sim.open_owner("o", heard.sink(), {.retry = every_second});
  const auto ended = *owner.spawn({}, answer, 1);
  const auto runs = *owner.spawn({}, work_for, 1s, 1);
  sim.run();
  REQUIRE(owner.deliveries().queued == 1);
  CHECK(owner.acknowledge({ended.id(), runs.id(), ended.id()}) == 1);
  sim.run_until_quiet();
  CHECK(heard.seen.size() == 1);
  CHECK(owner.deliveries().queued == 0);
}

TEST_CASE("a drain says whether everything was delivered in time", "[delivery][E20]") {
  simulated_runtime sim;
  counter heard;
  heard.failures = 3;
  const auto owner = sim.open_owner("o", heard.sink(), {.retry = every_second});
  REQUIRE(owner.spawn({}, answer, 1));
  sim.run();
  const auto start = sim.now();
  CHECK_FALSE(owner.drain_deliveries(-1s));
  CHECK_FALSE(owner.drain_deliveries(900ms));
  CHECK(sim.now() == start);  // clear from the beginning: the next attempt comes later
  CHECK(owner.drain_deliveries(10s));
  CHECK(sim.now() == start + 3s);
}

TEST_CASE("a shutdown delivers first", "[delivery]") {
  simulated_runtime sim;
  counter heard;
  heard.failures = 2;
  const auto owner = sim.open_owner("o", heard.sink(), {.retry = every_second});
  REQUIRE(owner.spawn({}, answer, 1));
  CHECK(sim.shutdown(10s).is_clean());
  CHECK(heard.seen.size() == 3);
  CHECK(owner.deliveries().queued == 0);
}

TEST_CASE("an owner that is disposed of leaves nothing behind", "[delivery][E22][E30]") {
  simulated_runtime sim(1, {.manager = {.grace = duration::max()}});
  counter heard;
  const auto owner = sim.open_owner("o", heard.sink());
  REQUIRE(owner.spawn({}, wait_for_cancel));
  SECTION("bodies that listen") {
    CHECK(owner.dispose(3s));
    CHECK(heard.seen.size() == 1);
  }
  SECTION("bodies that never settle") {
    REQUIRE(owner.spawn({}, work_undisturbed, 10h, 1));
    sim.run();
    const auto start = sim.now();
    CHECK_FALSE(owner.dispose(3s));
    CHECK(sim.now() - start == 3s);
  }
  SECTION("a sink that fails for ever") {
    heard.failures = 1'000'000;
    CHECK_FALSE(owner.dispose(3s));
    CHECK(sim.default_manager().dead_letters().size() == 1);
  }
  const auto late = owner.spawn({}, answer, 1);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == error_code::closed);
  owner.dispose(0s);
  CHECK(sim.open_owner("p").spawn({}, answer, 1));
}

TEST_CASE("a conversation is handed completions between its turns only", "[delivery][A21]") {
  simulated_runtime sim;
  counter heard;
  const auto owner = sim.open_owner("o", heard.sink());
  {
    const auto talking = owner.begin_turn();
    for (int i = 0; i < 3; ++i) {
      REQUIRE(owner.spawn({}, answer, i));
      sim.run_until_quiet();
    }
    CHECK(heard.seen.empty());
    CHECK(owner.deliveries().queued == 3);
  }
  sim.run();
  CHECK(heard.seen == words{"bg_0:1", "bg_1:1", "bg_2:1"});
}

TEST_CASE("events are claimed by whoever works on them", "[delivery][A39]") {
  simulated_runtime sim;
  const auto owner = sim.open_owner("o", {.by_claim = true, .lease = 300s});
  REQUIRE(owner.spawn({}, answer, 1));
  CHECK_FALSE(owner.claim("ann"));
  sim.run();
  const auto mine = owner.claim("ann");
  REQUIRE(mine);
  CHECK_FALSE(owner.claim("bob"));
  sim.advance(299s);
  CHECK(owner.renew(*mine, "ann"));
  sim.advance(300s);
  CHECK_FALSE(owner.renew(*mine, "ann"));
  const auto his = owner.claim("bob", 1s);
  REQUIRE(his);
  CHECK_FALSE(owner.complete(*mine, "ann"));
  CHECK(owner.release(*his, "bob"));
  const auto last = owner.claim("bob");
  REQUIRE(last);
  CHECK(owner.complete(*last, "bob"));
  CHECK(owner.deliveries().queued == 0);
  CHECK(owner.drain_deliveries(0s));
}

TEST_CASE("owners without deliveries answer that there are none", "[delivery]") {
  simulated_runtime sim;
  const auto owner = sim.open_owner("o");
  const auto task = *owner.spawn({}, answer, 1);
  CHECK_FALSE(owner.claim("ann"));
  CHECK(owner.watch({task.id()}) == 0);
  CHECK(owner.set_sink(
            [](const delivery&) -> coroutine<result<void>> { co_return result<void>(); }) == 0);
  CHECK_FALSE(owner.remove_sink(0));
  CHECK(owner.acknowledge({task.id()}) == 0);
  CHECK(owner.deliveries().queued == 0);
  CHECK(owner.drain_deliveries(0s));
  CHECK(owner.wait(task.id())->result == 1);
  CHECK(owner.next_event());
}

TEST_CASE("deliveries that make no sense are refused by name", "[delivery][E39]") {
  simulated_runtime sim;
  const auto wrong = [&sim](owner_options how) {
    try {
      static_cast<void>(sim.open_owner("o", how));
      return std::string("taken");
    } catch (const failure& why) {
      return std::string(why.what());
    }
  };
  CHECK(wrong({.retry = {.base = -1s}}) ==
        "owner_options.retry.base must not be negative, it is -1 s");
  CHECK(wrong({.retry = {.base = 2s, .max = 1s}}) ==
        "owner_options.retry.max must not be shorter than retry.base, it is 1 s");
  CHECK(wrong({.retry = {.max_attempts = 0}}) ==
        "owner_options.retry.max_attempts must be at least 1, it is 0; absent means for ever");
  CHECK(wrong({.lease = 0s}) == "owner_options.lease must be positive, it is 0 s");
  CHECK_THROWS_AS(sim.open_owner("o", event_sink()), failure);
}

TEST_CASE("an owner outlives its runtime, and has nothing to deliver then", "[delivery]") {
  counter heard;
  heard.failures = 1'000'000;
  std::optional<owner> left;
  {
    runtime real({.workers = 1, .shutdown_patience = 0s});
    left = real.open_owner("o", heard.sink());
    REQUIRE(left->spawn({}, answer, 1));
  }
  CHECK_FALSE(left->claim("ann"));
  CHECK(left->deliveries().queued == 0);
  CHECK(left->drain_deliveries(1s));
  const auto turn = left->begin_turn();
}

}  // namespace actors
