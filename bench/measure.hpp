#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// One way to do a piece of work; gives how many operations it did.
struct contender {
  std::string name;
  std::function<double()> run;
};

struct spread {
  double median = 0;
  double low = 0;
  double high = 0;
};

/// Operations per second of each contender over `rounds` rounds. The contenders take turns within
/// each round, so that whatever else the machine does falls on all of them alike. One round more is
/// run first and not counted.
inline std::vector<spread> compare(const std::vector<contender>& contenders, int rounds) {
  std::vector<std::vector<double>> rates(contenders.size());
  for (int round = -1; round < rounds; ++round) {
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      const auto begin = std::chrono::steady_clock::now();
      const double operations = contenders[i].run();
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      if (round >= 0) rates[i].push_back(operations / took.count());
    }
  }
  std::vector<spread> result;
  for (auto& each : rates) {
    std::sort(each.begin(), each.end());
    result.push_back({each[each.size() / 2], each.front(), each.back()});
  }
  return result;
}

}  // namespace bench
