#include "critique.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "code_facts.hpp"
#include "fingerprints.hpp"
#include "imports.hpp"
#include "mask.hpp"
#include "text.hpp"

namespace code_audit {

namespace {

constexpr std::array<std::string_view, 3> opinion_names{"agree", "disagree", "unsure"};
constexpr double sure_from = 1;

double share(std::uint32_t part, std::uint32_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// Collects arguments; the sum of their weights decides.
class weighing {
 public:
  void argue(bool holds, double weight, std::string reason) {
    if (!holds) return;
    result_.weight += weight;
    result_.reasons.push_back(std::move(reason));
  }

  /// What to say when no argument holds.
  void otherwise(std::string reason) {
    if (result_.reasons.empty()) result_.reasons.push_back(std::move(reason));
  }

  verdict decide() {
    result_.answer = result_.weight >= sure_from    ? opinion::agree
                     : result_.weight <= -sure_from ? opinion::disagree
                                                    : opinion::unsure;
    return std::move(result_);
  }

 private:
  verdict result_;
};

long percent(double part) { return std::lround(part * 100); }

void weigh_tables(const code_facts& f, weighing& w) {
  const double rows = share(f.table_lines, f.code_lines);
  w.argue(rows >= 0.5, -2, fmt::format("{} % of its code are rows of a table", percent(rows)));
  const double lines_per_case = f.case_labels == 0 ? 0 : share(f.code_lines, f.case_labels);
  w.argue(
      f.case_labels >= 8 && lines_per_case <= 5, -1.5,
      fmt::format("it is a list of {} cases of {:.1f} lines each", f.case_labels, lines_per_case));
}

void weigh_decisions(const code_facts& f, weighing& w) {
  const double branches = share(f.branches - std::min(f.branches, f.case_labels), f.code_lines);
  w.argue(branches >= 0.2, 1,
          fmt::format("it decides {} times in {} lines of code", f.branches, f.code_lines));
  w.argue(
      branches <= 0.04, -1,
      fmt::format("it hardly decides (branches: {}, lines of code: {})", f.branches, f.code_lines));
  const double deep = share(f.deep_lines, f.code_lines);
  w.argue(deep >= 0.1, 1,
          fmt::format("{} % of it stands five levels deep or deeper", percent(deep)));
}

void weigh_texture(const code_facts& f, weighing& w) {
  const double comments = share(f.comment_lines, f.comment_lines + f.code_lines);
  w.argue(comments >= 0.3, -0.5, fmt::format("{} % of it is comment", percent(comments)));
  w.argue(comments < 0.03 && f.code_lines >= 60, 0.5,
          fmt::format("{} lines of comment explain {} of code", f.comment_lines, f.code_lines));
  const double repeated = share(f.repeated_lines, f.code_lines);
  w.argue(repeated >= 0.3 && share(f.table_lines, f.code_lines) < 0.5, 1,
          fmt::format("{} of its lines repeat an earlier one", f.repeated_lines));
  w.argue(f.marker_lines > 0, 0.5,
          fmt::format("work is left in it: {}", counted(f.marker_lines, "marker")));
}

verdict weigh_length(const code_facts& f, std::uint32_t limit) {
  weighing w;
  w.argue(f.code_lines > 3 * limit, 1.5,
          fmt::format("{} lines of code are many, whatever they do", f.code_lines));
  w.argue(f.code_lines > limit && f.code_lines <= 3 * limit, 0.5,
          fmt::format("{} of its {} lines are code", f.code_lines, f.lines));
  w.argue(f.code_lines <= limit, -1,
          fmt::format("only {} of its {} lines are code", f.code_lines, f.lines));
  weigh_tables(f, w);
  weigh_decisions(f, w);
  weigh_texture(f, w);
  return w.decide();
}

verdict weigh_depth(const code_facts& f) {
  weighing w;
  const double deep = share(f.deep_lines, f.code_lines);
  w.argue(f.deep_lines >= 10 || deep >= 0.1, 1.5,
          fmt::format("{} lines stand five levels deep or deeper", f.deep_lines));
  w.argue(f.deep_lines < 3, -1, fmt::format("only {} lines stand that deep", f.deep_lines));
  w.argue(f.code_lines <= 25, -0.5,
          fmt::format("with {} lines of code it fits one look", f.code_lines));
  w.argue(f.code_lines > 80, 0.5, fmt::format("{} lines of code make depth worse", f.code_lines));
  w.otherwise(fmt::format("{} lines stand that deep", f.deep_lines));
  return w.decide();
}

verdict weigh_markers(const code_facts& f) {
  weighing w;
  const double density = 1000 * share(f.marker_lines, f.lines);
  w.argue(density >= 10, 1.5, fmt::format("that is {:.0f} in a thousand lines", density));
  w.argue(density < 3, -1, fmt::format("in a thousand lines there are {:.1f}", density));
  w.otherwise(fmt::format("in a thousand lines there are {:.1f}", density));
  return w.decide();
}

verdict weigh_comments(const code_facts& f) {
  weighing w;
  weigh_tables(f, w);
  const double branches = share(f.branches, f.code_lines);
  w.argue(branches >= 0.15, 1.5,
          fmt::format("{} branches in {} lines of code need a word", f.branches, f.code_lines));
  w.argue(branches <= 0.05, -1,
          fmt::format("it speaks for itself (branches: {}, lines of code: {})", f.branches,
                      f.code_lines));
  w.otherwise(fmt::format("{} branches in {} lines of code", f.branches, f.code_lines));
  return w.decide();
}

verdict weigh_repeats(const code_facts& f) {
  weighing w;
  weigh_tables(f, w);
  const double repeated = share(f.repeated_lines, f.code_lines);
  w.argue(repeated >= 0.3, 1.5,
          fmt::format("{} % of its lines say what an earlier one said", percent(repeated)));
  w.argue(repeated < 0.15, -1, fmt::format("only {} % of its lines come again", percent(repeated)));
  w.otherwise(fmt::format("{} % of its lines come again", percent(repeated)));
  return w.decide();
}

verdict weigh_long_line(const prepared_source& source, const concern_reason& claim) {
  weighing w;
  const std::string_view text = source.lines.line(claim.line);
  const std::string_view masked = source.masked_line(claim.line);
  const auto in_strings =
      static_cast<std::uint32_t>(std::count_if(masked.begin(), masked.end(), [](char c) {
        return c == string_mark || c == comment_mark || c == doc_mark;
      }));
  const double quoted = share(in_strings, static_cast<std::uint32_t>(text.size()));
  w.argue(quoted >= 0.6, -1.5, fmt::format("{} % of the line is text or comment", percent(quoted)));
  w.argue(quoted < 0.3, 1, fmt::format("{} % of the line is code", percent(1 - quoted)));
  w.argue(text.size() > 1000, 0.5, "no one reads a line of that length");
  w.otherwise(fmt::format("{} % of the line is code", percent(1 - quoted)));
  return w.decide();
}

}  // namespace

std::string_view to_string(opinion answer) noexcept {
  const auto index = static_cast<std::size_t>(answer);
  return index < opinion_names.size() ? opinion_names[index] : "unsure";
}

opinion opinion_from(std::string_view name) noexcept {
  const auto found = std::find(opinion_names.begin(), opinion_names.end(), name);
  return found == opinion_names.end() ? opinion::unsure
                                      : static_cast<opinion>(found - opinion_names.begin());
}

verdict critique(const concern_reason& claim, std::string_view contents, language lang) {
  const prepared_source source(contents, lang);
  if (claim.line > source.lines.count() || source.lines.count() == 0) {
    return {
        opinion::disagree, -1, {fmt::format("the text has only {} lines", source.lines.count())}};
  }
  const concern_limits limits;
  const code_facts facts = measure(source, claim.line, claim.length);
  switch (claim.kind) {
    case concern_kind::long_function: return weigh_length(facts, limits.function_lines);
    case concern_kind::deep_nesting: return weigh_depth(facts);
    case concern_kind::long_file: return weigh_length(facts, limits.file_lines);
    case concern_kind::many_markers: return weigh_markers(facts);
    case concern_kind::few_comments: return weigh_comments(facts);
    case concern_kind::repeats_itself: return weigh_repeats(facts);
    case concern_kind::long_lines: return weigh_long_line(source, claim);
  }
  return {};
}

verdict critique_block(const duplicate_block& block, std::string_view contents_a,
                       std::string_view contents_b) {
  const auto hashes = [](std::string_view contents, std::string_view path, std::uint32_t first,
                         std::uint32_t last) {
    const prepared_source source(contents, detect_language(path, contents));
    std::vector<std::uint64_t> result;
    for (const std::uint32_t n : significant_lines(source.view, find_imports(source.view))) {
      if (n >= first && n <= last) result.push_back(line_hash(source.view, n));
    }
    return result;
  };
  const auto a = hashes(contents_a, block.path_a, block.first_a, block.last_a);
  const auto b = hashes(contents_b, block.path_b, block.first_b, block.last_b);
  std::uint32_t alike = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) alike += a[i] == b[i] ? 1U : 0U;
  const auto longer = static_cast<std::uint32_t>(std::max(a.size(), b.size()));

  weighing w;
  const double equal = share(alike, longer);
  w.argue(equal >= 0.95, 1.5,
          fmt::format("{} of {} significant lines are the same", alike, longer));
  w.argue(equal < 0.7, -1.5,
          fmt::format("only {} of {} significant lines are the same", alike, longer));
  w.argue(equal >= 0.95 && longer >= 30, 1, "it is too long to be chance");
  w.otherwise(fmt::format("{} of {} significant lines are the same", alike, longer));
  return w.decide();
}

}  // namespace code_audit
