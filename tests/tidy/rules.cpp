#include "tidy/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace actors::tidy {

namespace {

constexpr std::string_view include_root = "libactors/include";
constexpr std::string_view public_root = "libactors/include/actors";
constexpr std::string_view source_root = "libactors/src";
constexpr std::string_view interop_header = "libactors/include/actors/caf.hpp";

// From the top down: each layer may include those before it. The last one is for headers that
// gather others.
constexpr std::array<std::string_view, 8> layers{"vocabulary",  "coroutine", "runtime", "ports",
                                                 "supervision", "interop",   "testing", "outside"};

std::size_t rank_of(std::string_view layer) {
  return static_cast<std::size_t>(std::ranges::find(layers, layer) - layers.begin());
}

// "coroutine" of "coroutine/scope.cpp", "" when the first folder is no layer.
std::string layer_of_private_path(std::string_view path) {
  const auto folder = path.substr(0, path.find('/'));
  return rank_of(folder) < layers.size() && folder.size() < path.size() ? std::string(folder) : "";
}

std::string_view without_prefix(std::string_view path, std::string_view folder) {
  return path.substr(folder.size() + 1);
}

bool is_public(const source_file& file) { return is_header(file) && is_below(file, public_root); }

// The CMakeLists.txt in the file's folder, or in the nearest folder above it that has one.
const source_file* list_above(const tree& files, std::string_view path) {
  while (!path.empty()) {
    const auto slash = path.rfind('/');
    path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    const auto list = path.empty() ? "CMakeLists.txt" : fmt::format("{}/CMakeLists.txt", path);
    if (const auto* found = find(files, list)) return found;
  }
  return nullptr;
}

}  // namespace

complaints caf_stays_in_its_layers(const tree& files) {
  complaints found;
  for (const auto& file : files) {
    if (!is_below(file, "libactors") && !is_below(file, "actors")) continue;
    if (is_below(file, "libactors/src/runtime") || is_below(file, "libactors/src/interop") ||
        file.path == interop_header) {
      continue;
    }
    for (const auto& included : includes_of(file)) {
      if (included.starts_with("caf/")) {
        found.push_back(fmt::format("{} includes {}", file.path, included));
      }
    }
  }
  return found;
}

complaints includes_point_one_way(const tree& files,
                                  const std::map<std::string, std::string>& public_layers) {
  const auto layer_of_include = [&](std::string_view included) -> std::string {
    if (!included.starts_with("actors/")) return layer_of_private_path(included);
    const auto known = public_layers.find(std::string(without_prefix(included, "actors")));
    return known == public_layers.end() ? "" : known->second;
  };

  complaints found;
  for (const auto& file : files) {
    std::string layer;
    if (is_public(file)) {
      layer = layer_of_include(without_prefix(file.path, include_root));
      if (rank_of(layer) == layers.size()) {
        found.push_back(fmt::format("{} belongs to no layer", file.path));
      }
    } else if (is_below(file, source_root)) {
      layer = layer_of_private_path(without_prefix(file.path, source_root));
    }
    if (layer.empty()) continue;
    for (const auto& included : includes_of(file)) {
      const auto other = layer_of_include(included);
      if (!other.empty() && rank_of(other) > rank_of(layer)) {
        found.push_back(fmt::format("{} ({}) includes {} ({})", file.path, layer, included, other));
      }
    }
  }
  return found;
}

complaints tests_never_sleep(const tree& files) {
  // actors::sleep_for is fine: it waits on the runtime's clock, which a test moves.
  static constexpr std::array<std::string_view, 4> sleeps{"this_thread::sleep", "usleep(",
                                                          "nanosleep(", "::sleep("};
  complaints found;
  for (const auto& file : files) {
    if (!is_below(file, "tests") || is_below(file, "tests/tidy")) continue;
    for (const auto sleep : sleeps) {
      if (file.text.find(sleep) != std::string::npos) {
        found.push_back(fmt::format("{} sleeps: {}", file.path, sleep));
      }
    }
  }
  return found;
}

complaints awaited_conditions_have_names(const tree& files) {
  static constexpr std::array<std::string_view, 4> conditions{
      "if (co_await", "if (!co_await", "while (co_await", "while (!co_await"};
  complaints found;
  for (const auto& file : files) {
    if (is_below(file, "tests/tidy") || !(is_source(file) || is_header(file))) continue;
    for (const auto condition : conditions) {
      if (file.text.find(condition) != std::string::npos) {
        found.push_back(fmt::format("{} has {}", file.path, condition));
      }
    }
  }
  return found;
}

complaints semaphores_are_our_own(const tree& files) {
  complaints found;
  for (const auto& file : files) {
    if (!is_below(file, "libactors") && !is_below(file, "actors")) continue;
    if (std::ranges::count(includes_of(file), "semaphore") != 0) {
      found.push_back(fmt::format("{} includes semaphore", file.path));
    }
  }
  return found;
}

complaints public_headers_have_tests(const tree& files,
                                     const std::map<std::string, std::string>& exceptions) {
  std::set<std::string> tested;
  for (const auto& file : files) {
    if (is_below(file, "tests") && is_source(file)) tested.insert(stem_of(file.path));
  }
  complaints found;
  for (const auto& file : files) {
    if (!is_public(file) || is_below(file, "libactors/include/actors/detail")) continue;
    const auto header = std::string(without_prefix(file.path, public_root));
    const bool has_test = tested.contains(stem_of(file.path) + "_test");
    if (!has_test && !exceptions.contains(header)) {
      found.push_back(fmt::format("{} has no {}_test.cpp", file.path, stem_of(file.path)));
    }
    if (has_test && exceptions.contains(header)) {
      found.push_back(fmt::format("{} has a test and needs no exception", file.path));
    }
  }
  return found;
}

complaints files_are_built(const tree& files) {
  complaints found;
  for (const auto& file : files) {
    if (!is_source(file) && !is_public(file)) continue;
    const auto* list = list_above(files, file.path);
    if (list == nullptr) {
      found.push_back(fmt::format("{} is below no CMakeLists.txt", file.path));
      continue;
    }
    const auto folder =
        list->path.substr(0, list->path.size() - std::string("CMakeLists.txt").size());
    const auto path = file.path.substr(folder.size());
    const auto name = path.substr(path.rfind('/') + 1);
    // A program's first source is called as the program is, and only that is written down.
    const bool is_listed = has_path_word(list->text, path) || has_path_word(list->text, name) ||
                           (path == name && has_path_word(list->text, stem_of(name)));
    if (!is_listed) found.push_back(fmt::format("{} is not in {}", file.path, list->path));
  }
  return found;
}

complaints test_stems_differ(const tree& files) {
  complaints found;
  std::map<std::string, std::string> seen;
  for (const auto& file : files) {
    if (!is_below(file, "tests") || !file.path.ends_with("_test.cpp")) continue;
    const auto [first, is_new] = seen.emplace(stem_of(file.path), file.path);
    if (!is_new) found.push_back(fmt::format("{} is called as {}", file.path, first->second));
  }
  return found;
}

complaints headers_are_included_once(const tree& files) {
  complaints found;
  for (const auto& file : files) {
    if (is_header(file) && !file.text.starts_with("#pragma once\n") &&
        file.text.find("\n#pragma once\n") == std::string::npos) {
      found.push_back(fmt::format("{} has no #pragma once", file.path));
    }
  }
  return found;
}

complaints nothing_names_a_machine(const tree& files) {
  static constexpr std::array<std::string_view, 3> places{"/home/", "/root/", "/work/"};
  static constexpr std::array<std::string_view, 2> addresses{"http://", "https://"};
  complaints found;
  const auto complain = [&](const source_file& file, const auto& words) {
    for (const auto word : words) {
      if (file.text.find(word) != std::string::npos) {
        found.push_back(fmt::format("{} holds {}", file.path, word));
      }
    }
  };
  for (const auto& file : files) {
    if (is_below(file, "tests/tidy")) continue;
    complain(file, places);
    if (!file.path.ends_with(".md")) complain(file, addresses);
  }
  return found;
}

complaints listings_are_compiled(const tree& files) {
  const auto* readme = find(files, "README.md");
  if (readme == nullptr) return {};
  complaints found;
  static constexpr std::string_view opening = "```cpp\n";
  const std::string_view text = readme->text;
  for (auto at = text.find(opening); at != text.npos; at = text.find(opening, at)) {
    at += opening.size();
    const auto listing = text.substr(at, text.find("```", at) - at);
    const bool is_compiled = std::ranges::any_of(files, [&](const source_file& file) {
      return is_below(file, "examples") && is_source(file) &&
             file.text.find(listing) != std::string::npos;
    });
    if (!is_compiled) {
      found.push_back(fmt::format("README.md shows what no example holds: {}...",
                                  listing.substr(0, listing.find('\n'))));
    }
  }
  return found;
}

}  // namespace actors::tidy
