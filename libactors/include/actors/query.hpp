#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace actors {

/// Which records list() shows.
struct query {
  enum class states : std::uint8_t { all, live, queued, running, ended };
  enum class order : std::uint8_t {
    by_id,         ///< Oldest first.
    newest_first,  ///< Latest start first; what has not started goes by its acceptance.
  };

  states in = states::all;
  std::string owner = {};   ///< Of owners of this name only.
  std::string run_id = {};  ///< Of this run only.
  order sorted = order::by_id;
  std::size_t limit = std::numeric_limits<std::size_t>::max();  ///< The first so many.
};

}  // namespace actors
