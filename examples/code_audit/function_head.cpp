#include "function_head.hpp"

#include <optional>
#include <vector>

#include "declarator.hpp"
#include "head_tokens.hpp"

namespace code_audit {

namespace {

/// Braces after one of these continue an expression.
bool continues_expression(std::string_view last) {
  return is_one_of(last, {"=", ",", "(", "[", "return", "?", "&&", "||", "+", "<", "|", "&"});
}

/// The name that an assignment, a property or a class field gives to a function without one.
std::optional<opening> assigned_name(head_view head) {
  std::size_t equals = head.size();
  while (equals > 0 && head[equals - 1].text != "=") --equals;
  if (equals == 0) {
    if (text_at(head, 1) == ":" && is_name(head[0])) return named(head, 0);
    return std::nullopt;
  }
  // Back to where this assignment begins; a colon on the way announces a type after the name.
  std::size_t name = no_token;
  for (std::size_t i = equals - 1;
       i-- > 0 && !is_one_of(head[i].text, {",", "=", "const", "let"});) {
    const bool is_before_type = text_at(head, i + 1) == ":";
    if (is_name(head[i]) && (name == no_token || is_before_type)) name = i;
  }
  return name == no_token ? std::nullopt : std::optional(named(head, name));
}

/// JavaScript, TypeScript.
opening classify_script(head_view head, scope_kind enclosing, language lang) {
  const token& last = head.back();
  if (last.text == "=>") return assigned_name(head).value_or(opening{scope_kind::block});
  if (const std::size_t at = find_word(head, {"function"}); at != no_token) {
    const std::size_t name = text_at(head, at + 1) == "*" ? at + 2 : at + 1;
    if (name < head.size() && is_name(head[name])) return named(head, name);
    return assigned_name(head).value_or(opening{scope_kind::block});
  }
  if (find_word(head, {"class", "interface", "enum", "namespace", "module"}) != no_token) {
    return {scope_kind::type};
  }
  if (continues_expression(last.text)) return {scope_kind::expression};
  if (is_control(head[0].text, lang)) return {scope_kind::block};  // case 1: {
  if (last.text == ":") return {scope_kind::expression};
  const bool may_hold_methods =
      enclosing == scope_kind::type || enclosing == scope_kind::expression;
  if (!may_hold_methods || find_word(head, {"=", ".", "new"}) != no_token)
    return {scope_kind::block};
  const std::size_t brackets = find_word(head, {"()"});
  if (brackets == no_token || brackets == 0) return {scope_kind::block};
  std::size_t name = brackets - 1;
  if (head[name].text == ">") {  // name<T>()
    name = open_angle(head, name);
    if (name > 0) --name;
  }
  if (head[name].text == "[]" && enclosing == scope_kind::type) {  // [Symbol.iterator]() {
    return {scope_kind::function, "[computed]", head[name].offset};
  }
  if (!is_name(head[name]) || is_control(head[name].text, lang)) return {scope_kind::block};
  return named(head, name);
}

/// Go, Rust, Kotlin, Swift, Zig.
opening classify_keyword(head_view head, language lang) {
  // In Go `interface {` and `struct {` may be part of a function's result.
  if (lang == language::go && is_one_of(head.back().text, {"interface", "struct"})) {
    return {scope_kind::expression};
  }
  const std::size_t keyword = find_word(head, {traits(lang).function_keyword});
  if (keyword == no_token || find_word(head, {"=", "let", "return"}) < keyword) {
    return {scope_kind::block};
  }
  std::size_t name = keyword + 1;
  if (lang == language::go && text_at(head, name) == "()") {  // a receiver, or no name at all
    const bool has_parameters = is_one_of(text_at(head, name + 2), {"()", "[]"});
    if (!has_parameters) return {scope_kind::block};
    ++name;
  }
  if (lang == language::kotlin) {  // fun <T> List<T>.name()
    const std::size_t brackets = find_word(head, {"()"});
    if (brackets == no_token || brackets == 0) return {scope_kind::block};
    name = brackets - 1;
  }
  if (name >= head.size() || !is_name(head[name])) return {scope_kind::block};
  return named(head, name);
}

}  // namespace

opening classify(std::span<const token> head, scope_kind enclosing, language lang) {
  if (head.empty()) {
    const bool is_nested = enclosing == scope_kind::group || enclosing == scope_kind::expression;
    return {is_nested ? scope_kind::expression : scope_kind::block};
  }
  switch (traits(lang).functions) {
    case function_style::declarator: {
      if (find_word(head, {"template"}) == no_token)
        return classify_declarator(head, enclosing, lang);
      const std::vector<token> rest = without_templates(head);
      if (rest.empty()) return {scope_kind::block};
      return classify_declarator(rest, enclosing, lang);
    }
    case function_style::script: return classify_script(head, enclosing, lang);
    case function_style::keyword: return classify_keyword(head, lang);
    default: return {scope_kind::block};
  }
}

}  // namespace code_audit
