#pragma once

#include <caf/all.hpp>
#include <cstdint>
#include <future>

#include "../../bench.hpp"

// The benchmarks in plain CAF: event-based actors, whose behaviours are functions.

using number = std::int64_t;

/// Does the work of one bench, and reports it.
using bench_function = void (*)(caf::actor_system&, const bench::setup&);

void skynet(caf::actor_system& system, const bench::setup& how);
void ping_pong(caf::actor_system& system, const bench::setup& how);
void mailing(caf::actor_system& system, const bench::setup& how);
void counting(caf::actor_system& system, const bench::setup& how);
void fan_out(caf::actor_system& system, const bench::setup& how);
void fan_in(caf::actor_system& system, const bench::setup& how);
void big(caf::actor_system& system, const bench::setup& how);
void thread_ring(caf::actor_system& system, const bench::setup& how);
void ask(caf::actor_system& system, const bench::setup& how);
/// Several of the above in turns, each as a case: what a scheduler gives to plain CAF actors.
void caf_actors(caf::actor_system& system, const bench::setup& how);

void timers(caf::actor_system& system, const bench::setup& how);
void cancel_tree(caf::actor_system& system, const bench::setup& how);
void idle_memory(caf::actor_system& system, const bench::setup& how);
void idle_cpu(caf::actor_system& system, const bench::setup& how);
