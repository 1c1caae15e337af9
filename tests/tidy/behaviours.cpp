#include "tidy/behaviours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>

namespace actors::tidy {

namespace {

constexpr std::string_view map_path = "tests/behaviours.md";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

/// Reads one string literal after `at`, which it moves behind it; nothing when none comes next.
std::optional<std::string> read_literal(std::string_view text, std::size_t& at) {
  at = std::min(text.find_first_not_of(" \t\n", at), text.size());
  if (at == text.size() || text[at] != '"') return std::nullopt;
  std::string value;
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    value += text[at];
  }
  ++at;
  return value;
}

/// Literals that stand beside each other are one.
std::string read_literals(std::string_view text, std::size_t& at) {
  std::string all;
  while (const auto part = read_literal(text, at)) all += *part;
  return all;
}

std::vector<std::string> tags_in(std::string_view text) {
  std::vector<std::string> tags;
  for (auto open = text.find('['); open != text.npos; open = text.find('[', open + 1)) {
    const auto close = text.find(']', open);
    if (close == text.npos) break;
    tags.emplace_back(text.substr(open + 1, close - open - 1));
  }
  return tags;
}

bool has_form_of_id(std::string_view text, const std::vector<behaviour_range>& ranges) {
  const bool has_letter = std::ranges::any_of(
      ranges, [text](const behaviour_range& range) { return text.starts_with(range.letter); });
  return has_letter && text.size() > 1 && std::ranges::all_of(text.substr(1), [](char c) {
           return std::isdigit(static_cast<unsigned char>(c)) != 0;
         });
}

/// A row of the map.
struct entry {
  std::string id;
  std::string status;
  std::string why;  // the test, or the reason why there is none
};

std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  line = trimmed(line);
  if (!line.starts_with('|')) return cells;
  for (std::size_t at = 1; at < line.size();) {
    const auto end = std::min(line.find('|', at), line.size());
    cells.emplace_back(trimmed(line.substr(at, end - at)));
    at = end + 1;
  }
  return cells;
}

std::vector<entry> entries_of(const source_file& map, const std::vector<behaviour_range>& ranges) {
  std::vector<entry> entries;
  std::istringstream lines(map.text);
  for (std::string line; std::getline(lines, line);) {
    auto cells = cells_of(line);
    if (cells.empty() || !has_form_of_id(cells[0], ranges)) continue;
    cells.resize(4);  // id, behaviour, status, test or reason
    entries.push_back({cells[0], cells[2], cells[3]});
  }
  return entries;
}

/// The tests of a tree, by "supervision/mail_test.cpp: what it is called".
using test_index = std::map<std::string, std::vector<std::string>>;

test_index index_tests(const tree& files) {
  test_index all;
  for (const auto& file : files) {
    if (!is_below(file, "tests") || is_below(file, "tests/tidy") || !is_source(file)) continue;
    const auto path = file.path.substr(std::string_view("tests/").size());
    for (auto& test : test_cases_of(file)) {
      all.emplace(fmt::format("{}: {}", path, test.name), std::move(test.tags));
    }
  }
  return all;
}

bool names_test(const entry& row) { return row.status == "tested" || row.status == "part"; }

bool has_reason(const entry& row) {
  return row.status == "open" || row.status == "later" || row.status == "never";
}

void check_row(const entry& row, const test_index& tests, complaints& found) {
  if (has_reason(row)) {
    if (row.why.empty())
      found.push_back(fmt::format("{} is {} without a reason", row.id, row.status));
    return;
  }
  if (!names_test(row)) {
    found.push_back(fmt::format("{} has the status '{}', which means nothing", row.id, row.status));
    return;
  }
  const auto test = tests.find(row.why);
  if (test == tests.end()) {
    found.push_back(fmt::format("{} names a test that does not exist: {}", row.id, row.why));
  } else if (std::ranges::find(test->second, row.id) == test->second.end()) {
    found.push_back(fmt::format("{} is no tag of {}", row.id, row.why));
  }
}

/// What is shown in part has to say what is missing, and nothing is both shown and not.
void check_statuses(const std::string& id, const std::set<std::string>& statuses,
                    complaints& found) {
  const bool is_shown = statuses.contains("tested");
  const bool has_gap =
      statuses.contains("open") || statuses.contains("later") || statuses.contains("never");
  if (is_shown && statuses.size() > 1) {
    found.push_back(fmt::format("{} is tested and something else as well", id));
  }
  if (statuses.contains("part") && !is_shown && !has_gap) {
    found.push_back(fmt::format("{} is shown in part, and nothing says what is missing", id));
  }
}

}  // namespace

const std::vector<behaviour_range>& behaviours() {
  static const std::vector<behaviour_range> all{{'A', 54}, {'B', 57}, {'E', 41}};
  return all;
}

std::vector<test_case> test_cases_of(const source_file& file) {
  static constexpr std::string_view opening = "\nTEST_CASE(";
  const std::string_view text = file.text;
  std::vector<test_case> tests;
  for (auto at = text.find(opening); at != text.npos; at = text.find(opening, at)) {
    at += opening.size();
    test_case one;
    one.name = read_literals(text, at);
    if (at < text.size() && text[at] == ',') one.tags = tags_in(read_literals(text, ++at));
    tests.push_back(std::move(one));
  }
  return tests;
}

complaints behaviours_are_mapped(const tree& files, const std::vector<behaviour_range>& ranges) {
  const auto* map = find(files, map_path);
  if (map == nullptr) return {fmt::format("there is no {}", map_path)};
  const auto tests = index_tests(files);

  std::set<std::string> known;
  for (const auto& [letter, last] : ranges) {
    for (int n = 1; n <= last; ++n) known.insert(fmt::format("{}{}", letter, n));
  }
  complaints found;
  std::map<std::string, std::set<std::string>> statuses;
  for (const auto& row : entries_of(*map, ranges)) {
    if (!known.contains(row.id)) found.push_back(fmt::format("{} is no behaviour", row.id));
    statuses[row.id].insert(row.status);
    check_row(row, tests, found);
  }
  for (const auto& id : known) {
    if (!statuses.contains(id)) found.push_back(fmt::format("{} is not in {}", id, map_path));
  }
  for (const auto& [id, its] : statuses) check_statuses(id, its, found);
  for (const auto& [test, tags] : tests) {
    for (const auto& tag : tags) {
      if (!has_form_of_id(tag, ranges)) continue;
      const auto its = statuses.find(tag);
      const bool is_shown =
          its != statuses.end() && (its->second.contains("tested") || its->second.contains("part"));
      if (!is_shown) found.push_back(fmt::format("{} is a tag of {}, and not shown", tag, test));
    }
  }
  return found;
}

}  // namespace actors::tidy
