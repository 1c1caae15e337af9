#include <actors/caf.hpp>
#include <cstdio>

int main() {
  actors::runtime runtime;
  auto& system = actors::caf_system(runtime);
  std::printf("CAF runs %zu actors\n", system.registry().running());
}
