#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace actors::test {

/// Random numbers that are the same everywhere (SplitMix64).
class dice {
 public:
  explicit dice(std::uint64_t seed) : state_(seed) {}
  /// These numbers first.
  explicit dice(std::vector<std::uint64_t> given) : given_(std::move(given)) {}
  std::uint64_t next() {
    if (used_ < given_.size()) return given_[used_++];
    auto z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  /// 0 … n - 1
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::vector<std::uint64_t> given_;
  std::size_t used_ = 0;
  std::uint64_t state_ = 0;
};

}  // namespace actors::test
