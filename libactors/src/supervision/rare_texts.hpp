#pragma once

#include <memory>
#include <string>
#include <utility>

#include "actors/detail/memory.hpp"

namespace actors::detail {

/// The texts of an end or an event, which most leave empty: those are kept as null.
struct rare_texts : in_own_memory {
  static std::unique_ptr<rare_texts> of(std::string&& type, std::string&& error) {
    if (type.empty() && error.empty()) return nullptr;
    return std::make_unique<rare_texts>(std::move(type), std::move(error));
  }
  rare_texts(std::string&& its_type, std::string&& its_error) noexcept
      : type(std::move(its_type)), error(std::move(its_error)) {}

  std::string type;
  std::string error;
};

}  // namespace actors::detail
