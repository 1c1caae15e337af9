#include "fingerprints.hpp"

#include <algorithm>

#include "mask.hpp"

namespace code_audit {

namespace {

constexpr std::uint64_t fnv_start = 0xcbf29ce484222325U;
constexpr std::uint64_t fnv_prime = 0x100000001b3U;
constexpr std::uint8_t max_level = 63;

/// Spreads what the multiplications leave uneven: `survives` looks at the low bits only.
std::uint64_t mixed(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// A line of brackets, semicolons or `else` alone would make everything look alike.
bool says_something(std::string_view masked_line) {
  return std::any_of(masked_line.begin(), masked_line.end(),
                     [](char c) { return is_name_byte(c) || c == string_mark; });
}

/// Drops windows that repeat an earlier one of the same file and overlap with it: forty equal
/// lines are one repetition, not forty.
void drop_overlapping(fingerprint_list& list) {
  auto& windows = list.windows;
  std::sort(windows.begin(), windows.end(), [](const window& a, const window& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.ordinal < b.ordinal;
  });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    if (kept > 0 && windows[kept - 1].hash == windows[i].hash) {
      if (windows[i].ordinal < windows[kept - 1].ordinal + window_lines) continue;
      ++list.repeated_windows;
    }
    windows[kept++] = windows[i];
  }
  windows.resize(kept);
  std::sort(windows.begin(), windows.end(),
            [](const window& a, const window& b) { return a.ordinal < b.ordinal; });
}

}  // namespace

std::vector<std::uint32_t> significant_lines(const source_view& source,
                                             const std::vector<import_found>& imports) {
  std::vector<std::uint32_t> numbers;
  if (!traits(source.lang).is_code) return numbers;
  auto import = imports.begin();
  for (std::uint32_t number = 1; number <= source.lines.count(); ++number) {
    while (import != imports.end() && import->line < number) ++import;
    if (import != imports.end() && import->line == number) continue;
    const std::size_t start = source.lines.start(number);
    if (says_something(source.masked.substr(start, source.lines.line(number).size()))) {
      numbers.push_back(number);
    }
  }
  return numbers;
}

std::uint64_t line_hash(const source_view& source, std::uint32_t number) {
  const std::string_view line = source.lines.line(number);
  const std::size_t start = source.lines.start(number);
  std::uint64_t hash = fnv_start;
  bool has_space = false;
  bool has_text = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char mark = source.masked[start + i];
    if (is_space(mark) || mark == comment_mark || mark == doc_mark) {
      has_space = true;
      continue;
    }
    if (has_space && has_text) hash = (hash ^ static_cast<unsigned char>(' ')) * fnv_prime;
    hash = (hash ^ static_cast<unsigned char>(line[i])) * fnv_prime;
    has_space = false;
    has_text = true;
  }
  return mixed(hash);
}

fingerprint_list find_windows(const source_view& source, const std::vector<import_found>& imports,
                              std::size_t max_windows) {
  const std::vector<std::uint32_t> numbers = significant_lines(source, imports);
  fingerprint_list list;
  list.significant_lines = static_cast<std::uint32_t>(numbers.size());
  if (numbers.size() < window_lines) return list;

  std::vector<std::uint64_t> hashes;
  hashes.reserve(numbers.size());
  for (const std::uint32_t number : numbers) hashes.push_back(line_hash(source, number));

  list.windows.reserve(numbers.size() - window_lines + 1);
  for (std::size_t i = 0; i + window_lines <= numbers.size(); ++i) {
    std::uint64_t hash = fnv_start;
    for (std::size_t k = 0; k < window_lines; ++k) hash = mixed(hash * fnv_prime ^ hashes[i + k]);
    list.windows.push_back(
        {hash, static_cast<std::uint32_t>(i), numbers[i], numbers[i + window_lines - 1]});
  }
  drop_overlapping(list);
  thin(list, max_windows);
  return list;
}

void thin(fingerprint_list& list, std::size_t max_windows) {
  while (list.windows.size() > max_windows && list.thinning < max_level) {
    ++list.thinning;
    std::erase_if(list.windows, [&](const window& w) { return !survives(w.hash, list.thinning); });
  }
}

}  // namespace code_audit
