// Actors that exchange messages.
#include <algorithm>
#include <random>
#include <vector>

#include "peer.hpp"

namespace {

number sum_below(number count) { return count * (count - 1) / 2; }

struct tally {
  number sum = 0;
  number count = 0;
};

/// Adds up what it gets.
caf::behavior add_up(caf::stateful_actor<tally>* self, number expected, std::promise<number>* sum) {
  return {[=](number value) {
    auto& so_far = self->state;
    so_far.sum += value;
    if (++so_far.count < expected) return;
    sum->set_value(so_far.sum);
    self->quit();
  }};
}

void leaf(caf::event_based_actor* self, const caf::actor& parent, number value) {
  self->send(parent, value);
}

caf::behavior node(caf::stateful_actor<tally>* self, const caf::actor& parent, number first,
                   number leaves) {
  const auto below = leaves / 10;
  for (number i = 0; i < 10; ++i) {
    if (below == 1) {
      self->spawn(leaf, caf::actor(self), first + i);
    } else {
      self->spawn(node, caf::actor(self), first + i * below, below);
    }
  }
  return {[=](number part) {
    self->state.sum += part;
    if (++self->state.count < 10) return;
    self->send(parent, self->state.sum);
    self->quit();
  }};
}

number actors_above(number leaves) {
  if (leaves == 1) return 0;
  if (leaves % 10 != 0) bench::fail("the number of leaves must be a power of ten");
  return leaves / 10 + actors_above(leaves / 10);
}

caf::behavior pong() {
  return {[](number value) { return value + 1; }};
}

/// How many rounds it takes until it has all back.
caf::behavior ping(caf::event_based_actor* self, const caf::actor& peer, number rounds,
                   std::promise<number>* last) {
  self->send(peer, number(0));
  return {[=](number value) {
    if (value < rounds) {
      self->send(peer, value);
      return;
    }
    self->send_exit(peer, caf::exit_reason::user_shutdown);
    last->set_value(value);
    self->quit();
  }};
}

/// A ping that supervises: it has started the other, and ends after it.
caf::behavior parent(caf::event_based_actor* self, number rounds, std::promise<number>* last) {
  const auto child = self->spawn<caf::monitored>(pong);
  self->set_down_handler([=](const caf::down_msg&) {
    last->set_value(rounds);
    self->quit();
  });
  self->send(child, number(0));
  return {[=](number value) {
    if (value < rounds) {
      self->send(child, value);
    } else {
      self->send_exit(child, caf::exit_reason::user_shutdown);
    }
  }};
}

void send_many(caf::event_based_actor* self, const caf::actor& to, number count) {
  for (number i = 0; i < count; ++i) self->send(to, i);
}

void spawn_many(caf::event_based_actor* self, const caf::actor& to, number count) {
  for (number i = 0; i < count; ++i) self->spawn(leaf, to, i);
}

using ping_atom = caf::atom_constant<caf::atom("ping")>;
using pong_atom = caf::atom_constant<caf::atom("pong")>;
using start_atom = caf::atom_constant<caf::atom("start")>;

constexpr std::uint32_t crowd = 1'000;
using people = std::vector<caf::actor>;

struct person_state {
  std::minstd_rand random;
  number pongs = 0;
};

caf::behavior person(caf::stateful_actor<person_state>* self, std::uint32_t i, const people* all,
                     number pings, const caf::actor& sink) {
  self->state.random.seed(i + 1);
  const auto ping_someone = [=] {
    // Anybody but itself: so many places further on.
    const auto whom = (i + 1 + self->state.random() % (crowd - 1)) % crowd;
    self->send((*all)[whom], ping_atom::value);
  };
  return {[=](start_atom) { ping_someone(); }, [](ping_atom) { return pong_atom::value; },
          [=](pong_atom) {
            if (++self->state.pongs < pings) {
              ping_someone();
            } else {
              self->send(sink, self->state.pongs);
            }
          }};
}

constexpr int links = 1'000;

caf::behavior ring_link(caf::event_based_actor* self, const caf::actor& next,
                        std::promise<void>* finished) {
  return {[=](number left) {
    if (left == 0) {
      finished->set_value();
    } else {
      self->send(next, left - 1);
    }
  }};
}

caf::behavior first_link(caf::event_based_actor* self, std::promise<void>* closed,
                         std::promise<void>* finished) {
  caf::actor next = self;
  for (int i = 1; i < links; ++i) next = self->spawn(ring_link, next, finished);
  closed->set_value();
  return ring_link(self, next, finished);
}

void ask_next(caf::stateful_actor<tally>* self, const caf::actor& server, number count,
              std::promise<number>* sum) {
  self->request(server, std::chrono::seconds(10), self->state.count).then([=](number answer) {
    self->state.sum += answer;
    if (++self->state.count < count) {
      ask_next(self, server, count, sum);
    } else {
      sum->set_value(self->state.sum);
    }
  });
}

}  // namespace

void skynet(caf::actor_system& system, const bench::setup& how) {
  const auto all = how.size + actors_above(how.size);
  std::promise<number> sum;
  const bench::stopwatch watch;
  const auto root = system.spawn(add_up, number(1), &sum);
  system.spawn(node, root, number(0), how.size);
  const auto total = sum.get_future().get();
  const double seconds = watch.seconds();
  bench::check("sum", total, sum_below(how.size));
  bench::report(how, how.name_of_case, all, {{"seconds", seconds}});
}

void ping_pong(caf::actor_system& system, const bench::setup& how) {
  std::promise<number> last;
  const bench::stopwatch watch;
  system.spawn(ping, system.spawn(pong), how.size, &last);
  const auto value = last.get_future().get();
  const double seconds = watch.seconds();
  bench::check("last value", value, how.size);
  bench::report(how, how.name_of_case, how.size, {{"seconds", seconds}});
}

void mailing(caf::actor_system& system, const bench::setup& how) {
  std::promise<number> last;
  const bench::stopwatch watch;
  system.spawn(parent, how.size, &last);
  last.get_future().get();
  const double seconds = watch.seconds();
  bench::report(how, how.name_of_case, how.size, {{"seconds", seconds}});
}

void counting(caf::actor_system& system, const bench::setup& how) {
  std::promise<number> sum;
  const auto receiver = system.spawn(add_up, how.size, &sum);
  const bench::stopwatch watch;
  system.spawn(send_many, receiver, how.size);
  const auto total = sum.get_future().get();
  const double seconds = watch.seconds();
  bench::check("sum", total, sum_below(how.size));
  bench::report(how, how.name_of_case, how.size, {{"seconds", seconds}});
}

void fan_out(caf::actor_system& system, const bench::setup& how) {
  std::promise<number> sum;
  const bench::stopwatch watch;
  const auto collector = system.spawn(add_up, how.size, &sum);
  system.spawn(spawn_many, collector, how.size);
  const auto total = sum.get_future().get();
  const double seconds = watch.seconds();
  bench::check("sum", total, sum_below(how.size));
  bench::report(how, how.name_of_case, how.size, {{"seconds", seconds}});
}

void fan_in(caf::actor_system& system, const bench::setup& how) {
  constexpr number senders = 100;
  std::promise<number> sum;
  const auto receiver = system.spawn(add_up, senders * how.size, &sum);
  const bench::stopwatch watch;
  for (number i = 0; i < senders; ++i) system.spawn(send_many, receiver, how.size);
  const auto total = sum.get_future().get();
  const double seconds = watch.seconds();
  bench::check("sum", total, senders * sum_below(how.size));
  bench::report(how, how.name_of_case, senders * how.size, {{"seconds", seconds}});
}

void big(caf::actor_system& system, const bench::setup& how) {
  std::promise<number> sum;
  const auto sink = system.spawn(add_up, number(crowd), &sum);
  people all(crowd);
  for (std::uint32_t i = 0; i < crowd; ++i) {
    all[i] = system.spawn(person, i, &all, how.size, sink);
  }
  const bench::stopwatch watch;
  for (const auto& one : all) caf::anon_send(one, start_atom::value);
  const auto total = sum.get_future().get();
  const double seconds = watch.seconds();
  bench::check("pongs", total, crowd * how.size);
  bench::report(how, how.name_of_case, crowd * how.size, {{"seconds", seconds}});
}

void thread_ring(caf::actor_system& system, const bench::setup& how) {
  std::promise<void> closed;
  std::promise<void> finished;
  const auto first = system.spawn(first_link, &closed, &finished);
  closed.get_future().get();
  const bench::stopwatch watch;
  caf::anon_send(first, how.size);
  finished.get_future().get();
  const double seconds = watch.seconds();
  bench::report(how, how.name_of_case, how.size, {{"seconds", seconds}});
}

void ask(caf::actor_system& system, const bench::setup& how) {
  const auto server = system.spawn(pong);
  std::promise<number> sum;
  const bench::stopwatch watch;
  system.spawn(ask_next, server, how.size, &sum);
  const auto total = sum.get_future().get();
  const double seconds = watch.seconds();
  bench::check("sum", total, sum_below(how.size) + how.size);
  bench::report(how, how.name_of_case, how.size, {{"seconds", seconds}});
}

void caf_actors(caf::actor_system& system, const bench::setup& how) {
  const auto run = [&](bench_function work, const char* name, number size) {
    auto one = how;
    one.name_of_case = name;
    one.size = size;
    work(system, one);
  };
  run(ping_pong, "ping_pong", how.size);
  run(thread_ring, "thread_ring", how.size);
  run(skynet, "skynet", how.size);
  // With this one, the time of CAF's scheduler grows as the square.
  run(fan_out, "fan_out", std::max<number>(how.size / 10, 1));
  run(fan_in, "fan_in", std::max<number>(how.size / 10, 1));
}
