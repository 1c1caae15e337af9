#include "duplicates.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace code_audit {

namespace {

constexpr std::uint32_t no_file = std::numeric_limits<std::uint32_t>::max();
/// How many significant lines a block may leap where windows were thinned out.
constexpr std::uint32_t max_leap = 64;

}  // namespace

std::uint32_t duplicate_table::id_of(std::string_view path, bool is_thinned) {
  const auto [found, is_new] =
      ids_.try_emplace(std::string(path), static_cast<std::uint32_t>(files_.size()));
  if (is_new) files_.push_back({std::string(path), is_thinned});
  return found->second;
}

bool duplicate_table::is_before(const place& a, const place& b) const {
  if (a.file != b.file) return files_[a.file].path < files_[b.file].path;
  return a.ordinal < b.ordinal;
}

void duplicate_table::add(std::string_view path, const fingerprint_list& fingerprints) {
  if (limit_ == 0) return;
  std::uint32_t file = no_file;  // a file of which nothing is kept needs no number
  for (const window& w : fingerprints.windows) {
    if (!survives(w.hash, level_)) continue;
    if (file == no_file) file = id_of(path, fingerprints.thinning > 0);
    insert(w.hash, {file, w.ordinal, w.line, w.last_line}, 1);
  }
  while (entries_.size() > limit_) raise_level();
}

void duplicate_table::insert(std::uint64_t hash, const place& where, std::uint32_t count) {
  entry& known = entries_[hash];
  if (known.count == 0) {
    known.first = where;
    known.second.file = no_file;
  } else if (is_before(where, known.first)) {
    known.second = std::exchange(known.first, where);
  } else if (known.second.file == no_file || is_before(where, known.second)) {
    known.second = where;
  }
  known.count += count;
}

void duplicate_table::merge(const duplicate_table& other) {
  if (limit_ == 0) return;
  while (level_ < other.level_) raise_level();
  std::vector<std::uint32_t> renamed(other.files_.size(), no_file);
  const auto here = [&](place where) {
    std::uint32_t& id = renamed[where.file];
    if (id == no_file) {
      const known_file& file = other.files_[where.file];
      id = id_of(file.path, file.is_thinned);
    }
    where.file = id;
    return where;
  };
  for (const auto& [hash, known] : other.entries_) {
    if (!survives(hash, level_)) continue;
    const bool has_second = known.second.file != no_file;
    // Both places together stand for all places that the other table counted.
    insert(hash, here(known.first), has_second ? known.count - 1 : known.count);
    if (has_second) insert(hash, here(known.second), 1);
  }
  while (entries_.size() > limit_) raise_level();
}

void duplicate_table::raise_level() {
  ++level_;
  std::erase_if(entries_, [&](const auto& item) { return !survives(item.first, level_); });
  forget_unused_files();
}

void duplicate_table::forget_unused_files() {
  std::vector<known_file> kept;
  std::vector<std::uint32_t> renamed(files_.size(), no_file);
  const auto rename = [&](place& where) {
    if (where.file == no_file) return;
    std::uint32_t& id = renamed[where.file];
    if (id == no_file) {
      id = static_cast<std::uint32_t>(kept.size());
      kept.push_back(std::move(files_[where.file]));
    }
    where.file = id;
  };
  for (auto& [hash, known] : entries_) {
    rename(known.first);
    rename(known.second);
  }
  files_ = std::move(kept);
  ids_.clear();
  for (std::uint32_t id = 0; id < files_.size(); ++id) ids_.emplace(files_[id].path, id);
}

double duplicate_table::repeated_share() const noexcept {
  std::uint64_t all = 0;
  for (const auto& [hash, known] : entries_) all += known.count;
  return all == 0 ? 0.0 : static_cast<double>(all - entries_.size()) / static_cast<double>(all);
}

std::vector<duplicate_table::pairing> duplicate_table::sorted_pairings() const {
  std::vector<pairing> pairings;
  for (const auto& [hash, known] : entries_) {
    if (known.second.file != no_file) {
      pairings.push_back({known.first, known.second, known.count});
    }
  }
  // Pairs on one diagonal follow each other: the same two files, the same distance.
  std::sort(pairings.begin(), pairings.end(), [](const pairing& x, const pairing& y) {
    const auto key = [](const pairing& p) {
      return std::tuple(p.a.file, p.b.file, std::int64_t{p.b.ordinal} - std::int64_t{p.a.ordinal},
                        p.a.ordinal);
    };
    return key(x) < key(y);
  });
  return pairings;
}

bool duplicate_table::is_sampled(const pairing& p) const {
  return is_thinned() || files_[p.a.file].is_thinned || files_[p.b.file].is_thinned;
}

bool duplicate_table::continues(const pairing& last, const pairing& next) const {
  const std::uint32_t leap = next.a.ordinal - last.a.ordinal;
  return last.a.file == next.a.file && last.b.file == next.b.file &&
         next.a.ordinal > last.a.ordinal && next.b.ordinal > last.b.ordinal &&
         leap == next.b.ordinal - last.b.ordinal && leap <= (is_sampled(last) ? max_leap : 1);
}

std::vector<duplicate_block> duplicate_table::blocks(std::size_t n) const {
  const std::vector<pairing> pairings = sorted_pairings();
  std::vector<duplicate_block> found;
  for (std::size_t begin = 0; begin < pairings.size();) {
    std::size_t last = begin;
    std::uint32_t copies = pairings[begin].count;
    while (last + 1 < pairings.size() && continues(pairings[last], pairings[last + 1])) {
      ++last;
      copies = std::min(copies, pairings[last].count);
    }
    const pairing& top = pairings[begin];
    const pairing& end = pairings[last];
    found.push_back({files_[top.a.file].path, top.a.line, end.a.last_line, files_[top.b.file].path,
                     top.b.line, end.b.last_line,
                     end.a.ordinal - top.a.ordinal + std::uint32_t{window_lines}, copies,
                     is_sampled(top)});
    begin = last + 1;
  }
  std::sort(found.begin(), found.end(), [](const duplicate_block& x, const duplicate_block& y) {
    return std::tie(y.significant_lines, x.path_a, x.first_a, x.path_b, x.first_b) <
           std::tie(x.significant_lines, y.path_a, y.first_a, y.path_b, y.first_b);
  });
  found.resize(std::min(found.size(), n));
  return found;
}

}  // namespace code_audit
