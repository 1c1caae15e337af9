#include "code_facts.hpp"

#include <algorithm>
#include <initializer_list>
#include <unordered_set>

#include "fingerprints.hpp"
#include "mask.hpp"
#include "source_scan.hpp"
#include "text.hpp"

namespace code_audit {

namespace {

std::uint32_t count_words(std::string_view line, std::initializer_list<std::string_view> words) {
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < line.size();) {
    std::size_t end = i;
    while (end < line.size() && is_name_byte(line[end])) ++end;
    count +=
        static_cast<std::uint32_t>(std::count(words.begin(), words.end(), line.substr(i, end - i)));
    i = std::max(end, i + 1);
  }
  return count;
}

std::uint32_t count_pairs(std::string_view line, char sign) {
  std::uint32_t count = 0;
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    if (line[i] == sign && line[i + 1] == sign) ++count, ++i;
  }
  return count;
}

/// A row such as `{"name", 3, kind::a},` or `"text"` or `0x1f, 0x2e,`: no call, no assignment.
bool is_table_row(std::string_view code) {
  if (code.empty() || code.find('(') != std::string_view::npos) return false;
  if (code.find(';') != std::string_view::npos) return false;
  const bool has_value =
      std::any_of(code.begin(), code.end(), [](char c) { return c == string_mark || is_digit(c); });
  const bool is_row = code[0] == '{' || code[0] == '[' || code.back() == ',' ||
                      std::all_of(code.begin(), code.end(), [](char c) {
                        return c == string_mark || is_space(c) || c == '}' || c == ']';
                      });
  return has_value && is_row && count_words(code, {"case", "if", "else", "return", "for"}) == 0;
}

/// Levels of indentation, a tab or four columns (two where the text indents by two) for each.
std::uint32_t indentation_of(std::string_view line, std::uint32_t unit) {
  std::uint32_t columns = 0;
  for (const char c : line) {
    if (c == ' ')
      ++columns;
    else if (c == '\t')
      columns += unit;
    else
      break;
  }
  return columns / unit;
}

std::uint32_t indentation_unit(const prepared_source& source, std::uint32_t first,
                               std::uint32_t last) {
  std::uint32_t by_two = 0;
  std::uint32_t all = 0;
  for (std::uint32_t n = first; n <= last; ++n) {
    const std::size_t spaces = source.lines.line(n).find_first_not_of(' ');
    if (spaces == std::string_view::npos || spaces == 0) continue;
    ++all;
    if (spaces % 4 == 2) ++by_two;
  }
  return by_two * 8 > all ? 2 : 4;
}

void measure_line(const prepared_source& source, std::uint32_t number, std::uint32_t unit,
                  std::uint32_t base, code_facts& facts) {
  const std::string_view text = source.lines.line(number);
  const std::string_view masked = source.masked_line(number);
  ++facts.lines;
  if (find_marker(text) != std::string_view::npos) ++facts.marker_lines;
  const line_kind kind = kind_of_line(masked);
  if (kind == line_kind::comment) ++facts.comment_lines;
  if (kind != line_kind::code) return;
  ++facts.code_lines;
  if (is_table_row(trimmed(masked))) ++facts.table_lines;
  const std::uint32_t cases = count_words(masked, {"case", "default"});
  facts.case_labels += cases;
  facts.branches += cases + count_pairs(masked, '&') + count_pairs(masked, '|') +
                    count_words(masked, {"if", "elif", "for", "while", "catch", "except", "match",
                                         "and", "or", "until"});
  const bool says_something = std::any_of(masked.begin(), masked.end(), is_name_byte);
  if (says_something && indentation_of(text, unit) >= base + 5) ++facts.deep_lines;
}

}  // namespace

prepared_source::prepared_source(std::string_view contents, language lang)
    : masked(mask(contents, lang)), lines(contents), view{contents, masked, lang, lines} {}

std::string_view prepared_source::masked_line(std::uint32_t number) const noexcept {
  const std::size_t size = lines.line(number).size();
  return size == 0 ? std::string_view{}
                   : std::string_view(masked).substr(lines.start(number), size);
}

code_facts measure(const prepared_source& source, std::uint32_t line, std::uint32_t length) {
  const std::uint32_t count = source.lines.count();
  const std::uint32_t first = std::max(line, 1U);
  if (first > count) return {};
  const std::uint32_t last = length == 0 ? count : first + std::min(length - 1, count - first);
  const std::uint32_t unit = indentation_unit(source, first, last);
  const std::uint32_t base = indentation_of(source.lines.line(first), unit);
  code_facts facts;
  for (std::uint32_t n = first; n <= last; ++n) measure_line(source, n, unit, base, facts);

  std::unordered_set<std::uint64_t> seen;
  for (const std::uint32_t n : significant_lines(source.view, {})) {
    if (n < first || n > last) continue;
    if (!seen.insert(line_hash(source.view, n)).second) ++facts.repeated_lines;
  }
  return facts;
}

}  // namespace code_audit
