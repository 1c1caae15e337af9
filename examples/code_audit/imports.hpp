#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "functions.hpp"

namespace code_audit {

/// One target that a file includes or imports, as it is written there: "vector", "os.path".
struct import_found {
  std::string target;
  std::uint32_t line = 0;

  friend bool operator==(const import_found&, const import_found&) = default;
};

/// What the source includes or imports, in its order; those in comments and strings do not count.
/// For languages without a known form of import the answer is empty.
[[nodiscard]] std::vector<import_found> find_imports(const source_view& source);

}  // namespace code_audit
