// A bare coroutine actor beside CAF's event_based_actor: the same work, in turns, in one process.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <actors/runtime.hpp>
#include <atomic>
#include <caf/all.hpp>
#include <semaphore>

#include "measure.hpp"

namespace {

using bench::contender;

std::binary_semaphore finished{0};

// --- ours ---------------------------------------------------------------------------------------

actors::coroutine<void> report_once(actors::actor_context<int>, actors::actor_ref<int> to) {
  to.send(1);
  co_return;
}

actors::coroutine<void> collect(actors::actor_context<int> self, int expected) {
  for (int i = 0; i < expected; ++i) co_await self.receive();
  finished.release();
}

actors::coroutine<void> spawn_many(actors::actor_context<int> self, actors::actor_ref<int> to,
                                   int count) {
  for (int i = 0; i < count; ++i) self.spawn<int>(report_once, to);
  co_return;
}

struct ball {
  int value;
  actors::actor_ref<ball> back;
};

actors::coroutine<void> echo(actors::actor_context<ball> self) {
  while (auto got = co_await self.receive()) {
    auto to = std::move(got->back);
    if (!to) co_return;
    to.send(ball{got->value, {}});
  }
}

actors::coroutine<void> serve(actors::actor_context<ball> self, actors::actor_ref<ball> peer,
                              int trips) {
  for (int i = 0; i < trips; ++i) {
    peer.send(ball{i, self.ref()});
    co_await self.receive();
  }
  peer.send(ball{0, {}});
  finished.release();
}

actors::coroutine<void> send_many(actors::actor_context<int>, actors::actor_ref<int> to,
                                  int count) {
  for (int i = 0; i < count; ++i) to.send(i);
  co_return;
}

// --- CAF
// ------------------------------------------------------------------------------------------

caf::behavior caf_collect(caf::stateful_actor<int>* self, int expected) {
  self->state = 0;
  return {[self, expected](int) {
    if (++self->state == expected) {
      finished.release();
      self->quit();
    }
  }};
}

void caf_report_once(caf::event_based_actor* self, const caf::actor& to) { self->send(to, 1); }

void caf_spawn_many(caf::event_based_actor* self, const caf::actor& to, int count) {
  for (int i = 0; i < count; ++i) self->spawn(caf_report_once, to);
}

caf::behavior caf_echo(caf::event_based_actor*) {
  return {[](int value) { return value; }};
}

caf::behavior caf_serve(caf::stateful_actor<int>* self, const caf::actor& peer, int trips) {
  self->state = 0;
  self->send(peer, 0);
  return {[self, peer, trips](int value) {
    if (++self->state == trips) {
      self->send_exit(peer, caf::exit_reason::user_shutdown);
      finished.release();
      self->quit();
      return;
    }
    self->send(peer, value);
  }};
}

void caf_send_many(caf::event_based_actor* self, const caf::actor& to, int count) {
  for (int i = 0; i < count; ++i) self->send(to, i);
}

void print(const char* what, const std::vector<contender>& contenders, int rounds) {
  const auto rates = bench::compare(contenders, rounds);
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    fmt::print("{:<12} {:<12} {:>9.3f} M/s   {:>9.3f} .. {:<9.3f} {:>6.1f}x\n", what,
               contenders[i].name, rates[i].median / 1e6, rates[i].low / 1e6, rates[i].high / 1e6,
               rates[i].median / rates.back().median);
  }
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = 5;
  unsigned workers = 2;
  int scale = 1;
  CLI::App options{"Coroutine actors beside CAF's event_based_actor: operations per second"};
  options.add_option("--rounds", rounds, "Rounds that count")->check(CLI::Range(1, 1000));
  options.add_option("--workers", workers, "Worker threads of both")->check(CLI::Range(1, 256));
  options.add_option("--scale", scale, "How much work: times the usual")->check(CLI::Range(1, 100));
  CLI11_PARSE(options, argc, argv);

  actors::runtime_options how;
  how.workers = workers;
  actors::runtime runtime(how);
  caf::actor_system_config config;
  config.set("scheduler.max-threads", static_cast<std::size_t>(workers));
  config.set("logger.verbosity", caf::atom("quiet"));
  caf::actor_system system(config);

  fmt::print("{} rounds, {} workers; median, lowest .. highest, times CAF {}.{}.{}\n", rounds,
             workers, CAF_MAJOR_VERSION, CAF_MINOR_VERSION, CAF_PATCH_VERSION);
  // CAF's scheduler walks its queue for each steal, so that a spawner of many is slow beyond
  // proportion: both get a number that CAF can do.
  const int spawns = 50'000 * scale;
  print("spawn",
        {{"libactors",
          [&] {
            const auto to = runtime.spawn<int>(collect, spawns);
            runtime.spawn<int>(spawn_many, to, spawns);
            finished.acquire();
            return double(spawns);
          }},
         {"CAF",
          [&] {
            const auto to = system.spawn(caf_collect, spawns);
            system.spawn(caf_spawn_many, to, spawns);
            finished.acquire();
            return double(spawns);
          }}},
        rounds);
  const int trips = 300'000 * scale;
  print("round trip",
        {{"libactors",
          [&] {
            const auto peer = runtime.spawn<ball>(echo);
            runtime.spawn<ball>(serve, peer, trips);
            finished.acquire();
            return double(trips);
          }},
         {"CAF",
          [&] {
            const auto peer = system.spawn(caf_echo);
            system.spawn(caf_serve, peer, trips);
            finished.acquire();
            return double(trips);
          }}},
        rounds);
  const int messages = 1'000'000 * scale;
  print("message",
        {{"libactors",
          [&] {
            const auto to = runtime.spawn<int>(collect, messages);
            runtime.spawn<int>(send_many, to, messages);
            finished.acquire();
            return double(messages);
          }},
         {"CAF",
          [&] {
            const auto to = system.spawn(caf_collect, messages);
            system.spawn(caf_send_many, to, messages);
            finished.acquire();
            return double(messages);
          }}},
        rounds);
}
