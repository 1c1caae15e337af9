#include "totals.hpp"

namespace code_audit {

language_totals& language_totals::operator+=(const language_totals& other) noexcept {
  files += other.files;
  bytes += other.bytes;
  lines += other.lines;
  blank_lines += other.blank_lines;
  comment_lines += other.comment_lines;
  code_lines += other.code_lines;
  functions += other.functions;
  imports += other.imports;
  marker_lines += other.marker_lines;
  return *this;
}

audit_totals::audit_totals(const totals_limits& bounds)
    : limits(bounds),
      longest_functions(bounds.functions),
      largest_files(bounds.files),
      most_markers(bounds.files),
      first_markers(bounds.markers),
      imports(bounds.imports),
      duplicates(bounds.windows) {}

void audit_totals::add(const file_findings& found) {
  languages[found.lang] += {1,
                            found.bytes,
                            found.lines,
                            found.blank_lines,
                            found.comment_lines,
                            found.code_lines,
                            found.function_count,
                            found.import_count,
                            found.marker_lines};
  for (const function_found& f : found.functions) {
    longest_functions.add({f.length, found.path, f.line, f.name});
  }
  largest_files.add({found.lines, found.path, 0, {}});
  if (found.marker_lines > 0) most_markers.add({found.marker_lines, found.path, 0, {}});
  for (const marker_found& m : found.markers) first_markers.add({0, found.path, m.line, m.text});
  for (const import_found& i : found.imports) imports.add(i.target);
  duplicates.add(found.path, found.fingerprints);
}

void audit_totals::add(const scan_problem& problem) {
  problem_totals& group = problems.try_emplace(problem.kind, limits.examples).first->second;
  ++group.count;
  group.examples.add(problem);
}

void audit_totals::add(const folder_listing& listing) {
  ++folders;
  other_files += listing.other_files;
  for (const scan_problem& problem : listing.problems) add(problem);
}

void audit_totals::merge(const audit_totals& other) {
  folders += other.folders;
  other_files += other.other_files;
  for (const auto& [lang, part] : other.languages) languages[lang] += part;
  longest_functions.merge(other.longest_functions);
  largest_files.merge(other.largest_files);
  most_markers.merge(other.most_markers);
  first_markers.merge(other.first_markers);
  imports.merge(other.imports);
  duplicates.merge(other.duplicates);
  for (const auto& [kind, group] : other.problems) {
    problem_totals& here = problems.try_emplace(kind, limits.examples).first->second;
    here.count += group.count;
    here.examples.merge(group.examples);
  }
}

language_totals audit_totals::sum() const noexcept {
  language_totals all;
  for (const auto& [lang, part] : languages) all += part;
  return all;
}

}  // namespace code_audit
