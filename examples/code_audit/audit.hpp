#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "actors/json.hpp"
#include "actors/result.hpp"
#include "concern.hpp"
#include "critique.hpp"
#include "folder.hpp"
#include "totals.hpp"

namespace code_audit {

/// What a reader sends up about one file, and the few words that it ends with.
struct read_report {
  actors::json report;
  actors::json brief;
};

/// Reads and scans one file; blocks meanwhile. Never throws for the file's sake: a problem is a
/// report like any other.
read_report read_and_scan(const std::string& path);

/// The critic's part: reads the text again and weighs a claim of `audit::claims`. Blocks.
actors::json answer_claim(const actors::json& claim);

/// What the lead knows. Belongs to the lead's strand; may be read when that has ended. Its size is
/// bounded, whatever the tree's.
class audit {
 public:
  /// Counts a folder and appends its subfolders to `open`, the first of them last.
  void add(const folder_listing& listing, std::vector<std::string>& open);
  /// Adds what a reader sent.
  void add(const actors::json& report);

  actors::json progress() const;
  /// The worst files by concern, and the claim about each that the critic is asked about.
  std::vector<std::string> worst_paths() const;
  std::vector<actors::json> claims() const;
  /// Takes the critic's answer into account.
  void weigh(const actors::json& claim, const actors::result<actors::json>& answer);
  void note(std::string line) { notes_.push_back(std::move(line)); }

  const audit_totals& totals() const noexcept { return totals_; }
  /// What the lead ends with: the totals in short.
  actors::json result() const;
  /// The claims with their verdicts, and the notes, for the end of the report.
  std::string opinions() const;

 private:
  struct worst_file {
    double score = 0;
    std::string path;
    concern_reason reason;
    friend bool operator<(const worst_file& a, const worst_file& b) {
      return a.score != b.score ? a.score > b.score : a.path < b.path;
    }
  };
  struct opinion_line {
    std::string claim;
    std::string verdict;
  };

  audit_totals totals_;
  std::set<worst_file> worst_;
  std::vector<opinion_line> opinions_;
  std::vector<std::string> notes_;
};

}  // namespace code_audit
