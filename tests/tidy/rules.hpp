#pragma once

#include <map>
#include <string>
#include <vector>

#include "tidy/tree.hpp"

namespace actors::tidy {

/// One per place that breaks a rule: which file, and what about it. Empty when all is well.
using complaints = std::vector<std::string>;

/// CAF is included by the two layers that speak it and by the one public header that shows it.
complaints caf_stays_in_its_layers(const tree& files);

/// A layer includes itself and those above it. `public_layers` says where each public header
/// belongs; a header that it does not know is a complaint, too.
complaints includes_point_one_way(const tree& files,
                                  const std::map<std::string, std::string>& public_layers);

/// No test waits for the wall clock.
complaints tests_never_sleep(const tree& files);

/// No `co_await` is the whole condition of an `if` or a loop: GCC 12 miscompiles that in a
/// coroutine without local variables. Naming what was awaited, `while (const auto mail = co_await
/// …)`, is fine.
complaints awaited_conditions_have_names(const tree& files);

/// The library waits with its own semaphore: that of GCC 12's standard library may sleep for ever
/// although there is something to take.
complaints semaphores_are_our_own(const tree& files);

/// actors/x.hpp has a test called x_test.cpp. `exceptions` maps a header to the reason why not.
complaints public_headers_have_tests(const tree& files,
                                     const std::map<std::string, std::string>& exceptions);

/// Every .cpp file, and every public header, is named in the CMakeLists.txt nearest above it.
complaints files_are_built(const tree& files);

/// Tests are told apart by the stem of their file, so no two share one.
complaints test_stems_differ(const tree& files);

complaints headers_are_included_once(const tree& files);

/// No file knows the machine that it was written on, and no code knows an address outside.
complaints nothing_names_a_machine(const tree& files);

/// What the README shows stands word for word in an example, where it is compiled.
complaints listings_are_compiled(const tree& files);

}  // namespace actors::tidy
