#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "scenarios/storm.hpp"

// sim --seeds N: storms with the seeds 0 … N - 1, until one breaks a rule.
// sim --seed S: that one, with its trace.

namespace {

using actors::test::storm;

int complain(std::uint64_t seed, const storm& one) {
  for (const auto& each : one.violations()) fmt::print("seed {}: {}\n", seed, each);
  return 1;
}

int replay(std::uint64_t seed) {
  storm one(seed, true);
  one.run();
  for (const auto& line : one.trace()) fmt::print("{}\n", line);
  if (!one.violations().empty()) return complain(seed, one);
  fmt::print("seed {}: every rule holds\n", seed);
  return 0;
}

int try_all(std::uint64_t seeds) {
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    storm one(seed);
    one.run();
    if (!one.violations().empty()) return complain(seed, one);
  }
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  fmt::print("{} seeds in {:.1f} s: every rule holds\n", seeds, time.count());
  return 0;
}

}  // namespace

int main(int count, char** words) {
  std::uint64_t seeds = 10'000;
  if (count == 3) {
    const std::string_view what = words[1];
    const auto number = std::strtoull(words[2], nullptr, 10);
    if (what == "--seed") return replay(number);
    if (what == "--seeds") {
      seeds = number;
      count = 1;
    }
  }
  if (count == 1) return try_all(seeds);
  fmt::print(stderr, "usage: sim [--seeds <how many> | --seed <which>]\n");
  return 2;
}
