// Actors that wait: for a time, for the end of the one above them, for a message that does not
// come.
#include <algorithm>
#include <latch>
#include <thread>
#include <vector>

#include "peer.hpp"

namespace {

using namespace std::chrono_literals;

void count_end(caf::event_based_actor* self, std::latch* ended) {
  self->attach_functor([ended](const caf::error&) { ended->count_down(); });
}

caf::behavior sleep_long(caf::event_based_actor* self, std::latch* asleep, std::latch* ended) {
  if (ended != nullptr) count_end(self, ended);
  self->delayed_send(self, 60s, number(1));
  asleep->count_down();
  return {[=](number) { self->quit(); }};
}

/// Actor `i` of `count` is the parent of the actors `arity * i + 1` to `arity * i + arity`.
struct shape {
  number count;
  number arity;
};

/// Linked to its children: what ends one ends those below it. It keeps them, because CAF ends an
/// actor that nobody refers to.
caf::behavior wait_below(caf::stateful_actor<std::vector<caf::actor>>* self, shape tree, number i,
                         std::latch* waiting, std::latch* ended) {
  count_end(self, ended);
  const auto first = tree.arity * i + 1;
  const auto stop = std::min(first + tree.arity, tree.count);
  for (auto child = first; child < stop; ++child) {
    self->state.push_back(self->spawn<caf::linked>(wait_below, tree, child, waiting, ended));
  }
  waiting->count_down();
  return {[](number) {}};
}

void cancel(caf::actor_system& system, bench::setup how, const char* name_of_case, shape tree) {
  how.size = tree.count;
  std::latch waiting(tree.count);
  std::latch ended(tree.count);
  const auto root = system.spawn(wait_below, tree, number(0), &waiting, &ended);
  waiting.wait();
  const bench::stopwatch watch;
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  ended.wait();
  const double seconds = watch.seconds();
  bench::report(how, name_of_case, tree.count, {{"seconds", seconds}});
}

caf::behavior wait_for_number(caf::event_based_actor*, std::latch* waiting) {
  waiting->count_down();
  return {[](number) {}};
}

void fill(caf::actor_system& system, std::vector<caf::actor>& all) {
  std::latch waiting(static_cast<std::ptrdiff_t>(all.size()));
  for (auto& one : all) one = system.spawn(wait_for_number, &waiting);
  waiting.wait();
}

}  // namespace

void timers(caf::actor_system& system, const bench::setup& how) {
  const auto half = (how.size + 1) / 2;
  std::latch asleep(how.size);
  std::latch ended(half);
  std::vector<caf::actor> sleepers(how.size);

  const bench::stopwatch watch;
  for (number i = 0; i < how.size; ++i) {
    sleepers[i] = system.spawn(sleep_long, &asleep, i % 2 == 0 ? &ended : nullptr);
  }
  asleep.wait();
  const double arm_seconds = watch.seconds();
  for (number i = 0; i < how.size; i += 2) {
    caf::anon_send_exit(sleepers[i], caf::exit_reason::user_shutdown);
  }
  ended.wait();
  const double seconds = watch.seconds();
  bench::report(how, "", how.size, {{"seconds", seconds}, {"arm_seconds", arm_seconds}});
}

void cancel_tree(caf::actor_system& system, const bench::setup& how) {
  cancel(system, how, "tree", {how.size, 10});
  cancel(system, how, "chain", {std::max<number>(1, how.size / 100), 1});
}

void idle_memory(caf::actor_system& system, const bench::setup& how) {
  std::vector<caf::actor> all(how.size);
  const auto before = bench::resident_bytes();
  fill(system, all);
  const auto grown = static_cast<double>(bench::resident_bytes() - before);
  bench::report(how, "actor", how.size, {{"bytes_each", grown / static_cast<double>(how.size)}});
}

void idle_cpu(caf::actor_system& system, const bench::setup& how) {
  std::vector<caf::actor> all(how.size);
  fill(system, all);
  bench::report_idle(how);
}
