#include "supervision/numbered_names.hpp"

#include <rapidcheck.h>

#include <set>
#include <vector>

#include "catch.hpp"

namespace actors::detail {

namespace {

/// The lowest number that is free, found by looking.
std::string lowest(const std::set<std::string>& taken, const std::string& wanted) {
  const auto stem = wanted.empty() ? std::string("job_") : wanted + '-';
  for (std::size_t n = wanted.empty() ? 1 : 2;; ++n) {
    auto name = stem + std::to_string(n);
    if (!taken.contains(name)) return name;
  }
}

}  // namespace

TEST_CASE("a number is the lowest that is free, whatever was taken and forgotten", "[names][E5]") {
  CHECK(rc::check([] {
    const std::vector<std::string> wishes{"", "a", "a-2", "a-", "b-07", "job_3", "7"};
    numbered_names numbers;
    std::set<std::string> taken;
    const auto steps = *rc::gen::container<std::vector<std::size_t>>(
        rc::gen::inRange<std::size_t>(0, 2 * wishes.size()));
    for (const auto step : steps) {
      if (step < wishes.size()) {
        const auto& wanted = wishes[step];
        if (!wanted.empty() && taken.insert(wanted).second) continue;
        const auto given =
            numbers.next(wanted, [&taken](const std::string& one) { return !taken.contains(one); });
        RC_ASSERT(given == lowest(taken, wanted));
        taken.insert(given);
      } else if (!taken.empty()) {
        const auto gone =
            std::next(taken.begin(), static_cast<std::ptrdiff_t>(step % taken.size()));
        numbers.forget(*gone);
        taken.erase(gone);
      }
    }
  }));
}

}  // namespace actors::detail
