#include "tidy/tree.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <sstream>

namespace fs = std::filesystem;

namespace actors::tidy {

namespace {

bool is_text(const fs::path& path) {
  static constexpr std::array<std::string_view, 8> extensions{".hpp", ".cpp",  ".cmake", ".txt",
                                                              ".md",  ".json", ".in",    ".supp"};
  const auto extension = path.extension().string();
  // The scripts have no extension.
  return extension.empty() || std::ranges::find(extensions, extension) != extensions.end();
}

bool is_skipped(const fs::path& folder) {
  const auto name = folder.filename().string();
  return (name.starts_with('.') && name != ".ci") || name == "build" || name == "fixture" ||
         name == "fixtures";
}

}  // namespace

tree read_tree(const fs::path& root) {
  tree files;
  for (auto entry = fs::recursive_directory_iterator(root); entry != fs::end(entry); ++entry) {
    if (entry->is_directory() && is_skipped(entry->path())) {
      entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file() || !is_text(entry->path())) continue;
    std::ifstream stream(entry->path(), std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    files.push_back({entry->path().lexically_relative(root).generic_string(), std::move(text)});
  }
  std::ranges::sort(files, {}, &source_file::path);
  return files;
}

const source_file* find(const tree& files, std::string_view path) {
  const auto found = std::ranges::find(files, path, &source_file::path);
  return found == files.end() ? nullptr : &*found;
}

bool is_below(const source_file& file, std::string_view folder) {
  return file.path.size() > folder.size() && file.path.starts_with(folder) &&
         file.path[folder.size()] == '/';
}

bool is_header(const source_file& file) { return file.path.ends_with(".hpp"); }

bool is_source(const source_file& file) { return file.path.ends_with(".cpp"); }

std::string stem_of(std::string_view path) { return fs::path(path).stem().string(); }

std::vector<std::string> includes_of(const source_file& file) {
  std::vector<std::string> included;
  std::istringstream lines(file.text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("#include")) continue;
    const auto begin = line.find_first_of("<\"");
    if (begin == std::string::npos) continue;
    const auto end = line.find_first_of(">\"", begin + 1);
    if (end == std::string::npos) continue;
    included.push_back(line.substr(begin + 1, end - begin - 1));
  }
  return included;
}

bool has_path_word(std::string_view text, std::string_view word) {
  const auto touches = [&](std::size_t at) {
    if (at >= text.size()) return false;
    const auto character = text[at];
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '_' || character == '/' ||
           character == '.';
  };
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    if (!touches(at + word.size()) && (at == 0 || !touches(at - 1))) return true;
  }
  return false;
}

}  // namespace actors::tidy
