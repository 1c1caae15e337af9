#include "language.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "text.hpp"

namespace code_audit {

namespace {

using style = function_style;

/// In the order of the enumerators.
constexpr std::array<language_traits, language_count> table{{
    {"C", "//", "/*", "*/", "\"'", style::declarator},
    {"C++", "//", "/*", "*/", "\"'", style::declarator},
    {"C/C++ header", "//", "/*", "*/", "\"'", style::declarator},
    {.name = "C#",
     .line_comment = "//",
     .block_open = "/*",
     .block_close = "*/",
     .quotes = "\"'",
     .functions = style::declarator,
     .triple_quotes = true},
    {.name = "Java",
     .line_comment = "//",
     .block_open = "/*",
     .block_close = "*/",
     .quotes = "\"'",
     .functions = style::declarator,
     .triple_quotes = true},
    {.name = "JavaScript",
     .line_comment = "//",
     .block_open = "/*",
     .block_close = "*/",
     .quotes = "\"'`",
     .functions = style::script,
     .newline_ends = true},
    {.name = "TypeScript",
     .line_comment = "//",
     .block_open = "/*",
     .block_close = "*/",
     .quotes = "\"'`",
     .functions = style::script,
     .newline_ends = true},
    {.name = "Go",
     .line_comment = "//",
     .block_open = "/*",
     .block_close = "*/",
     .quotes = "\"'`",
     .functions = style::keyword,
     .function_keyword = "func",
     .newline_ends = true},
    {.name = "Rust",
     .line_comment = "//",
     .block_open = "/*",
     .block_close = "*/",
     .quotes = "\"'",
     .functions = style::keyword,
     .function_keyword = "fn",
     .multiline_strings = true,
     .nested_blocks = true},
    {.name = "Kotlin",
     .line_comment = "//",
     .block_open = "/*",
     .block_close = "*/",
     .quotes = "\"'",
     .functions = style::keyword,
     .function_keyword = "fun",
     .triple_quotes = true,
     .nested_blocks = true,
     .newline_ends = true},
    {.name = "Swift",
     .line_comment = "//",
     .block_open = "/*",
     .block_close = "*/",
     .quotes = "\"",
     .functions = style::keyword,
     .function_keyword = "func",
     .triple_quotes = true,
     .nested_blocks = true,
     .newline_ends = true},
    {.name = "Zig",
     .line_comment = "//",
     .quotes = "\"'",
     .functions = style::keyword,
     .function_keyword = "fn"},
    {.name = "Python",
     .line_comment = "#",
     .quotes = "\"'",
     .functions = style::indentation,
     .triple_quotes = true},
    {.name = "Shell",
     .line_comment = "#",
     .quotes = "\"'",
     .functions = style::shell,
     .multiline_strings = true,
     .hash_at_word_start = true},
    {.name = "Ruby", .line_comment = "#", .quotes = "\"'", .hash_at_word_start = true},
    {.name = "Perl", .line_comment = "#", .quotes = "\"'", .hash_at_word_start = true},
    {.name = "Lua",
     .line_comment = "--",
     .block_open = "--[[",
     .block_close = "]]",
     .quotes = "\"'"},
    {.name = "Erlang", .line_comment = "%", .quotes = "\"'", .multiline_strings = true},
    {.name = "Elixir", .line_comment = "#", .quotes = "\"", .triple_quotes = true},
    {.name = "SQL",
     .line_comment = "--",
     .block_open = "/*",
     .block_close = "*/",
     .quotes = "'",
     .multiline_strings = true},
    {.name = "CMake",
     .line_comment = "#",
     .block_open = "#[[",
     .block_close = "]]",
     .quotes = "\"",
     .multiline_strings = true},
    {.name = "Make", .line_comment = "#", .hash_at_word_start = true},
    {.name = "CSS", .block_open = "/*", .block_close = "*/", .quotes = "\"'"},
    {.name = "HTML", .block_open = "<!--", .block_close = "-->", .is_code = false},
    {.name = "XML", .block_open = "<!--", .block_close = "-->", .is_code = false},
    {.name = "YAML", .line_comment = "#", .is_code = false, .hash_at_word_start = true},
    {.name = "TOML", .line_comment = "#", .quotes = "\"'", .is_code = false, .triple_quotes = true},
    {.name = "JSON", .quotes = "\"", .is_code = false},
    {.name = "Markdown", .block_open = "<!--", .block_close = "-->", .is_code = false},
    {.name = "Text", .is_code = false},
}};

using naming = std::pair<std::string_view, language>;

constexpr auto extensions = std::to_array<naming>({
    {"c", language::c},
    {"cc", language::cpp},
    {"cpp", language::cpp},
    {"cxx", language::cpp},
    {"c++", language::cpp},
    {"C", language::cpp},
    {"hpp", language::cpp},
    {"hh", language::cpp},
    {"hxx", language::cpp},
    {"h++", language::cpp},
    {"ipp", language::cpp},
    {"tcc", language::cpp},
    {"tpp", language::cpp},
    {"inl", language::cpp},
    {"h", language::c_header},
    {"cs", language::csharp},
    {"java", language::java},
    {"js", language::javascript},
    {"mjs", language::javascript},
    {"cjs", language::javascript},
    {"jsx", language::javascript},
    {"ts", language::typescript},
    {"mts", language::typescript},
    {"tsx", language::typescript},
    {"go", language::go},
    {"rs", language::rust},
    {"kt", language::kotlin},
    {"kts", language::kotlin},
    {"swift", language::swift},
    {"zig", language::zig},
    {"py", language::python},
    {"pyi", language::python},
    {"pyw", language::python},
    {"sh", language::shell},
    {"bash", language::shell},
    {"zsh", language::shell},
    {"ksh", language::shell},
    {"rb", language::ruby},
    {"pl", language::perl},
    {"pm", language::perl},
    {"lua", language::lua},
    {"erl", language::erlang},
    {"hrl", language::erlang},
    {"ex", language::elixir},
    {"exs", language::elixir},
    {"sql", language::sql},
    {"cmake", language::cmake},
    {"mk", language::make},
    {"css", language::css},
    {"scss", language::css},
    {"html", language::html},
    {"htm", language::html},
    {"xml", language::xml},
    {"yml", language::yaml},
    {"yaml", language::yaml},
    {"toml", language::toml},
    {"json", language::json},
    {"md", language::markdown},
    {"txt", language::text},
    {"rst", language::text},
});

constexpr auto whole_names = std::to_array<naming>({
    {"CMakeLists.txt", language::cmake},
    {"Makefile", language::make},
    {"GNUmakefile", language::make},
    {"makefile", language::make},
    {"Rakefile", language::ruby},
    {"Gemfile", language::ruby},
    {".bashrc", language::shell},
    {".profile", language::shell},
    {".clang-format", language::yaml},
    {".clang-tidy", language::yaml},
});

/// Interpreters of `#!` lines; a version may follow ("python3.11").
constexpr auto interpreters = std::to_array<naming>({
    {"python", language::python},
    {"bash", language::shell},
    {"dash", language::shell},
    {"zsh", language::shell},
    {"ksh", language::shell},
    {"sh", language::shell},
    {"perl", language::perl},
    {"ruby", language::ruby},
    {"node", language::javascript},
    {"deno", language::typescript},
    {"lua", language::lua},
    {"escript", language::erlang},
    {"make", language::make},
});

/// "#!/usr/bin/env -S python3 -u" gives "python3".
std::string_view interpreter_of(std::string_view line) noexcept {
  line.remove_prefix(2);
  while (true) {
    line = trimmed(line);
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    std::string_view word = line.substr(0, end);
    line.remove_prefix(end);
    word.remove_prefix(std::min(word.rfind('/') + 1, word.size()));
    const bool is_setting = word.find('=') != std::string_view::npos;
    const bool skip = word == "env" || is_setting || (!word.empty() && word[0] == '-');
    if (!skip || line.empty()) return word;
  }
}

language from_interpreter(std::string_view program) noexcept {
  for (const auto& [name, lang] : interpreters) {
    if (!program.starts_with(name)) continue;
    const std::string_view rest = program.substr(name.size());
    if (rest.find_first_not_of("0123456789.") == std::string_view::npos) return lang;
  }
  return language::text;
}

}  // namespace

const language_traits& traits(language lang) noexcept {
  return table[std::min(static_cast<std::size_t>(lang), language_count - 1)];
}

language language_from(std::string_view name) noexcept {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const language_traits& row) { return row.name == name; });
  return found == table.end() ? language::text : static_cast<language>(found - table.begin());
}

name_guess guess_from_name(std::string_view file_name) noexcept {
  for (const auto& [name, lang] : whole_names) {
    if (name == file_name) return {lang, true, false};
  }
  if (file_name.ends_with(".in")) file_name.remove_suffix(3);  // a template of what it is named for
  const std::size_t dot = file_name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {language::text, false, true};
  const std::string_view extension = file_name.substr(dot + 1);
  for (const auto& [name, lang] : extensions) {
    if (name == extension) return {lang, true, false};
  }
  return {};
}

language detect_language(std::string_view path, std::string_view contents) noexcept {
  const name_guess guess = guess_from_name(path.substr(path.rfind('/') + 1));
  if (guess.is_known) return guess.lang;
  const std::string_view first =
      contents.substr(0, std::min(contents.find('\n'), std::size_t{256}));
  if (first.starts_with("#!")) return from_interpreter(interpreter_of(first));
  if (first.find("-*- C++ -*-") != std::string_view::npos) return language::cpp;
  return language::text;
}

}  // namespace code_audit
