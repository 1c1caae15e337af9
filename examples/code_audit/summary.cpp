#include "summary.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "text.hpp"

namespace code_audit {

using nlohmann::json;

namespace {

template <class Item>
void cut(std::vector<Item>& list, std::size_t limit) {
  if (list.size() > limit) list.resize(limit);
}

/// [hash, ordinal, line, last_line, hash, ...]: there are hundreds, and names would double them.
json flat(const std::vector<window>& windows) {
  json list = json::array();
  for (const window& w : windows) {
    list.push_back(w.hash);
    list.push_back(w.ordinal);
    list.push_back(w.line);
    list.push_back(w.last_line);
  }
  return list;
}

std::vector<window> windows_from(const json& list) {
  std::vector<window> windows;
  for (std::size_t i = 0; i + 4 <= list.size(); i += 4) {
    windows.push_back({list.at(i).get<std::uint64_t>(), list.at(i + 1).get<std::uint32_t>(),
                       list.at(i + 2).get<std::uint32_t>(), list.at(i + 3).get<std::uint32_t>()});
  }
  return windows;
}

json places(const top_list<ranked_place>& list, std::string_view size_name,
            std::string_view text_name) {
  json rows = json::array();
  for (const ranked_place& row : list.items()) {
    json one{{"path", clean_text(row.path)}};
    if (!size_name.empty()) one[std::string(size_name)] = row.size;
    if (row.line > 0) one["line"] = row.line;
    if (!text_name.empty()) one[std::string(text_name)] = clean_text(row.text);
    rows.push_back(std::move(one));
  }
  return rows;
}

json sums(const language_totals& part) {
  return {{"files", part.files},
          {"bytes", part.bytes},
          {"lines", part.lines},
          {"blank_lines", part.blank_lines},
          {"comment_lines", part.comment_lines},
          {"code_lines", part.code_lines},
          {"functions", part.functions},
          {"imports", part.imports},
          {"marker_lines", part.marker_lines}};
}

}  // namespace

file_findings summary_of(file_findings found, const summary_limits& limits) {
  cut(found.functions, limits.functions);
  cut(found.markers, limits.markers);
  cut(found.imports, limits.imports);
  thin(found.fingerprints, limits.windows);
  return found;
}

void to_json(json& j, const file_findings& found) {
  j = {{"path", clean_text(found.path)},
       {"language", to_string(found.lang)},
       {"bytes", found.bytes},
       {"lines", found.lines},
       {"is_unterminated", found.is_unterminated},
       {"blank_lines", found.blank_lines},
       {"comment_lines", found.comment_lines},
       {"code_lines", found.code_lines},
       {"longest_line", found.longest_line},
       {"longest_line_bytes", found.longest_line_bytes},
       {"marker_lines", found.marker_lines},
       {"import_count", found.import_count},
       {"function_count", found.function_count},
       {"significant_lines", found.fingerprints.significant_lines},
       {"repeated_windows", found.fingerprints.repeated_windows},
       {"thinning", found.fingerprints.thinning},
       {"windows", flat(found.fingerprints.windows)},
       {"markers", json::array()},
       {"imports", json::array()},
       {"functions", json::array()}};
  for (const auto& m : found.markers) {
    j["markers"].push_back({{"line", m.line}, {"text", clean_text(m.text)}});
  }
  for (const auto& i : found.imports) {
    j["imports"].push_back({{"line", i.line}, {"target", clean_text(i.target)}});
  }
  for (const auto& f : found.functions) {
    j["functions"].push_back(
        {{"name", clean_text(f.name)}, {"line", f.line}, {"length", f.length}, {"depth", f.depth}});
  }
}

void from_json(const json& j, file_findings& found) {
  j.at("path").get_to(found.path);
  found.lang = language_from(j.at("language").get<std::string>());
  j.at("bytes").get_to(found.bytes);
  j.at("lines").get_to(found.lines);
  j.at("is_unterminated").get_to(found.is_unterminated);
  j.at("blank_lines").get_to(found.blank_lines);
  j.at("comment_lines").get_to(found.comment_lines);
  j.at("code_lines").get_to(found.code_lines);
  j.at("longest_line").get_to(found.longest_line);
  j.at("longest_line_bytes").get_to(found.longest_line_bytes);
  j.at("marker_lines").get_to(found.marker_lines);
  j.at("import_count").get_to(found.import_count);
  j.at("function_count").get_to(found.function_count);
  j.at("significant_lines").get_to(found.fingerprints.significant_lines);
  j.at("repeated_windows").get_to(found.fingerprints.repeated_windows);
  j.at("thinning").get_to(found.fingerprints.thinning);
  found.fingerprints.windows = windows_from(j.at("windows"));
  found.markers.clear();
  found.imports.clear();
  found.functions.clear();
  for (const json& m : j.at("markers")) {
    found.markers.push_back({m.at("line").get<std::uint32_t>(), m.at("text").get<std::string>()});
  }
  for (const json& i : j.at("imports")) {
    found.imports.push_back({i.at("target").get<std::string>(), i.at("line").get<std::uint32_t>()});
  }
  for (const json& f : j.at("functions")) {
    found.functions.push_back({f.at("name").get<std::string>(), f.at("line").get<std::uint32_t>(),
                               f.at("length").get<std::uint32_t>(),
                               f.at("depth").get<std::uint32_t>()});
  }
}

void to_json(json& j, const scan_problem& problem) {
  j = {{"kind", to_string(problem.kind)},
       {"path", clean_text(problem.path)},
       {"message", clean_text(problem.message)}};
}

void from_json(const json& j, scan_problem& problem) {
  problem.kind = problem_kind_from(j.at("kind").get<std::string>());
  j.at("path").get_to(problem.path);
  j.at("message").get_to(problem.message);
}

void to_json(json& j, const concern_reason& reason) {
  j = {{"kind", to_string(reason.kind)},
       {"points", reason.points},
       {"line", reason.line},
       {"length", reason.length},
       {"name", clean_text(reason.name)},
       {"text", clean_text(reason.text)}};
}

void from_json(const json& j, concern_reason& reason) {
  reason.kind = concern_kind_from(j.at("kind").get<std::string>());
  j.at("points").get_to(reason.points);
  j.at("line").get_to(reason.line);
  j.at("length").get_to(reason.length);
  j.at("name").get_to(reason.name);
  j.at("text").get_to(reason.text);
}

void to_json(json& j, const concern_result& result) {
  j = {{"score", result.score}, {"reasons", result.reasons}};
}

void to_json(json& j, const verdict& answer) {
  j = {{"verdict", to_string(answer.answer)},
       {"weight", answer.weight},
       {"reasons", answer.reasons}};
}

void from_json(const json& j, verdict& answer) {
  answer.answer = opinion_from(j.at("verdict").get<std::string>());
  j.at("weight").get_to(answer.weight);
  j.at("reasons").get_to(answer.reasons);
}

void to_json(json& j, const duplicate_block& block) {
  j = {{"path_a", clean_text(block.path_a)},
       {"first_a", block.first_a},
       {"last_a", block.last_a},
       {"path_b", clean_text(block.path_b)},
       {"first_b", block.first_b},
       {"last_b", block.last_b},
       {"significant_lines", block.significant_lines},
       {"copies", block.copies},
       {"is_approximate", block.is_approximate}};
}

void from_json(const json& j, duplicate_block& block) {
  j.at("path_a").get_to(block.path_a);
  j.at("first_a").get_to(block.first_a);
  j.at("last_a").get_to(block.last_a);
  j.at("path_b").get_to(block.path_b);
  j.at("first_b").get_to(block.first_b);
  j.at("last_b").get_to(block.last_b);
  j.at("significant_lines").get_to(block.significant_lines);
  j.at("copies").get_to(block.copies);
  j.at("is_approximate").get_to(block.is_approximate);
}

void to_json(json& j, const audit_totals& totals) {
  j = sums(totals.sum());
  j["folders"] = totals.folders;
  j["other_files"] = totals.other_files;
  j["languages"] = json::object();
  for (const auto& [lang, part] : totals.languages) {
    j["languages"][std::string(to_string(lang))] = sums(part);
  }
  j["longest_functions"] = places(totals.longest_functions, "lines", "name");
  j["largest_files"] = places(totals.largest_files, "lines", "");
  j["most_markers"] = places(totals.most_markers, "marker_lines", "");
  j["first_markers"] = places(totals.first_markers, "", "text");
  j["import_targets"] = json::array();
  for (const auto& [target, count] : totals.imports.top(totals.limits.files)) {
    j["import_targets"].push_back({{"target", clean_text(target)}, {"count", count}});
  }
  j["import_undercount"] = totals.imports.undercount();
  j["duplicates"] = totals.duplicates.blocks(totals.limits.files);
  j["repeated_share"] = totals.duplicates.repeated_share();
  j["problems"] = json::object();
  for (const auto& [kind, group] : totals.problems) {
    j["problems"][std::string(to_string(kind))] = {{"count", group.count},
                                                   {"examples", group.examples.items()}};
  }
}

}  // namespace code_audit
