#pragma once

#include <cstdint>
#include <string_view>

namespace code_audit {

/// `.h` is a language of its own here: whether C or C++ will read it cannot be told from the file.
enum class language : std::uint8_t {
  c,
  cpp,
  c_header,
  csharp,
  java,
  javascript,
  typescript,
  go,
  rust,
  kotlin,
  swift,
  zig,
  python,
  shell,
  ruby,
  perl,
  lua,
  erlang,
  elixir,
  sql,
  cmake,
  make,
  css,
  html,
  xml,
  yaml,
  toml,
  json,
  markdown,
  text,
};

inline constexpr std::size_t language_count = static_cast<std::size_t>(language::text) + 1;

/// How the functions of a language can be found.
enum class function_style : std::uint8_t {
  none,         ///< Not looked for.
  declarator,   ///< `type name(...) {`: C, C++, C#, Java.
  script,       ///< `function`, methods and named arrows: JavaScript, TypeScript.
  keyword,      ///< A keyword, then the name: Go, Rust, Kotlin, Swift, Zig.
  indentation,  ///< Python.
  shell,        ///< `name() {` and `function name {`.
};

/// What text in this language looks like: enough to tell code from comments and strings.
struct language_traits {
  std::string_view name;            ///< For people: "C++".
  std::string_view line_comment{};  ///< Begins a comment that ends with its line; may be empty.
  std::string_view block_open{};    ///< Begins a comment that `block_close` ends; may be empty.
  std::string_view block_close{};
  std::string_view quotes{};  ///< Each of these bytes opens and closes a string.
  function_style functions = function_style::none;
  std::string_view function_keyword{};  ///< For `function_style::keyword`.
  bool is_code = true;                  ///< False for data and prose: no duplicates are looked for.
  bool multiline_strings = false;       ///< A plain string may go on over the end of its line.
  bool triple_quotes = false;           ///< `"""` opens a string that `"""` closes.
  bool nested_blocks = false;           ///< Block comments nest.
  bool hash_at_word_start = false;      ///< The line comment must begin a word, as in a shell.
  bool newline_ends = false;            ///< A statement may end with its line, without `;`.
};

[[nodiscard]] const language_traits& traits(language lang) noexcept;

/// The language's name for people.
[[nodiscard]] inline std::string_view to_string(language lang) noexcept {
  return traits(lang).name;
}

/// The language with this name; `text` for a name that is not known.
[[nodiscard]] language language_from(std::string_view name) noexcept;

/// What the name of a file says about it.
struct name_guess {
  language lang = language::text;
  bool is_known = false;      ///< The name or its extension is one of those known.
  bool needs_a_look = false;  ///< There is no extension: only the first line can tell.
};

[[nodiscard]] name_guess guess_from_name(std::string_view file_name) noexcept;

/// By name, by `#!` line or by an editor's mode line (`-*- C++ -*-`); `text` if nothing tells.
[[nodiscard]] language detect_language(std::string_view path, std::string_view contents) noexcept;

[[nodiscard]] constexpr bool is_c_family(language lang) noexcept {
  return lang == language::c || lang == language::cpp || lang == language::c_header;
}

[[nodiscard]] constexpr bool is_script(language lang) noexcept {
  return lang == language::javascript || lang == language::typescript;
}

/// `#` at the start of a line begins a directive.
[[nodiscard]] constexpr bool has_preprocessor(language lang) noexcept {
  return is_c_family(lang) || lang == language::csharp;
}

}  // namespace code_audit
