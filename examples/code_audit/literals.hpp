#pragma once

#include <cstddef>
#include <string_view>

#include "language.hpp"

namespace code_audit {

/// Each function answers where the literal that opens at `at` ends (one past its last byte), and
/// `at` itself when there is no such literal there. None looks beyond the text.

/// A string or character that opens with the quote at `at`, in the way of the language.
[[nodiscard]] std::size_t end_of_string(std::string_view text, std::size_t at, language lang);

/// A regular expression of JavaScript; `before` is the last byte of code ahead of it, 0 for none,
/// and `word` the word that ends there.
[[nodiscard]] std::size_t end_of_regex(std::string_view text, std::size_t at, char before,
                                       std::string_view word);

/// `${...}` of a shell, with the braces inside it.
[[nodiscard]] std::size_t end_of_expansion(std::string_view text, std::size_t at);

/// The here-document announced by the `<<` at `at`: the range of lines that hold it.
struct here_document {
  std::size_t begin = 0;
  std::size_t end = 0;  ///< After the closing word; equal to `begin` when there is none.
};
[[nodiscard]] here_document find_here_document(std::string_view text, std::size_t at);

}  // namespace code_audit
