#pragma once

#include <vector>

#include "functions.hpp"

namespace code_audit {

/// `find_functions` for languages whose blocks stand in braces.
[[nodiscard]] std::vector<function_found> find_brace_functions(const source_view& source);

}  // namespace code_audit
