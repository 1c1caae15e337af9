#pragma once

#include <string>
#include <vector>

#include "tidy/rules.hpp"
#include "tidy/tree.hpp"

namespace actors::tidy {

/// Behaviours that one letter numbers: A1, A2, … up to the last.
struct behaviour_range {
  char letter;
  int last;
};

/// All that tests/behaviours.md has to speak of.
const std::vector<behaviour_range>& behaviours();

/// A test case as it stands in a file: what it is called, and its tags without their brackets.
struct test_case {
  std::string name;
  std::vector<std::string> tags;
};

std::vector<test_case> test_cases_of(const source_file& file);

/// tests/behaviours.md says of every id by which tests it is shown, or why it is not; the tests
/// that it names exist and have the id as a tag; and no test has the tag of an id that the map does
/// not call shown, in whole or in part.
complaints behaviours_are_mapped(const tree& files, const std::vector<behaviour_range>& ranges);

}  // namespace actors::tidy
