#include "source_scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "mask.hpp"
#include "text.hpp"

namespace code_audit {

namespace {

constexpr std::array<std::string_view, 4> marker_words{"TODO", "FIXME", "XXX", "HACK"};
constexpr std::size_t max_marker_text = 120;

void count_lines(const source_view& source, const scan_options& options, file_findings& found) {
  for (std::uint32_t number = 1; number <= source.lines.count(); ++number) {
    const std::string_view line = source.lines.line(number);
    switch (kind_of_line(source.masked.substr(source.lines.start(number), line.size()))) {
      case line_kind::blank: ++found.blank_lines; break;
      case line_kind::comment: ++found.comment_lines; break;
      case line_kind::code: ++found.code_lines; break;
    }
    if (found.longest_line == 0 || line.size() > found.longest_line_bytes) {
      found.longest_line = number;
      found.longest_line_bytes = static_cast<std::uint32_t>(line.size());
    }
    const std::size_t marker = find_marker(line);
    if (marker == std::string_view::npos) continue;
    ++found.marker_lines;
    if (found.markers.size() >= options.max_markers) continue;
    found.markers.push_back({number, clean_text(trimmed(line.substr(marker)), max_marker_text)});
  }
}

}  // namespace

std::size_t find_marker(std::string_view line) noexcept {
  // Nearly every line has none of these four letters in a row of capitals: look for those first.
  for (std::size_t at = 0; (at = line.find_first_of("TFXH", at)) != std::string_view::npos; ++at) {
    if (at > 0 && is_word(line[at - 1])) continue;
    for (const std::string_view word : marker_words) {
      const bool matches = line.substr(at, word.size()) == word;
      const std::size_t end = at + word.size();
      if (matches && (end == line.size() || !is_word(line[end]))) return at;
    }
  }
  return std::string_view::npos;
}

scan_result scan_text(std::string path, std::string_view contents, const scan_options& options) {
  if (contents.size() > options.max_bytes) {
    return scan_problem{
        problem_kind::too_large, std::move(path),
        fmt::format("holds {} bytes, the limit is {}", contents.size(), options.max_bytes)};
  }
  if (is_binary(contents)) {
    return scan_problem{problem_kind::binary, std::move(path), "is not text"};
  }
  file_findings found;
  found.lang = detect_language(path, contents);
  found.path = std::move(path);
  found.bytes = contents.size();
  found.lines = static_cast<std::uint32_t>(std::count(contents.begin(), contents.end(), '\n'));
  found.is_unterminated = !contents.empty() && contents.back() != '\n';

  const std::string masked = mask(contents, found.lang);
  const line_index lines(contents);
  const source_view source{contents, masked, found.lang, lines};
  count_lines(source, options, found);
  found.imports = find_imports(source);
  found.import_count = static_cast<std::uint32_t>(found.imports.size());
  found.functions = find_functions(source);
  found.function_count = static_cast<std::uint32_t>(found.functions.size());
  std::stable_sort(found.functions.begin(), found.functions.end(),
                   [](const auto& a, const auto& b) { return a.length > b.length; });
  found.fingerprints = find_windows(source, found.imports, options.max_windows);
  return found;
}

scan_result scan_file(const std::filesystem::path& path, const scan_options& options) {
  read_result contents = read_file(path, options.max_bytes);
  if (auto* problem = std::get_if<scan_problem>(&contents)) return std::move(*problem);
  return scan_text(path.string(), std::get<std::string>(contents), options);
}

}  // namespace code_audit
