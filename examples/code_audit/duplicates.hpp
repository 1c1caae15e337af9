#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fingerprints.hpp"

namespace code_audit {

/// Two stretches of significant lines that are alike, as long as they could be made.
struct duplicate_block {
  std::string path_a;  ///< The place that comes first by path and line.
  std::uint32_t first_a = 0;
  std::uint32_t last_a = 0;
  std::string path_b;
  std::uint32_t first_b = 0;
  std::uint32_t last_b = 0;
  std::uint32_t significant_lines = 0;
  std::uint32_t copies = 0;     ///< The fewest places at which any window of the block stands.
  bool is_approximate = false;  ///< Windows between were thinned out; `critique_block` tells more.

  friend bool operator==(const duplicate_block&, const duplicate_block&) = default;
};

/// Finds equal windows across files, in bounded memory.
///
/// Of each window it keeps the first two places (by path and line) and the number of all places.
/// When more than `limit` different windows come in, the table thins itself: it goes on with one
/// in two, in four, ..., chosen by the hash. What it holds then depends on the set of files alone,
/// not on their order nor on how tables were merged, if each file is added once.
class duplicate_table {
 public:
  explicit duplicate_table(std::size_t limit) : limit_(limit) {}

  void add(std::string_view path, const fingerprint_list& fingerprints);
  void merge(const duplicate_table& other);

  /// The `n` longest blocks; of equal length, the first by path.
  [[nodiscard]] std::vector<duplicate_block> blocks(std::size_t n) const;

  /// The share of windows that repeat another one: 0 when all differ.
  [[nodiscard]] double repeated_share() const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool is_thinned() const noexcept { return level_ > 0; }

 private:
  struct place {
    std::uint32_t file = 0;  ///< Index into `files_`.
    std::uint32_t ordinal = 0;
    std::uint32_t line = 0;
    std::uint32_t last_line = 0;
  };
  struct entry {
    place first;
    place second;
    std::uint32_t count = 0;
  };
  struct pairing {
    place a;
    place b;
    std::uint32_t count = 0;
  };

  struct known_file {
    std::string path;
    bool is_thinned = false;
  };

  std::uint32_t id_of(std::string_view path, bool is_thinned);
  bool is_before(const place& a, const place& b) const;
  void insert(std::uint64_t hash, const place& where, std::uint32_t count);
  void raise_level();
  void forget_unused_files();
  std::vector<pairing> sorted_pairings() const;
  bool is_sampled(const pairing& p) const;
  bool continues(const pairing& last, const pairing& next) const;

  std::size_t limit_;
  std::uint8_t level_ = 0;
  std::unordered_map<std::uint64_t, entry> entries_;
  std::vector<known_file> files_;
  std::unordered_map<std::string, std::uint32_t> ids_;
};

}  // namespace code_audit
