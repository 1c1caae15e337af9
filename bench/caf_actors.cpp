// What a program of plain CAF actors loses or gains when it moves into a runtime: the actors that
// peer_caf runs, on our scheduler instead of CAF's own.
#include <actors/caf.hpp>

#include "peers/caf/peer.hpp"

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "caf_actors", 1'000'000);
  actors::runtime runtime({.workers = how.workers});
  caf_actors(actors::caf_system(runtime), how);
  std::_Exit(0);  // without waiting for actors that are left
}
