#include "concern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace code_audit {

namespace {

constexpr std::array<std::string_view, 7> names{"long_function", "deep_nesting", "long_file",
                                                "many_markers",  "few_comments", "repeats_itself",
                                                "long_lines"};
constexpr double max_points = 10;

/// One point at the limit, one more for each time the limit fits in again.
double points_for(double value, double limit, double weight) {
  return value <= limit ? 0 : std::min(max_points, weight * value / limit);
}

class judge {
 public:
  judge(const file_findings& found, const concern_limits& limits)
      : found_(found), limits_(limits) {}

  concern_result run() {
    if (!traits(found_.lang).is_code) return {};
    functions();
    whole_file();
    std::stable_sort(result_.reasons.begin(), result_.reasons.end(),
                     [](const auto& a, const auto& b) { return a.points > b.points; });
    return std::move(result_);
  }

 private:
  void add(concern_reason reason) {
    if (reason.points <= 0) return;
    result_.score += reason.points;
    result_.reasons.push_back(std::move(reason));
  }

  /// The longest function and the deepest one speak for all: their number would drown the rest.
  void functions() {
    if (found_.functions.empty()) return;
    const function_found& longest = found_.functions.front();
    add({concern_kind::long_function, points_for(longest.length, limits_.function_lines, 1),
         longest.line, longest.length, longest.name,
         fmt::format("{} is {} lines long", longest.name, longest.length)});
    const function_found& deepest =
        *std::max_element(found_.functions.begin(), found_.functions.end(),
                          [](const auto& a, const auto& b) { return a.depth < b.depth; });
    add({concern_kind::deep_nesting, points_for(deepest.depth, limits_.depth, 1.5), deepest.line,
         deepest.length, deepest.name,
         fmt::format("{} nests its blocks {} deep", deepest.name, deepest.depth)});
  }

  void whole_file() {
    add({concern_kind::long_file,
         points_for(found_.lines, limits_.file_lines, 0.5),
         0,
         0,
         {},
         fmt::format("the file has {} lines", found_.lines)});
    add({concern_kind::many_markers,
         points_for(found_.marker_lines, limits_.markers, 0.5),
         0,
         0,
         {},
         fmt::format("{} lines ask for work (TODO, FIXME, XXX, HACK)", found_.marker_lines)});
    const double comments = found_.code_lines == 0 ? 1.0
                                                   : static_cast<double>(found_.comment_lines) /
                                                         static_cast<double>(found_.code_lines);
    if (comments < 0.02) {
      add({concern_kind::few_comments,
           points_for(found_.code_lines, limits_.code_lines_without_comments, 0.5),
           0,
           0,
           {},
           fmt::format("{} lines of code and {} of comment", found_.code_lines,
                       found_.comment_lines)});
    }
    const double repeats = static_cast<double>(found_.fingerprints.repeated_windows);
    add({concern_kind::repeats_itself,
         points_for(
             repeats / std::max(1.0, static_cast<double>(found_.fingerprints.significant_lines)),
             0.05, 1),
         0,
         0,
         {},
         fmt::format("{} stretches of {} lines stand in it twice",
                     found_.fingerprints.repeated_windows, window_lines)});
    add({concern_kind::long_lines,
         points_for(found_.longest_line_bytes, limits_.line_bytes, 0.3),
         found_.longest_line,
         1,
         {},
         fmt::format("line {} is {} bytes long", found_.longest_line, found_.longest_line_bytes)});
  }

  const file_findings& found_;
  const concern_limits& limits_;
  concern_result result_;
};

}  // namespace

std::string_view to_string(concern_kind kind) noexcept {
  const auto index = static_cast<std::size_t>(kind);
  return index < names.size() ? names[index] : "long_file";
}

concern_kind concern_kind_from(std::string_view name) noexcept {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? concern_kind::long_file
                              : static_cast<concern_kind>(found - names.begin());
}

concern_result concern(const file_findings& found, const concern_limits& limits) {
  return judge(found, limits).run();
}

}  // namespace code_audit
