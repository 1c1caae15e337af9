#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace actors::tidy {

/// A text file of the project.
struct source_file {
  std::string path;  ///< From the project's root, with slashes.
  std::string text;
};

using tree = std::vector<source_file>;

/// Reads the project's own text files below `root`, ordered by path. What a build leaves behind,
/// hidden folders and the trees that examples work on are not among them.
tree read_tree(const std::filesystem::path& root);

/// The file called `path`, or null.
const source_file* find(const tree& files, std::string_view path);

bool is_below(const source_file& file, std::string_view folder);
bool is_header(const source_file& file);
bool is_source(const source_file& file);

/// "runtime_test" of "tests/runtime/runtime_test.cpp".
std::string stem_of(std::string_view path);

/// What a file includes, in order: "caf/actor.hpp", without its quotes or brackets.
std::vector<std::string> includes_of(const source_file& file);

/// True if `word` stands in `text` and no letter, digit, '_', '/' or '.' touches its ends.
bool has_path_word(std::string_view text, std::string_view word);

}  // namespace actors::tidy
