#include "audit.hpp"

#include <fmt/format.h>

#include "source_file.hpp"
#include "source_scan.hpp"
#include "summary.hpp"

namespace code_audit {

namespace {

constexpr std::size_t worst_limit = 5;
// Windows per file that travel: enough to find copied blocks, little enough for 100,000 files.
constexpr summary_limits travels = {.functions = 16, .markers = 16, .imports = 100, .windows = 250};

actors::json brief_of(const file_findings& found) {
  actors::json brief = {{"lines", found.lines}};
  if (found.marker_lines > 0) brief["markers"] = found.marker_lines;
  if (!found.functions.empty()) brief["longest_function"] = found.functions.front().length;
  return brief;
}

}  // namespace

read_report read_and_scan(const std::string& path) {
  auto scanned = scan_file(path);
  if (const auto* problem = std::get_if<scan_problem>(&scanned)) {
    return {{{"problem", *problem}},
            {{"problem", std::string(to_string(problem->kind)) + ": " + problem->message}}};
  }
  auto& found = std::get<file_findings>(scanned);
  auto brief = brief_of(found);
  auto thought = concern(found);
  actors::json report = {{"score", thought.score}};
  if (!thought.reasons.empty()) report["reason"] = thought.reasons.front();
  report["found"] = summary_of(std::move(found), travels);
  return {std::move(report), std::move(brief)};
}

void audit::add(const folder_listing& listing, std::vector<std::string>& open) {
  totals_.add(listing);
  for (auto it = listing.folders.rbegin(); it != listing.folders.rend(); ++it) {
    open.push_back(listing.path + "/" + *it);
  }
}

void audit::add(const actors::json& report) {
  if (const auto problem = report.find("problem"); problem != report.end()) {
    totals_.add(problem->get<scan_problem>());
    return;
  }
  const auto found = report.at("found").get<file_findings>();
  totals_.add(found);
  if (const auto reason = report.find("reason"); reason != report.end()) {
    worst_.insert({report.at("score").get<double>(), found.path, reason->get<concern_reason>()});
    if (worst_.size() > worst_limit) worst_.erase(std::prev(worst_.end()));
  }
}

actors::json audit::progress() const {
  const auto sum = totals_.sum();
  return {{"folders", totals_.folders}, {"files", sum.files}, {"lines", sum.lines}};
}

std::vector<std::string> audit::worst_paths() const {
  std::vector<std::string> paths;
  for (const auto& file : worst_) paths.push_back(file.path);
  return paths;
}

std::vector<actors::json> audit::claims() const {
  std::vector<actors::json> claims;
  for (const auto& file : worst_) claims.push_back({{"path", file.path}, {"reason", file.reason}});
  return claims;
}

actors::json answer_claim(const actors::json& claim) {
  const auto path = claim.at("path").get<std::string>();
  auto text = read_file(path);
  if (const auto* problem = std::get_if<scan_problem>(&text)) {
    return verdict{opinion::unsure, 0, {"the file cannot be read any more: " + problem->message}};
  }
  const auto& contents = std::get<std::string>(text);
  return critique(claim.at("reason").get<concern_reason>(), contents,
                  detect_language(path, contents));
}

void audit::weigh(const actors::json& claim, const actors::result<actors::json>& answer) {
  const auto reason = claim.at("reason").get<concern_reason>();
  opinion_line line;
  line.claim = fmt::format("{}: {}", claim.at("path").get<std::string>(), reason.text);
  const auto reply = answer ? decode<verdict>(*answer) : std::nullopt;
  if (!reply) {
    line.verdict = "no answer from the critic";
    if (!answer) line.verdict += ": " + answer.error().message;
  } else {
    line.verdict = fmt::format("critic says {}", to_string(reply->answer));
    for (const auto& why : reply->reasons) line.verdict += "; " + why;
  }
  opinions_.push_back(std::move(line));
}

actors::json audit::result() const {
  auto short_form = progress();
  const auto sum = totals_.sum();
  short_form["bytes"] = sum.bytes;
  short_form["marker_lines"] = sum.marker_lines;
  short_form["functions"] = sum.functions;
  return short_form;
}

std::string audit::opinions() const {
  std::string text;
  if (!opinions_.empty()) text += "\nThe worst files, and what the critic thinks\n";
  for (const auto& line : opinions_) {
    text += fmt::format("  {}\n    {}\n", line.claim, line.verdict);
  }
  for (const auto& line : notes_) text += "\n" + line + "\n";
  return text;
}

}  // namespace code_audit
