#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "concern.hpp"
#include "duplicates.hpp"
#include "language.hpp"

namespace code_audit {

/// Whether a critic shares a concern.
enum class opinion : std::uint8_t { agree, disagree, unsure };

[[nodiscard]] std::string_view to_string(opinion answer) noexcept;

/// The opinion with this name; `unsure` for a name that is not known.
[[nodiscard]] opinion opinion_from(std::string_view name) noexcept;

/// A critic's answer.
struct verdict {
  opinion answer = opinion::unsure;
  double weight = 0;                 ///< Above 0 speaks for the concern, below 0 against it.
  std::vector<std::string> reasons;  ///< Each a short sentence with the figure it rests on.

  friend bool operator==(const verdict&, const verdict&) = default;
};

/// Weighs one concern against the text it is about. A pure function of the text: it measures the
/// stretch again and asks what makes it long, deep or repetitive. A claim about lines that the text
/// does not have is answered with `disagree`.
[[nodiscard]] verdict critique(const concern_reason& claim, std::string_view contents,
                               language lang);

/// Compares both places of a block line by line, white space and comments aside, and says how
/// many lines really are alike.
[[nodiscard]] verdict critique_block(const duplicate_block& block, std::string_view contents_a,
                                     std::string_view contents_b);

}  // namespace code_audit
