#pragma once

#include "head_tokens.hpp"

namespace code_audit {

/// `classify` for C, C++, C# and Java: the head must not be empty.
[[nodiscard]] opening classify_declarator(head_view head, scope_kind enclosing, language lang);

}  // namespace code_audit
