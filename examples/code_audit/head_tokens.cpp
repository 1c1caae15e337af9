#include "head_tokens.hpp"

#include <algorithm>
#include <string>

namespace code_audit {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::size_t find_word(head_view head, std::initializer_list<std::string_view> list) {
  const auto found = std::find_if(head.begin(), head.end(),
                                  [&](const token& t) { return is_one_of(t.text, list); });
  return found == head.end() ? no_token : static_cast<std::size_t>(found - head.begin());
}

bool is_control(std::string_view word, language lang) {
  if (lang == language::csharp &&
      is_one_of(word, {"foreach", "using", "lock", "fixed", "unsafe", "checked", "unchecked"})) {
    return true;
  }
  if (word == "default") return lang != language::java;  // there it also begins a method
  return is_one_of(word, {"if", "else", "for", "while", "do", "switch", "case", "try", "catch",
                          "finally", "return", "throw"}) ||
         (word == "synchronized" && lang == language::java) || (word == "with" && is_script(lang));
}

std::size_t after_angles(head_view head, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < head.size(); ++i) {
    if (head[i].text == "<") ++depth;
    if (head[i].text == ">" && --depth == 0) return i + 1;
  }
  return head.size();
}

std::size_t open_angle(head_view head, std::size_t close) {
  int depth = 0;
  for (std::size_t i = close; i > 0; --i) {
    if (head[i].text == ">") ++depth;
    if (head[i].text == "<" && --depth == 0) return i;
  }
  return 0;
}

opening named(head_view head, std::size_t last) {
  opening result{scope_kind::function, std::string(head[last].text), head[last].offset};
  std::size_t first = last;
  if (first > 0 && head[first - 1].text == "~") result.name.insert(0, head[--first].text);
  while (first >= 2 && head[first - 1].text == "::") {
    std::size_t owner = first - 2;
    if (head[owner].text == ">") owner = open_angle(head, owner);
    if (owner > 0 && !is_name(head[owner])) --owner;  // from `<` to the name before it
    if (!is_name(head[owner])) break;
    result.name.insert(0, std::string(head[owner].text) + "::");
    first = owner;
  }
  return result;
}

std::vector<token> without_templates(head_view head) {
  std::vector<token> rest;
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i].text == "template" && text_at(head, i + 1) == "<") {
      i = after_angles(head, i + 1) - 1;
    } else {
      rest.push_back(head[i]);
    }
  }
  return rest;
}

}  // namespace code_audit
