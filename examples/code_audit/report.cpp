#include "report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "text.hpp"

namespace code_audit {

namespace {

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr const char* units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(units)) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? counted(bytes, "byte") : fmt::format("{:.1f} {}", value, units[unit]);
}

class report_writer {
 public:
  report_writer(const audit_totals& totals, const report_options& options)
      : totals_(totals),
        options_(options),
        width_(std::max<std::size_t>(options.width, 60)),
        all_(totals.sum()) {}

  std::string run() {
    headline();
    languages();
    functions();
    files();
    markers();
    imports();
    duplicates();
    problems();
    return std::move(out_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    std::string text = fmt::format(format, std::forward<Args>(args)...);
    text.erase(text.find_last_not_of(' ') + 1);
    out_ += text + '\n';
  }

  void heading(std::string_view title, const std::string& remark = {}) {
    line("");
    line("{}{}", title, remark.empty() ? "" : "  (" + remark + ")");
  }

  std::string path(const std::string& full, std::size_t columns) const {
    std::string_view shown = full;
    const std::string& base = options_.base;
    if (!base.empty() && shown.starts_with(base) && shown.size() > base.size() &&
        (base.back() == '/' || shown[base.size()] == '/')) {
      shown.remove_prefix(base.size() + (base.back() == '/' ? 0 : 1));
    }
    return fit_end(clean_text(shown), columns);
  }

  /// "path:12", cut at its front where it is too long.
  std::string place(const std::string& full, std::uint32_t number, std::size_t columns) const {
    const std::string suffix = fmt::format(":{}", number);
    return path(full, columns - std::min(columns, suffix.size())) + suffix;
  }

  /// Pads to columns, not to bytes.
  static std::string pad(std::string text, std::size_t columns) {
    const std::size_t used = columns_of(text);
    if (used < columns) text.append(columns - used, ' ');
    return text;
  }

  /// Cut at the end: the beginning of a name or a sentence says most.
  static std::string fit_front(const std::string& text, std::size_t columns) {
    if (columns_of(text) <= columns) return text;
    std::string cut;
    std::size_t used = 0;
    for (const char c : text) {
      if ((static_cast<unsigned char>(c) & 0xc0) != 0x80 && ++used > columns - 3) break;
      cut += c;
    }
    return cut + "...";
  }

  void headline() {
    const std::string title = fit_end(clean_text(options_.title), width_);
    line("{}", title);
    line("{:=<{}}", "", columns_of(title));
    line("{} in {}: {}, {}", counted(all_.files, "file"), counted(totals_.folders, "folder"),
         counted(all_.lines, "line"), human_bytes(all_.bytes));
    if (totals_.other_files > 0) {
      line("{} not looked into: the name says that it is no source",
           counted(totals_.other_files, "other file"));
    }
  }

  void language_row(std::string_view name, const language_totals& part) {
    line("  {:<12} {:>8} {:>11} {:>11} {:>10} {:>10} {:>10}", name, with_commas(part.files),
         with_commas(part.lines), with_commas(part.code_lines), with_commas(part.comment_lines),
         with_commas(part.blank_lines),
         part.functions == 0 ? std::string("-") : with_commas(part.functions));
  }

  void languages() {
    if (totals_.languages.empty()) return;
    std::vector<std::pair<language, language_totals>> rows(totals_.languages.begin(),
                                                           totals_.languages.end());
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      return a.second.code_lines > b.second.code_lines;
    });
    line("");
    line("{:<14} {:>8} {:>11} {:>11} {:>10} {:>10} {:>10}", "Languages", "files", "lines", "code",
         "comment", "blank", "functions");
    for (const auto& [lang, part] : rows) language_row(to_string(lang), part);
    if (rows.size() > 1) language_row("all", all_);
  }

  template <class Items>
  std::size_t shown(const Items& items) const {
    return std::min(items.size(), options_.rows);
  }

  void functions() {
    const auto& items = totals_.longest_functions.items();
    if (items.empty()) return;
    heading("Longest functions");
    const std::size_t half = (width_ - 19) / 2;
    for (std::size_t i = 0; i < shown(items); ++i) {
      line("  {:>7} lines  {}  {}", with_commas(items[i].size),
           pad(fit_front(clean_text(items[i].text), half), half),
           place(items[i].path, items[i].line, half));
    }
  }

  void files() {
    const auto& items = totals_.largest_files.items();
    if (items.empty()) return;
    heading("Largest files");
    for (std::size_t i = 0; i < shown(items); ++i) {
      line("  {:>7} lines  {}", with_commas(items[i].size), path(items[i].path, width_ - 17));
    }
  }

  void markers() {
    if (all_.marker_lines == 0) return;
    heading("Left to do", counted(all_.marker_lines, "line") + " with TODO, FIXME, XXX or HACK");
    const auto& most = totals_.most_markers.items();
    for (std::size_t i = 0; i < std::min<std::size_t>(shown(most), 3); ++i) {
      line("  {:>7} in       {}", with_commas(most[i].size), path(most[i].path, width_ - 19));
    }
    const auto& items = totals_.first_markers.items();
    const std::size_t left = (width_ - 4) * 2 / 5;
    for (std::size_t i = 0; i < shown(items); ++i) {
      line("  {}  {}", pad(place(items[i].path, items[i].line, left), left),
           fit_front(clean_text(items[i].text), width_ - 4 - left));
    }
  }

  void imports() {
    const auto rows = totals_.imports.top(options_.rows);
    if (rows.empty()) return;
    std::string remark = "of " + counted(totals_.imports.size(), "target");
    if (totals_.imports.is_saturated()) {
      remark = fmt::format("the table was full: each may be short by up to {}",
                           with_commas(totals_.imports.undercount()));
    }
    heading("Most included", remark);
    for (const auto& [target, count] : rows) {
      line("  {:>7} times  {}", with_commas(count), fit_end(clean_text(target), width_ - 17));
    }
  }

  void duplicates() {
    const auto blocks = totals_.duplicates.blocks(options_.rows);
    if (blocks.empty()) return;
    std::string remark = fmt::format("{:.1f} % of all windows of {} lines repeat another",
                                     100 * totals_.duplicates.repeated_share(), window_lines);
    if (totals_.duplicates.is_thinned()) remark += "; sampled, ~ is about";
    heading("Duplicate blocks", remark);
    for (const duplicate_block& block : blocks) {
      const std::string size = fmt::format("{}{}", block.is_approximate ? "~" : "",
                                           with_commas(block.significant_lines));
      const std::string times = block.copies > 2 ? fmt::format(" x{}", block.copies) : "";
      const auto range = [&](const std::string& full, std::uint32_t first, std::uint32_t last) {
        const std::string suffix = fmt::format(":{}-{}", first, last);
        return path(full, width_ - 22 - suffix.size()) + suffix;
      };
      line("  {:>7} lines{:<5}  {}", size, times, range(block.path_a, block.first_a, block.last_a));
      line("  {:>18}  {}", "and", range(block.path_b, block.first_b, block.last_b));
    }
  }

  void problems() {
    for (const bool by_rule : {false, true}) {
      bool has_heading = false;
      for (const auto& [kind, group] : totals_.problems) {
        if (is_by_rule(kind) != by_rule) continue;
        if (!has_heading) heading(by_rule ? "Left out by rule" : "Could not be read");
        has_heading = true;
        problem_group(kind, group);
      }
    }
  }

  void problem_group(problem_kind kind, const problem_totals& group) {
    std::string name(to_string(kind));
    std::replace(name.begin(), name.end(), '_', ' ');
    std::string label = fmt::format("{:>9} {}", with_commas(group.count), name);
    for (const scan_problem& example : group.examples.items()) {
      const std::size_t left = (width_ - 30) * 3 / 5;
      line("{}{}  {}", pad(label, 29), path(example.path, left),
           fit_front(clean_text(example.message),
                     width_ - 31 - std::min(left, columns_of(path(example.path, left)))));
      label.clear();
    }
  }

  const audit_totals& totals_;
  const report_options& options_;
  std::size_t width_;
  language_totals all_;
  std::string out_;
};

}  // namespace

std::string fit_end(const std::string& text, std::size_t columns) {
  const std::size_t used = columns_of(text);
  if (used <= columns) return text;
  std::size_t drop = used - columns + 3;
  std::size_t i = 0;
  while (i < text.size() && drop > 0) {
    ++i;
    while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) ++i;
    --drop;
  }
  return "..." + text.substr(i);
}

std::string format_report(const audit_totals& totals, const report_options& options) {
  return report_writer(totals, options).run();
}

}  // namespace code_audit
