#include "literals.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "text.hpp"

namespace code_audit {

namespace {

constexpr int max_template_nesting = 32;

/// How far ahead the end of a literal of one line is looked for. Keeps a hostile line of megabytes
/// from costing its length again at every byte.
constexpr std::size_t max_reach = 1024;

char at_or_null(std::string_view text, std::size_t i) { return i < text.size() ? text[i] : '\0'; }

std::size_t after(std::string_view text, std::string_view closing, std::size_t from) {
  const std::size_t found = text.find(closing, from);
  return found == std::string_view::npos ? text.size() : found + closing.size();
}

/// The run of identifier bytes that ends just before `at`.
std::string_view word_before(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && is_name_byte(text[begin - 1])) --begin;
  return text.substr(begin, at - begin);
}

std::size_t end_of_plain(std::string_view text, std::size_t at, bool escapes, bool multiline) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (escapes && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    } else if (text[i] == '\n' && !multiline) {
      return i;
    }
  }
  return text.size();
}

/// R"delimiter( ... )delimiter"
std::size_t end_of_cpp_raw(std::string_view text, std::size_t at) {
  constexpr std::size_t longest_delimiter = 16;
  const std::size_t open = text.substr(0, at + longest_delimiter + 2).find('(', at);
  if (open == std::string_view::npos) return end_of_plain(text, at, true, false);
  const std::string closing = ")" + std::string(text.substr(at + 1, open - at - 1)) + "\"";
  return after(text, closing, open);
}

/// r#" ... "# with as many `#` as stand before the quote.
std::size_t end_of_rust_string(std::string_view text, std::size_t at) {
  std::size_t hashes = 0;
  while (hashes < at && text[at - hashes - 1] == '#') ++hashes;
  const std::string_view prefix = word_before(text, at - hashes);
  if (prefix != "r" && prefix != "br" && prefix != "cr") return end_of_plain(text, at, true, true);
  return after(text, "\"" + std::string(hashes, '#'), at + 1);
}

/// 'a' is a character, 'a alone is a lifetime.
std::size_t end_of_rust_character(std::string_view text, std::size_t at) {
  if (at_or_null(text, at + 1) == '\\') return end_of_plain(text, at, true, false);
  const std::size_t close = text.find('\'', at + 2);
  if (close == at + 2) return close + 1;
  const bool is_wide = static_cast<unsigned char>(at_or_null(text, at + 1)) >= 0x80;
  return is_wide && close != std::string_view::npos && close - at <= 5 ? close + 1 : at;
}

std::size_t end_of_triple(std::string_view text, std::size_t at) {
  const std::string_view quotes = text.substr(at, 3);
  for (std::size_t i = at + 3; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text.substr(i, 3) == quotes) {
      return i + 3;
    }
  }
  return text.size();
}

/// @"..." where "" is a quote, and """ ... """ of any length.
std::size_t end_of_csharp_string(std::string_view text, std::size_t at) {
  const std::size_t run = std::min(text.find_first_not_of('"', at), text.size()) - at;
  if (run >= 3) return after(text, std::string(run, '"'), at + run);
  const char before = at > 0 ? text[at - 1] : '\0';
  const bool verbatim = before == '@' || (before == '$' && at > 1 && text[at - 2] == '@');
  if (!verbatim) return end_of_plain(text, at, true, false);
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] != '"') continue;
    if (at_or_null(text, i + 1) != '"') return i + 1;
    ++i;
  }
  return text.size();
}

/// `text ${ code with `more` } text`
std::size_t end_of_template(std::string_view text, std::size_t at, int nesting) {
  int braces = 0;
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (braces == 0) {
      if (c == '`') return i + 1;
      if (c == '$' && at_or_null(text, i + 1) == '{') {
        ++braces;
        ++i;
      }
    } else if (c == '{') {
      ++braces;
    } else if (c == '}') {
      --braces;
    } else if (c == '"' || c == '\'') {
      i = end_of_plain(text, i, true, false) - 1;
    } else if (c == '`' && nesting < max_template_nesting) {
      i = end_of_template(text, i, nesting + 1) - 1;
    }
  }
  return text.size();
}

/// The ' of 1'000'000 opens nothing.
bool is_digit_separator(std::string_view text, std::size_t at) {
  const std::string_view word = word_before(text, at);
  return !word.empty() && is_digit(word[0]);
}

}  // namespace

std::size_t end_of_string(std::string_view text, std::size_t at, language lang) {
  const char quote = text[at];
  const language_traits& rules = traits(lang);
  if (lang == language::csharp && quote == '"') return end_of_csharp_string(text, at);
  if (rules.triple_quotes && text.substr(at, 3) == std::string(3, quote)) {
    return end_of_triple(text, at);
  }
  if (quote == '`') {
    return is_script(lang) ? end_of_template(text, at, 0) : after(text, "`", at + 1);
  }
  if (is_c_family(lang)) {
    if (quote == '\'' && is_digit_separator(text, at)) return at;
    const std::string_view prefix = quote == '"' ? word_before(text, at) : std::string_view{};
    const bool is_raw =
        prefix == "R" || prefix == "LR" || prefix == "uR" || prefix == "UR" || prefix == "u8R";
    if (is_raw) return end_of_cpp_raw(text, at);
  }
  if (lang == language::rust) {
    return quote == '"' ? end_of_rust_string(text, at) : end_of_rust_character(text, at);
  }
  const bool is_raw_shell =
      lang == language::shell && quote == '\'' && !(at > 0 && text[at - 1] == '$');
  const bool escapes = !is_raw_shell && lang != language::sql;
  return end_of_plain(text, at, escapes, rules.multiline_strings);
}

std::size_t end_of_regex(std::string_view text, std::size_t at, char before,
                         std::string_view word) {
  // After a value `/` divides; after an operator or one of these words a value must follow.
  constexpr std::array<std::string_view, 10> words{"return", "typeof", "case", "in",    "of",
                                                   "delete", "void",   "else", "await", "yield"};
  const bool expects_value =
      before == '\0' ||
      std::string_view("(,=:[!&|?{};+-*%~^<>").find(before) != std::string_view::npos ||
      std::find(words.begin(), words.end(), word) != words.end();
  if (!expects_value) return at;
  const std::size_t limit = std::min(text.size(), at + max_reach);
  bool in_class = false;
  for (std::size_t i = at + 1; i < limit && text[i] != '\n'; ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '[') {
      in_class = true;
    } else if (text[i] == ']') {
      in_class = false;
    } else if (text[i] == '/' && !in_class) {
      return i + 1;
    }
  }
  return at;
}

std::size_t end_of_expansion(std::string_view text, std::size_t at) {
  if (at_or_null(text, at + 1) != '{') return at;
  const std::size_t limit = std::min(text.size(), at + max_reach);
  int braces = 0;
  for (std::size_t i = at + 1; i < limit && text[i] != '\n'; ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '{') {
      ++braces;
    } else if (text[i] == '}' && --braces == 0) {
      return i + 1;
    }
  }
  return at;
}

here_document find_here_document(std::string_view text, std::size_t at) {
  if (at_or_null(text, at + 1) != '<' || at_or_null(text, at + 2) == '<') return {};
  std::size_t i = at + 2;
  const bool strips_tabs = at_or_null(text, i) == '-';
  if (strips_tabs) ++i;
  while (at_or_null(text, i) == ' ') ++i;
  if (const char c = at_or_null(text, i); c == '\'' || c == '"' || c == '\\') ++i;
  const std::size_t begin = i;
  while (i < text.size() && is_word(text[i])) ++i;
  const std::string_view closing = text.substr(begin, i - begin);
  if (closing.empty() || is_digit(closing[0])) return {};  // 1 << 2 shifts

  const std::size_t first = text.find('\n', i);
  std::size_t start = first;
  while (start != std::string_view::npos && start + 1 < text.size()) {
    const std::size_t end = std::min(text.find('\n', start + 1), text.size());
    std::string_view line = text.substr(start + 1, end - start - 1);
    if (strips_tabs) line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
    if (line == closing) return {first, end};
    start = end;
  }
  return {};
}

}  // namespace code_audit
