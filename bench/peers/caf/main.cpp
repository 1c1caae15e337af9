#include <caf/all.hpp>
#include <cstdlib>
#include <map>
#include <string_view>

#include "peer.hpp"

namespace {

struct entry {
  bench_function run;
  number default_size;
  caf::atom_value scheduler;
};

constexpr auto stealing = caf::atom("stealing");
// Has one queue for all workers. Slower when few actors talk, faster when many wait for a turn:
// the other one walks the queue that it steals from.
constexpr auto sharing = caf::atom("sharing");

// Each bench has the scheduler that is faster for it on two cores. CAF's further options, such as
// the messages per turn, are its defaults: no other value was faster throughout.
const std::map<std::string_view, entry> benches{
    {"skynet", {skynet, 1'000'000, stealing}},
    {"ping_pong", {ping_pong, 1'000'000, stealing}},
    {"mailing", {mailing, 1'000'000, stealing}},
    {"counting", {counting, 10'000'000, sharing}},
    {"fan_out", {fan_out, 1'000'000, sharing}},
    {"fan_in", {fan_in, 100'000, sharing}},
    {"big", {big, 1'000, sharing}},
    {"thread_ring", {thread_ring, 1'000'000, sharing}},
    {"ask", {ask, 1'000'000, stealing}},
    {"caf_actors", {caf_actors, 1'000'000, stealing}},
    {"timers", {timers, 1'000'000, sharing}},
    {"cancel_tree", {cancel_tree, 1'000'000, stealing}},
    {"idle_memory", {idle_memory, 1'000'000, stealing}},
    {"idle_cpu", {idle_cpu, 100'000, sharing}},
};

}  // namespace

int main(int argc, char** argv) {
  const auto found = benches.find(argc < 2 ? "" : argv[1]);
  if (found == benches.end()) return 3;
  const auto& [run, default_size, scheduler] = found->second;
  const auto how = bench::parse(argv + 2, found->first, default_size, "CAF");

  caf::actor_system_config config;
  config.set("scheduler.policy", scheduler);
  config.set("scheduler.max-threads", static_cast<std::size_t>(how.workers));
  config.set("logger.verbosity", caf::atom("quiet"));
  caf::actor_system system(config);
  run(system, how);
  std::_Exit(0);  // without waiting for actors that are left
}
