#pragma once

#include <functional>
#include <string_view>

namespace actors::detail {

/// So that a text is looked up without a string of its own; with `std::equal_to<>`.
struct text_hash : std::hash<std::string_view> {
  using is_transparent = void;
};

}  // namespace actors::detail
