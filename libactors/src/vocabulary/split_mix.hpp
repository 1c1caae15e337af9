#pragma once

#include <cstdint>

namespace actors::detail {

/// The step and the mixing of SplitMix64 (Steele, Lea and Flood, 2014): numbers counted in such
/// steps and then mixed look random.
constexpr std::uint64_t split_mix_step = 0x9e3779b97f4a7c15U;

constexpr std::uint64_t split_mix(std::uint64_t counted) noexcept {
  counted = (counted ^ (counted >> 30U)) * 0xbf58476d1ce4e5b9U;
  counted = (counted ^ (counted >> 27U)) * 0x94d049bb133111ebU;
  return counted ^ (counted >> 31U);
}

}  // namespace actors::detail
