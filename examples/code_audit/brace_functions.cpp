#include "brace_functions.hpp"

#include <algorithm>
#include <map>
#include <span>

#include "function_head.hpp"
#include "mask.hpp"

namespace code_audit {

namespace {

/// A statement with more tokens than this is a table, and no function's head.
constexpr std::size_t max_head = 256;
/// `#if` nested deeper than this is read straight through.
constexpr std::size_t max_conditions = 16;
/// Brackets nested deeper than this are not told apart any more.
constexpr std::size_t max_frames = 256;

struct frame {
  char closing = 0;
  scope_kind kind = scope_kind::type;
  std::size_t head = 0;      ///< Where its tokens begin on the common stack.
  std::string name{};        ///< Of a function.
  std::uint32_t offset = 0;  ///< Of a function's name; else of the bracket.
  std::uint32_t depth = 0;   ///< Of a function: the deepest block seen in it.
};

/// One pass over a masked text: a stack of open brackets, and one stack of tokens that all of
/// them share, each beginning where the one around it stopped.
class brace_scanner {
 public:
  explicit brace_scanner(const source_view& source)
      : source_(source), code_(source.masked), rules_(traits(source.lang)), frames_(1) {}

  std::vector<function_found> run() {
    while (at_ < code_.size()) step();
    std::vector<function_found> functions;
    functions.reserve(found_.size());
    for (auto& [offset, function] : found_) functions.push_back(std::move(function));
    return functions;
  }

 private:
  struct state {
    std::vector<frame> frames;
    std::vector<token> tokens;
  };

  frame& top() { return frames_.back(); }
  std::span<const token> head() const { return std::span(tokens_).subspan(frames_.back().head); }
  void clear_head() { tokens_.resize(top().head); }

  void step() {
    const char c = code_[at_];
    if (c == '\n') {
      end_of_line();
    } else if (is_space(c) || c == comment_mark) {
      ++at_;
    } else if (c == '#' && has_preprocessor(source_.lang) && begins_line()) {
      directive();
    } else if (is_name_start(c)) {
      std::size_t end = at_ + 1;
      while (end < code_.size() && is_name_byte(code_[end])) ++end;
      push(end - at_);
    } else if (is_digit(c)) {
      std::size_t end = at_ + 1;
      while (end < code_.size() && (is_name_byte(code_[end]) || code_[end] == '.')) ++end;
      push(end - at_);
    } else {
      sign(c);
    }
  }

  void sign(char c) {
    switch (c) {
      case '{': return open_brace();
      case '(': return open({.closing = ')', .kind = scope_kind::group});
      case '[': return open({.closing = ']', .kind = scope_kind::group});
      case '}':
      case ')':
      case ']': return close(c);
      case ';':
        clear_head();
        ++at_;
        return;
      case ',':
        if (top().kind == scope_kind::group || top().kind == scope_kind::expression) {
          clear_head();
          ++at_;
          return;
        }
        return push(1);
      default: return push(length_of_sign());
    }
  }

  std::size_t length_of_sign() const {
    if (code_[at_] == string_mark) {
      const std::size_t end = code_.find_first_not_of(string_mark, at_);
      return std::min(end, code_.size()) - at_;
    }
    for (const std::string_view two : {"::", "->", "=>", "==", "!=", "<=", ">=", "&&", "||"}) {
      if (code_.substr(at_, 2) == two) return 2;
    }
    return 1;
  }

  void push(std::size_t length) {
    if (tokens_.size() - top().head >= max_head) clear_head();
    tokens_.push_back({code_.substr(at_, length), static_cast<std::uint32_t>(at_)});
    at_ += length;
    if (tokens_.back().text == ":" && source_.lang != language::csharp) drop_access_label();
  }

  /// `public:` belongs to nothing that follows.
  void drop_access_label() {
    const auto tokens = head();
    if (tokens.size() != 2 || !is_c_family(source_.lang)) return;
    const std::string_view word = tokens[0].text;
    if (word == "public" || word == "private" || word == "protected") clear_head();
  }

  void open(frame opened) {
    ++at_;
    if (frames_.size() >= max_frames) return;
    if (opened.kind != scope_kind::function) opened.offset = static_cast<std::uint32_t>(at_ - 1);
    opened.head = tokens_.size();
    frames_.push_back(std::move(opened));
  }

  void open_brace() {
    if (frames_.size() >= max_frames) {
      ++at_;
      return;
    }
    opening what = classify(head(), top().kind, source_.lang);
    if (what.kind == scope_kind::function) what.name = full_name(std::move(what.name));
    if (what.kind == scope_kind::block) note_depth();
    open({'}', what.kind, 0, std::move(what.name), what.offset, 0});
  }

  /// Tests are macros: TEST_CASE("a fact") says more with what stands between its brackets.
  std::string full_name(std::string name) const {
    const auto tokens = head();
    const bool is_macro_call = is_c_family(source_.lang) && tokens.size() == 2 &&
                               std::none_of(name.begin(), name.end(), [](char c) {
                                 return (c >= 'a' && c <= 'z') || c == '~';
                               });
    if (!is_macro_call) return name;
    const std::size_t begin = tokens[1].offset;
    return name.append(trimmed(source_.text.substr(begin, at_ - begin)));
  }

  void note_depth() {
    std::uint32_t depth = 1;
    for (std::size_t i = frames_.size(); i-- > 0;) {
      if (frames_[i].kind == scope_kind::block) ++depth;
      if (frames_[i].kind != scope_kind::function) continue;
      frames_[i].depth = std::max(frames_[i].depth, depth);
      return;
    }
  }

  void close(char c) {
    // A bracket that was never opened is passed over; a brace closes what is still open inside.
    std::size_t match = frames_.size() - 1;
    while (c == '}' && match > 0 && frames_[match].closing != '}') --match;
    if (match == 0 || frames_[match].closing != c) {
      ++at_;
      return;
    }
    const frame closed = std::move(frames_[match]);
    frames_.resize(match);
    tokens_.resize(closed.head);
    const bool is_part_of_statement =
        closed.kind == scope_kind::group || closed.kind == scope_kind::expression;
    if (closed.kind == scope_kind::function) record(closed);
    ++at_;
    if (!is_part_of_statement) return clear_head();
    const std::string_view group = c == ')' ? "()" : c == ']' ? "[]" : "{}";
    if (tokens_.size() - top().head >= max_head) clear_head();
    tokens_.push_back({group, closed.offset});
  }

  void record(const frame& closed) {
    const std::uint32_t first = source_.lines.line_of(closed.offset);
    const std::uint32_t last = source_.lines.line_of(at_);
    // Each branch of an #if may end the same function: the last one counts.
    found_[closed.offset] = {clean_text(closed.name, 160), first, last - first + 1, closed.depth};
  }

  bool begins_line() const {
    std::size_t i = at_;
    while (i > 0 && code_[i - 1] != '\n') {
      if (!is_space(code_[i - 1]) && code_[i - 1] != comment_mark) return false;
      --i;
    }
    return true;
  }

  /// Passes over a directive. At #else the brackets stand again as they stood at #if.
  void directive() {
    std::size_t end = std::min(code_.find('\n', at_), code_.size());
    while (end < code_.size() && code_[end - 1] == '\\') {
      end = std::min(code_.find('\n', end + 1), code_.size());
    }
    const std::string_view word = trimmed(code_.substr(at_ + 1, end - at_ - 1));
    at_ = end;
    if (word.starts_with("if")) {
      ++conditions_;
      if (saved_.size() < max_conditions) saved_.push_back({frames_, tokens_});
    } else if (word.starts_with("el") && conditions_ > 0) {
      if (conditions_ != saved_.size()) return;
      frames_ = saved_.back().frames;
      tokens_ = saved_.back().tokens;
    } else if (word.starts_with("endif") && conditions_ > 0) {
      if (conditions_ == saved_.size()) saved_.pop_back();
      --conditions_;
    }
  }

  /// Where statements end with their line, a line ends one unless an operator goes on.
  void end_of_line() {
    ++at_;
    const auto tokens = head();
    if (!rules_.newline_ends || tokens.empty() || top().kind == scope_kind::group) return;
    const token& last = tokens.back();
    const char c = last.text.back();
    if (!is_name_byte(c) && c != ')' && c != ']' && c != '}' && c != string_mark) return;
    std::size_t next = at_;
    while (next < code_.size() && (is_space(code_[next]) || code_[next] == comment_mark)) ++next;
    if (next < code_.size() &&
        std::string_view("{.=?:&|+-*/,)").find(code_[next]) != std::string_view::npos) {
      return;
    }
    clear_head();
  }

  const source_view& source_;
  std::string_view code_;
  const language_traits& rules_;
  std::vector<frame> frames_;
  std::vector<token> tokens_;
  std::vector<state> saved_;
  std::size_t conditions_ = 0;
  std::size_t at_ = 0;
  std::map<std::uint32_t, function_found> found_;
};

}  // namespace

std::vector<function_found> find_brace_functions(const source_view& source) {
  return brace_scanner(source).run();
}

}  // namespace code_audit
