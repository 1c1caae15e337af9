#include "functions.hpp"

#include <algorithm>
#include <cstddef>

#include "brace_functions.hpp"
#include "mask.hpp"

namespace code_audit {

namespace {

/// The run of name bytes at the front, and nothing when a digit leads.
std::string_view leading_name(std::string_view text, std::string_view also = {}) {
  std::size_t end = 0;
  while (end < text.size() &&
         (is_name_byte(text[end]) || also.find(text[end]) != std::string_view::npos)) {
    ++end;
  }
  return end > 0 && !is_digit(text[0]) ? text.substr(0, end) : std::string_view{};
}

/// Takes `word` and the white space after it off the front of `text`; false if it is not there.
bool take_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  const std::string_view rest = text.substr(word.size());
  if (rest.empty() || !is_space(rest[0])) return false;
  text = trimmed(rest);
  return true;
}

int net_brackets(std::string_view line, std::string_view opening, std::string_view closing) {
  int net = 0;
  for (const char c : line) {
    if (opening.find(c) != std::string_view::npos) ++net;
    if (closing.find(c) != std::string_view::npos) --net;
  }
  return net;
}

/// Python: a function lasts while lines are indented deeper than its `def`.
class indentation_scanner {
 public:
  explicit indentation_scanner(const source_view& source) : source_(source) {}

  std::vector<function_found> run() {
    for (std::uint32_t number = 1; number <= source_.lines.count(); ++number) read(number);
    while (!open_.empty()) close();
    std::sort(found_.begin(), found_.end(),
              [](const auto& a, const auto& b) { return a.line < b.line; });
    return std::move(found_);
  }

 private:
  struct open_function {
    function_found function;
    std::size_t indent = 0;
    std::vector<std::size_t> blocks;  ///< Indentations met inside, outermost first.
    std::uint32_t last_line = 0;
  };

  void read(std::uint32_t number) {
    const std::size_t start = source_.lines.start(number);
    const std::string_view line = source_.masked.substr(start, source_.lines.line(number).size());
    const std::string_view code = trimmed(line);
    if (code.empty() || code[0] == comment_mark) return;
    // What goes on from the line before has no indentation of its own: open brackets, strings.
    const bool goes_on = brackets_ > 0 || code[0] == string_mark || code[0] == doc_mark;
    if (!goes_on)
      begin_statement(number, code, static_cast<std::size_t>(code.data() - line.data()));
    for (open_function& open : open_) open.last_line = number;
    brackets_ = std::max(0, brackets_ + net_brackets(line, "([{", ")]}"));
  }

  void begin_statement(std::uint32_t number, std::string_view code, std::size_t indent) {
    while (!open_.empty() && indent <= open_.back().indent) close();
    for (open_function& open : open_) {
      auto& blocks = open.blocks;
      while (!blocks.empty() && blocks.back() > indent) blocks.pop_back();
      if (blocks.empty() || blocks.back() < indent) blocks.push_back(indent);
      const auto depth = static_cast<std::uint32_t>(blocks.size() - 1);
      open.function.depth = std::max(open.function.depth, depth);
    }
    take_word(code, "async");
    if (!take_word(code, "def")) return;
    const std::string_view name = leading_name(code);
    if (name.empty() || open_.size() >= max_nesting) return;
    open_.push_back({{clean_text(name, 160), number, 0, 0}, indent, {}, number});
  }

  void close() {
    open_function& done = open_.back();
    done.function.length = done.last_line - done.function.line + 1;
    found_.push_back(std::move(done.function));
    open_.pop_back();
  }

  /// Each line visits every open function; nobody nests them this deep by hand.
  static constexpr std::size_t max_nesting = 64;

  const source_view& source_;
  std::vector<open_function> open_;
  std::vector<function_found> found_;
  int brackets_ = 0;
};

/// Shell: `name() {` or `function name {`, until as many braces are closed as were opened.
class shell_scanner {
 public:
  explicit shell_scanner(const source_view& source) : source_(source) {}

  std::vector<function_found> run() {
    for (std::uint32_t number = 1; number <= source_.lines.count(); ++number) {
      const std::size_t start = source_.lines.start(number);
      const std::string_view line =
          trimmed(source_.masked.substr(start, source_.lines.line(number).size()));
      if (!is_inside_) look_for_head(number, line);
      if (is_inside_) follow(number, line);
    }
    return std::move(found_);
  }

 private:
  void look_for_head(std::uint32_t number, std::string_view line) {
    const bool has_keyword = take_word(line, "function");
    const std::string_view name = leading_name(line, "-.:");
    std::string_view rest = trimmed(line.substr(name.size()));
    const bool has_brackets = rest.starts_with('(') && trimmed(rest.substr(1)).starts_with(')');
    if (name.empty() || (!has_keyword && !has_brackets)) return;
    if (has_brackets) rest = trimmed(rest.substr(rest.find(')') + 1));
    if (!rest.empty() && rest[0] != '{') return;
    is_inside_ = true;
    has_opened_ = false;
    braces_ = 0;
    blocks_ = 0;
    current_ = {clean_text(name, 160), number, 0, 0};
  }

  void follow(std::uint32_t number, std::string_view line) {
    if (!has_opened_) {
      if (number > current_.line && !line.empty() && line[0] != '{') {
        is_inside_ = false;  // the brace did not come: this was a call, or a body in ( )
        return;
      }
      has_opened_ = line.find('{') != std::string_view::npos;
    }
    count_blocks(line);
    braces_ += net_brackets(line, "{", "}");
    if (!has_opened_ || braces_ > 0) return;
    current_.length = number - current_.line + 1;
    found_.push_back(std::move(current_));
    is_inside_ = false;
  }

  void count_blocks(std::string_view line) {
    bool at_command = true;
    while (!line.empty()) {
      const std::string_view word = leading_name(line);
      if (at_command) enter_or_leave(word);
      const std::size_t length = std::max<std::size_t>(word.size(), 1);
      const char last = line[length - 1];
      at_command = last == ';' || last == '&' || last == '|' || (at_command && is_space(last)) ||
                   word == "then" || word == "do" || word == "else";
      line.remove_prefix(length);
    }
  }

  void enter_or_leave(std::string_view word) {
    if (word == "if" || word == "for" || word == "while" || word == "until" || word == "case" ||
        word == "select") {
      current_.depth = std::max(current_.depth, ++blocks_);
    } else if ((word == "fi" || word == "done" || word == "esac") && blocks_ > 0) {
      --blocks_;
    }
  }

  const source_view& source_;
  std::vector<function_found> found_;
  function_found current_;
  bool is_inside_ = false;
  bool has_opened_ = false;
  int braces_ = 0;
  std::uint32_t blocks_ = 0;
};

}  // namespace

std::vector<function_found> find_functions(const source_view& source) {
  switch (traits(source.lang).functions) {
    case function_style::none: return {};
    case function_style::indentation: return indentation_scanner(source).run();
    case function_style::shell: return shell_scanner(source).run();
    default: return find_brace_functions(source);
  }
}

}  // namespace code_audit
