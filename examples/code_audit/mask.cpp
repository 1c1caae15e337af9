#include "mask.hpp"

#include <algorithm>
#include <array>

#include "literals.hpp"
#include "text.hpp"

namespace code_audit {

namespace {

/// One pass over a text; `out_` is the copy in which marks replace what was recognised.
class masker {
 public:
  masker(std::string_view text, language lang)
      : text_(text), out_(text), lang_(lang), rules_(traits(lang)) {
    const auto stop_at = [&](char c) { stops_[static_cast<unsigned char>(c)] = true; };
    for (const char quote : rules_.quotes) stop_at(quote);
    if (!rules_.line_comment.empty()) stop_at(rules_.line_comment[0]);
    if (!rules_.block_open.empty()) stop_at(rules_.block_open[0]);
    if (lang == language::shell) std::for_each_n("\\$<\n", 4, stop_at);
    if (lang == language::python) std::for_each_n("()[]{}", 6, stop_at);
    if (lang == language::erlang) stop_at('$');
  }

  std::string run() {
    while (at_ < text_.size()) {
      if (!stops_[static_cast<unsigned char>(text_[at_])]) {
        ++at_;
      } else if (!comment() && !string() && !special()) {
        ++at_;
      }
    }
    return std::move(out_);
  }

 private:
  bool looking_at(std::string_view what) const {
    return !what.empty() && text_.substr(at_, what.size()) == what;
  }

  /// Replaces everything up to `end` but white space, and goes there.
  void replace(std::size_t end, char mark) {
    for (; at_ < end; ++at_) {
      if (!is_space(text_[at_])) out_[at_] = mark;
    }
  }

  bool comment() {
    if (looking_at(rules_.block_open)) {
      replace(end_of_block(), comment_mark);
      return true;
    }
    if (!looking_at(rules_.line_comment)) return false;
    if (rules_.hash_at_word_start && at_ > 0 && !is_space(text_[at_ - 1]) &&
        std::string_view(";&|(").find(text_[at_ - 1]) == std::string_view::npos) {
      return false;
    }
    replace(end_of_line_comment(), comment_mark);
    return true;
  }

  std::size_t end_of_block() const {
    int depth = 0;
    for (std::size_t i = at_; i < text_.size();) {
      if (text_.compare(i, rules_.block_open.size(), rules_.block_open) == 0 &&
          (rules_.nested_blocks || depth == 0)) {
        ++depth;
        i += rules_.block_open.size();
      } else if (text_.compare(i, rules_.block_close.size(), rules_.block_close) == 0) {
        i += rules_.block_close.size();
        if (--depth == 0) return i;
      } else {
        ++i;
      }
    }
    return text_.size();
  }

  std::size_t end_of_line_comment() const {
    std::size_t end = std::min(text_.find('\n', at_), text_.size());
    // In C a backslash joins the next line to the comment.
    while (is_c_family(lang_) && end < text_.size() && text_[end - 1] == '\\') {
      end = std::min(text_.find('\n', end + 1), text_.size());
    }
    return end;
  }

  bool string() {
    if (rules_.quotes.find(text_[at_]) == std::string_view::npos) return false;
    const std::size_t end = end_of_string(text_, at_, lang_);
    if (end == at_) return false;
    replace(end, is_documentation() ? doc_mark : string_mark);
    return true;
  }

  /// In Python a string in three quotes that begins a statement documents what holds it.
  bool is_documentation() const {
    if (lang_ != language::python || brackets_ > 0) return false;
    if (text_.substr(at_, 3) != std::string(3, text_[at_])) return false;
    std::size_t i = at_;
    while (i > 0 && (text_[i - 1] == 'r' || text_[i - 1] == 'R')) --i;
    while (i > 0 && text_[i - 1] != '\n' && is_space(text_[i - 1])) --i;
    return i == 0 || text_[i - 1] == '\n';
  }

  bool special() {
    const char c = text_[at_];
    if (lang_ == language::shell) return shell();
    if (is_script(lang_) && c == '/') return regex();
    if (lang_ == language::python) {
      if (c == '(' || c == '[' || c == '{') ++brackets_;
      if ((c == ')' || c == ']' || c == '}') && brackets_ > 0) --brackets_;
    }
    if (lang_ == language::erlang && c == '$') {  // $" is a character, not a string's start
      replace(std::min(at_ + 2, text_.size()), string_mark);
      return true;
    }
    return false;
  }

  bool regex() {
    std::size_t i = at_;
    while (i > 0 && (is_space(out_[i - 1]) || out_[i - 1] == comment_mark)) --i;
    std::size_t begin = i;
    while (begin > 0 && is_name_byte(out_[begin - 1])) --begin;
    const std::string_view word = std::string_view(out_).substr(begin, i - begin);
    const std::size_t end = end_of_regex(text_, at_, i > 0 ? out_[i - 1] : '\0', word);
    if (end == at_) return false;
    replace(end, string_mark);
    return true;
  }

  bool shell() {
    const char c = text_[at_];
    if (c == '\\') {  // \' and \" open nothing
      at_ = std::min(at_ + 2, text_.size());
      return true;
    }
    if (c == '$') {
      const std::size_t end = end_of_expansion(text_, at_);
      if (end == at_) return false;
      replace(end, string_mark);
      return true;
    }
    if (c == '<' && pending_.end <= at_ && searches_left_ > 0) {
      if (const auto found = find_here_document(text_, at_); found.end > found.begin) {
        pending_ = found;
        at_ += 2;
        return true;
      }
      // A search that fails has read the rest of the text.
      if (looking_at("<<")) --searches_left_;
    }
    if (c == '\n' && pending_.end > at_ && pending_.begin == at_) {
      replace(pending_.end, string_mark);
      return true;
    }
    return false;
  }

  std::string_view text_;
  std::string out_;
  language lang_;
  const language_traits& rules_;
  std::array<bool, 256> stops_{};
  std::size_t at_ = 0;
  int brackets_ = 0;
  here_document pending_;
  int searches_left_ = 16;
};

}  // namespace

std::string mask(std::string_view text, language lang) { return masker(text, lang).run(); }

line_kind kind_of_line(std::string_view masked_line) noexcept {
  bool has_comment = false;
  for (const char c : masked_line) {
    if (is_space(c)) continue;
    if (c != comment_mark && c != doc_mark) return line_kind::code;
    has_comment = true;
  }
  return has_comment ? line_kind::comment : line_kind::blank;
}

}  // namespace code_audit
