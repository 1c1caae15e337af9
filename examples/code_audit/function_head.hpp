#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "language.hpp"

namespace code_audit {

/// A word, a sign (`::`, `->`, `=>` and comparisons are one), a string, or a whole group: `()`,
/// `[]` and `{}` stand for the brackets and all that is between them.
struct token {
  std::string_view text;
  std::uint32_t offset = 0;  ///< Of its first byte in the source.
};

/// What encloses a piece of code.
enum class scope_kind : std::uint8_t {
  type,        ///< File, namespace, class: functions may be declared here.
  function,    ///< The body of a function with a name.
  block,       ///< Any other braces around statements.
  expression,  ///< Braces inside an expression: initialisers, object literals.
  group,       ///< Round or square brackets.
};

/// What a `{` opens; `name` and `offset` only for functions.
struct opening {
  scope_kind kind = scope_kind::block;
  std::string name{};
  std::uint32_t offset = 0;
};

/// Decides what the `{` after these tokens opens. `head` holds what stands between the end of
/// the statement before and the brace; `enclosing` is where that stands.
[[nodiscard]] opening classify(std::span<const token> head, scope_kind enclosing, language lang);

}  // namespace code_audit
