#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "function_head.hpp"
#include "text.hpp"

namespace code_audit {

/// Questions about the tokens before a brace, shared by the languages.

using head_view = std::span<const token>;

inline constexpr std::size_t no_token = static_cast<std::size_t>(-1);

[[nodiscard]] bool is_one_of(std::string_view word, std::initializer_list<std::string_view> list);

[[nodiscard]] inline bool is_name(const token& t) { return is_name_start(t.text[0]); }

/// The text of a token; empty beyond the end.
[[nodiscard]] inline std::string_view text_at(head_view head, std::size_t i) {
  return i < head.size() ? head[i].text : std::string_view{};
}

/// The first token that is one of these words, or `no_token`.
[[nodiscard]] std::size_t find_word(head_view head, std::initializer_list<std::string_view> list);

/// Whether the word begins a statement that has a block: no function is named so.
[[nodiscard]] bool is_control(std::string_view word, language lang);

/// One past the `>` that closes the `<` at `open`; `head.size()` when none does.
[[nodiscard]] std::size_t after_angles(head_view head, std::size_t open);

/// Where the `<` that the `>` at `close` answers stands; 0 if nowhere.
[[nodiscard]] std::size_t open_angle(head_view head, std::size_t close);

/// The function whose name ends at `last`, with what qualifies it but without template
/// arguments: `~a`, `a::b`, and `a::b` for `a<int>::b`.
[[nodiscard]] opening named(head_view head, std::size_t last);

/// The head without `template <...>`, whose words mean nothing for what follows.
[[nodiscard]] std::vector<token> without_templates(head_view head);

}  // namespace code_audit
