#include "text.hpp"

#include <algorithm>
#include <cstring>

namespace code_audit {

std::size_t utf8_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 && lead <= 0xf4   ? 4
                             : lead >= 0xe0 && lead <= 0xef ? 3
                             : lead >= 0xc2 && lead <= 0xdf ? 2
                                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
  if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f)) return 0;
  if ((lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f)) return 0;
  return length;
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string clean_text(std::string_view text, std::size_t max_bytes) {
  std::string clean;
  clean.reserve(std::min(text.size(), max_bytes));
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    std::string_view piece =
        length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length);
    // C1 controls (U+0080 to U+009F) drive terminals as escape sequences do.
    const bool control = (length == 1 && (text[0] < ' ' || text[0] == '\x7f')) ||
                         (length == 2 && text[0] == '\xc2' && text[1] < '\xa0');
    if (control) piece = " ";
    if (clean.size() + piece.size() > max_bytes) break;
    clean += piece;
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return clean;
}

std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return with_commas(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

line_index::line_index(std::string_view text) : text_(text) {
  std::size_t start = 0;
  while (start < text.size()) {
    starts_.push_back(static_cast<std::uint32_t>(start));
    const void* const end = std::memchr(text.data() + start, '\n', text.size() - start);
    if (end == nullptr) break;
    start = static_cast<std::size_t>(static_cast<const char*>(end) - text.data()) + 1;
  }
}

std::string_view line_index::line(std::uint32_t number) const noexcept {
  if (number == 0 || number > count()) return {};
  std::string_view line = text_.substr(start(number), start(number + 1) - start(number));
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  return line;
}

std::size_t line_index::start(std::uint32_t number) const noexcept {
  return number >= 1 && number <= count() ? starts_[number - 1] : text_.size();
}

std::uint32_t line_index::line_of(std::size_t offset) const noexcept {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  return static_cast<std::uint32_t>(after - starts_.begin());
}

}  // namespace code_audit
