#include "declarator.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace code_audit {

namespace {

/// Words that stand before round brackets and yet name no function.
bool is_never_a_name(std::string_view word, language lang) {
  return is_control(word, lang) ||
         is_one_of(word, {"__attribute__", "__attribute", "__declspec", "alignas",  "decltype",
                          "typeof",        "__typeof__",  "noexcept",   "throw",    "requires",
                          "sizeof",        "explicit",    "void",       "int",      "bool",
                          "char",          "long",        "short",      "float",    "double",
                          "unsigned",      "signed",      "auto",       "new",      "when",
                          "where",         "asm",         "__asm__",    "_Alignas", "static_assert",
                          "defined"});
}

/// A macro in front of the real declarator: EXPORT(int) f(...) {
bool is_macro_name(std::string_view word) {
  return word.size() > 1 &&
         std::none_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

/// `operator` and the signs after it, up to the brackets with the parameters.
std::optional<opening> operator_function(head_view head) {
  const std::size_t at = find_word(head, {"operator"});
  if (at == no_token) return std::nullopt;
  opening result = named(head, at);
  if (text_at(head, at + 1) == "()") {
    result.name += "()";
    return result;
  }
  int angles = 0;
  for (std::size_t i = at + 1; i < head.size(); ++i) {
    const std::string_view sign = head[i].text;
    const bool may_be_type = i > at + 1 && is_name(head[at + 1]);
    if (sign == "()" && angles == 0) break;
    if (may_be_type && sign == "<") ++angles;
    if (may_be_type && sign == ">") --angles;
    if (is_name(head[i]) && is_name_byte(result.name.back())) result.name += ' ';
    result.name += sign;
  }
  return result;
}

struct declarator {
  std::size_t name = no_token;   ///< Where the name stands.
  std::size_t colon = no_token;  ///< Where the list of initialisers of a constructor begins.
  bool is_initialiser = false;
};

/// Finds `name ()` outside `<...>`, before any `=`, `->` or `:`.
declarator find_declarator(head_view head, language lang) {
  declarator found;
  int angles = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    const std::string_view t = head[i].text;
    if (t == "<" && i > 0 && is_name(head[i - 1])) {
      ++angles;
    } else if (t == ">" && angles > 0) {
      --angles;
    } else if (angles > 0) {
      continue;
    } else if (t == "=" && found.name == no_token) {
      found.is_initialiser = true;
      return found;
    } else if (t == "->" || (t == ":" && found.name != no_token)) {
      if (t == ":") found.colon = i;
      return found;
    } else if (t == "()" && i > 0) {
      const bool annotates = i > 1 && head[i - 2].text == "@";
      const bool usable =
          is_name(head[i - 1]) && !is_never_a_name(head[i - 1].text, lang) && !annotates;
      const bool better = found.name == no_token || is_macro_name(head[found.name].text);
      if (usable && better) found.name = i - 1;
      // f<int>(...) { : a specialisation
      if (head[i - 1].text == ">" && found.name == no_token) {
        const std::size_t open = open_angle(head, i - 1);
        if (open > 0 && is_name(head[open - 1])) found.name = open - 1;
      }
    }
  }
  return found;
}

bool ends_like_a_function(head_view head) {
  return is_one_of(head.back().text,
                   {"()", "{}", "const", "noexcept", "override", "final", "volatile", "&"});
}

}  // namespace

opening classify_declarator(head_view head, scope_kind enclosing, language lang) {
  if (lang == language::csharp) {  // where T : class
    head = head.first(std::min(find_word(head, {"where"}), head.size()));
    if (head.empty()) return {scope_kind::block};
  }
  const bool makes_class = lang == language::java && find_word(head, {"new"}) != no_token;
  if (makes_class && head.back().text == "()") return {scope_kind::type};  // an anonymous class
  // Not after `&`: f() & { has a body, and so has f() -> int& {
  const bool continues = is_one_of(head.back().text, {"=", ",", "(", "[", "return", "?", "+"});
  if (enclosing == scope_kind::group || continues) {
    return {scope_kind::expression};
  }
  if (is_control(head[0].text, lang)) return {scope_kind::block};
  if (find_word(head, {"namespace"}) != no_token) return {scope_kind::type};
  if (head[0].text == "extern" && head.size() == 2) return {scope_kind::type};  // extern "C" {
  const bool in_code = enclosing != scope_kind::type;
  if (auto found = operator_function(head); found && !in_code) return *found;
  const declarator found = find_declarator(head, lang);
  if (found.is_initialiser) return {scope_kind::expression};
  const bool has_type_word =
      find_word(head, {"class", "struct", "union", "enum"}) != no_token ||
      (!is_c_family(lang) && find_word(head, {"interface", "record"}) != no_token);
  if (has_type_word && (found.name == no_token || !ends_like_a_function(head))) {
    return {scope_kind::type};
  }
  if (found.name == no_token || in_code) return {scope_kind::block};
  // In `f() : a_(1), b_{2} {` the brace after a name or `>` belongs to the initialiser.
  if (found.colon != no_token && (is_name(head.back()) || head.back().text == ">")) {
    return {scope_kind::expression};
  }
  return named(head, found.name);
}

}  // namespace code_audit
