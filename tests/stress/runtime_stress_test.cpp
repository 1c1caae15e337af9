#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "actors/actor.hpp"
#include "actors/runtime.hpp"
#include "actors/sleep.hpp"
#include "catch.hpp"
#include "support/tally.hpp"

using namespace std::chrono_literals;

// Everything at once, on real threads; for the sanitizers as much as for the counts.

namespace actors::test {

namespace {

// --- A tree of actors, whose leaves are numbered and whose roots add up
// -----------------------------

/// A node without children answers its number; another one spawns ten and adds their answers.
coroutine<void> sum_tree(actor_context<std::int64_t> self, std::int64_t number, std::int64_t leaves,
                         actor_ref<std::int64_t> parent) {
  std::int64_t sum = number;
  if (leaves > 1) {
    sum = 0;
    const auto below = leaves / 10;
    const auto me = self.ref();
    for (std::int64_t i = 0; i < 10; ++i) {
      self.spawn<std::int64_t>(sum_tree, number + i * below, below, me);
    }
    for (int i = 0; i < 10; ++i) sum += (co_await self.receive()).value_or(0);
  }
  parent.send(sum);
}

coroutine<void> root(actor_context<std::int64_t> self, std::atomic<std::int64_t>* sum,
                     tally* done) {
  sum->store((co_await self.receive()).value_or(-1));
  done->add();
}

// --- A crowd, in which everybody sends to anybody
// ----------------------------------------------------

struct token {
  int hops_left = 0;
  std::shared_ptr<int> cargo;  // so that a token that is lost or doubled is noticed
};

struct crowd {
  std::vector<actor_ref<token>> members;
  tally arrived;
};

coroutine<void> pass_tokens(actor_context<token> self, unsigned seed, crowd* all) {
  std::minstd_rand random(seed);
  while (auto message = co_await self.receive()) {
    if (--message->hops_left <= 0) {
      all->arrived.add();
      continue;
    }
    all->members[random() % all->members.size()].send(std::move(*message));
    // Now and then a pause, so that timers take part.
    if (random() % 64 == 0) co_await sleep_for(std::chrono::microseconds(random() % 500));
  }
}

// --- Outsiders who start, write to and stop whatever they find
// ---------------------------------------

struct place {
  std::mutex mutex;
  actor_ref<token> actor;

  actor_ref<token> get() {
    const std::lock_guard lock(mutex);
    return actor;
  }
  actor_ref<token> put(actor_ref<token> other) {
    const std::lock_guard lock(mutex);
    return std::exchange(actor, std::move(other));
  }
};

using places = std::array<place, 32>;

coroutine<void> short_life(actor_context<token> self, std::shared_ptr<int> kept) {
  for (int i = 0; i < 20; ++i) {
    const auto message = co_await self.inbox().next(1ms);
    if (message && message->hops_left == 0) self.spawn<token>(short_life, kept);
    if (message && message->hops_left == 1) co_await yield();
    if (message && message->hops_left == 2) self.inbox().close();
  }
}

/// False when a refused message did not come back.
bool disturb(runtime& home, places& known, unsigned seed, std::shared_ptr<int> cargo) {
  bool fine = true;
  std::minstd_rand random(seed);
  for (int i = 0; i < 4'000; ++i) {
    auto& at = known[random() % known.size()];
    switch (random() % 6) {
      case 0: at.put(home.spawn<token>(short_life, cargo)); break;
      case 1: at.put({}); break;
      case 2:
        if (const auto actor = at.get()) actor.stop();
        break;
      case 3:
        if (const auto actor = at.get()) actor.close_inbox();
        break;
      default: {
        token message{static_cast<int>(random() % 5), cargo};
        const auto actor = at.get();
        if (actor && !actor.send(std::move(message))) fine = fine && message.cargo == cargo;
      }
    }
  }
  return fine;
}

}  // namespace

TEST_CASE("a tree of a hundred thousand actors adds up", "[stress]") {
  std::atomic<std::int64_t> sum{0};
  tally done;
  runtime home;
  const auto top = home.spawn<std::int64_t>(root, &sum, &done);
  home.spawn<std::int64_t>(sum_tree, std::int64_t{0}, std::int64_t{100'000}, top);
  REQUIRE(done.reaches(1));
  CHECK(sum == std::int64_t{100'000} * 99'999 / 2);
}

TEST_CASE("a thousand actors pass tokens round and lose none", "[stress]") {
  constexpr int tokens = 2'000;
  crowd all;
  const auto cargo = std::make_shared<int>(0);
  {
    runtime home;
    for (unsigned i = 0; i < 1'000; ++i) {
      all.members.push_back(home.spawn<token>(pass_tokens, i + 1, &all));
    }
    for (std::size_t i = 0; i < tokens; ++i) {
      all.members[i % all.members.size()].send(token{50, cargo});
    }
    CHECK(all.arrived.reaches(tokens));
    CHECK(home.shutdown(patience).is_clean());
    CHECK(all.arrived.count() == tokens);
  }
  CHECK(cargo.use_count() == 1);
}

TEST_CASE("actors are started, written to, closed, stopped and dropped from many sides at once",
          "[stress]") {
  const auto cargo = std::make_shared<int>(0);
  std::atomic<bool> fine{true};
  for (unsigned round = 0; round < 3; ++round) {
    places known;
    {
      runtime home;
      std::vector<std::thread> outside;
      for (unsigned i = 0; i < 4; ++i) {
        outside.emplace_back([&, i] {
          if (!disturb(home, known, round * 4 + i + 1, cargo)) fine = false;
        });
      }
      for (auto& each : outside) each.join();
      // With everybody still at it, half of the time.
      if (round % 2 == 0) CHECK(home.shutdown(patience).is_clean());
    }
    for (auto& each : known) each.put({});
    CHECK(cargo.use_count() == 1);
  }
  CHECK(fine);
}

}  // namespace actors::test
