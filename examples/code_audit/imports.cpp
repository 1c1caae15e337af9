#include "imports.hpp"

#include <algorithm>
#include <utility>

#include "mask.hpp"

namespace code_audit {

namespace {

constexpr std::size_t max_target = 200;

/// One line: what is code in it, and the same piece of the source with its strings.
struct line_view {
  std::string_view code;  ///< Masked; strings show as marks.
  std::string_view text;

  void skip(std::size_t count) {
    count = std::min(count, code.size());
    code.remove_prefix(count);
    text.remove_prefix(count);
  }
  void skip_space() {
    while (!code.empty() && is_space(code[0])) skip(1);
  }
  /// Takes a whole word off the front.
  bool take(std::string_view word) {
    if (!code.starts_with(word)) return false;
    if (code.size() > word.size() && is_name_byte(code[word.size()])) return false;
    skip(word.size());
    skip_space();
    return true;
  }
};

class import_scanner {
 public:
  explicit import_scanner(const source_view& source) : source_(source) {}

  std::vector<import_found> run() {
    for (number_ = 1; number_ <= source_.lines.count(); ++number_) {
      const std::string_view text = source_.lines.line(number_);
      line_view line{source_.masked.substr(source_.lines.start(number_), text.size()), text};
      line.skip_space();
      if (!line.code.empty()) read(line);
    }
    return std::move(found_);
  }

 private:
  void add(std::string_view target) {
    target = trimmed(target);
    if (!target.empty()) found_.push_back({clean_text(target, max_target), number_});
  }

  /// The first string in the rest of the line, without its quotes.
  static std::string_view first_string(const line_view& line) {
    const std::size_t begin = line.code.find(string_mark);
    if (begin == std::string_view::npos) return {};
    const std::size_t quoted = line.text.find_first_of("\"'`", begin);
    if (quoted == std::string_view::npos) return {};
    const std::size_t end = line.text.find(line.text[quoted], quoted + 1);
    if (end == std::string_view::npos) return {};
    return line.text.substr(quoted + 1, end - quoted - 1);
  }

  /// The path at the front: names joined by dots, `::`, or what `joints` holds.
  static std::string_view leading_path(const line_view& line, std::string_view joints) {
    std::size_t end = 0;
    while (end < line.code.size() && (is_name_byte(line.code[end]) ||
                                      joints.find(line.code[end]) != std::string_view::npos)) {
      ++end;
    }
    return line.text.substr(0, end);
  }

  void read(line_view line) {
    switch (source_.lang) {
      case language::c:
      case language::cpp:
      case language::c_header: return directive(line);
      case language::python: return python(line);
      case language::java:
      case language::kotlin:
      case language::swift:
        if (line.take("import")) {
          line.take("static");
          add(leading_path(line, ".*"));
        }
        return;
      case language::csharp: return csharp(line);
      case language::rust: return rust(line);
      case language::go: return go(line);
      case language::javascript:
      case language::typescript: return script(line);
      case language::shell:
        if (line.take("source") || (line.code.starts_with(". ") && line.take("."))) {
          add(line.text.substr(0, std::min(line.text.find_first_of(" \t;&|"), line.text.size())));
        }
        return;
      case language::zig:
        if (const auto at = line.code.find("@import"); at != std::string_view::npos) {
          line.skip(at);
          add(first_string(line));
        }
        return;
      case language::ruby:
        if (line.take("require") || line.take("require_relative")) add(first_string(line));
        return;
      default: return;
    }
  }

  void directive(line_view line) {
    if (line.code[0] != '#') return;
    line.skip(1);
    line.skip_space();
    if (!line.take("include") && !line.take("include_next") && !line.take("import")) return;
    if (line.text.empty()) return;
    const char closing = line.text[0] == '<' ? '>' : line.text[0] == '"' ? '"' : '\0';
    if (closing == '\0') return add(leading_path(line, ""));  // a macro names the target
    const std::size_t end = line.text.find(closing, 1);
    if (end != std::string_view::npos) add(line.text.substr(1, end - 1));
  }

  void python(line_view line) {
    if (line.take("from")) {
      const std::string_view target = leading_path(line, ".");
      line.skip(target.size());
      line.skip_space();
      if (line.take("import")) add(target);
      return;
    }
    if (!line.take("import")) return;
    while (!line.code.empty()) {  // import a, b as c
      const std::string_view target = leading_path(line, ".");
      if (target.empty()) return;
      add(target);
      const std::size_t comma = line.code.find(',');
      if (comma == std::string_view::npos) return;
      line.skip(comma + 1);
      line.skip_space();
    }
  }

  void csharp(line_view line) {
    line.take("global");
    if (!line.take("using") || line.code.starts_with('(') || line.take("var")) return;
    line.take("static");
    if (const auto equals = line.code.find('='); equals != std::string_view::npos) {
      line.skip(equals + 1);
      line.skip_space();
      if (line.code.starts_with("new ")) return;  // a declaration that disposes
    }
    const std::string_view target = leading_path(line, ".");
    line.skip(target.size());
    line.skip_space();
    if (line.code.starts_with(';') || line.code.starts_with('<')) add(target);
  }

  void rust(line_view line) {
    if (line.take("pub") && line.code.starts_with('(')) {
      line.skip(std::min(line.code.find(')'), line.code.size() - 1) + 1);
      line.skip_space();
    }
    if (line.take("extern")) {
      if (line.take("crate")) add(leading_path(line, ""));
      return;
    }
    if (!line.take("use")) return;
    std::string_view target = leading_path(line, ":*");
    while (target.ends_with(':')) target.remove_suffix(1);
    add(target);
  }

  void go(line_view line) {
    if (is_in_block_) {
      if (line.code[0] == ')') is_in_block_ = false;
      return add(first_string(line));
    }
    if (!line.take("import")) return;
    is_in_block_ = line.code.starts_with('(') && line.code.find(')') == std::string_view::npos;
    add(first_string(line));
  }

  void script(line_view line) {
    const bool is_statement = line.take("import") || line.take("export") || line.take("}");
    if (is_statement) {
      const std::size_t from = line.code.find("from");
      const bool names_a_module = from != std::string_view::npos &&
                                  trimmed(line.code.substr(from + 4)).starts_with(string_mark);
      if (names_a_module) line.skip(from + 4);
      if (names_a_module || line.code.starts_with(string_mark)) return add(first_string(line));
    }
    std::size_t at = line.code.find("require(");
    if (at == std::string_view::npos) at = line.code.find("import(");
    if (at == std::string_view::npos || (at > 0 && is_name_byte(line.code[at - 1]))) return;
    line.skip(line.code.find('(', at) + 1);
    line.skip_space();
    if (line.code.starts_with(string_mark)) add(first_string(line));
  }

  const source_view& source_;
  std::vector<import_found> found_;
  std::uint32_t number_ = 0;
  bool is_in_block_ = false;
};

}  // namespace

std::vector<import_found> find_imports(const source_view& source) {
  return import_scanner(source).run();
}

}  // namespace code_audit
