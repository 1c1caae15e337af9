#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>
#include <thread>

namespace bench {

/// What a program measures, and how: `--size N` and `--workers W` on its command line.
struct setup {
  std::string_view bench;
  std::string_view system;
  std::int64_t size;
  unsigned workers = 2;
  std::string_view name_of_case = {};  ///< For work that is a case of several benches.
};

[[noreturn]] inline void fail(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::fflush(stderr);
  // Not exit(): other threads may still be at work on what its destructors would take from them.
  std::_Exit(1);
}

/// A measurement counts only when the work gave what it must.
inline void check(std::string_view what, std::int64_t got, std::int64_t expected) {
  if (got == expected) return;
  fail(std::string(what) + ": " + std::to_string(got) + " instead of " + std::to_string(expected));
}

template <class Number>
Number number_of(std::string_view text) {
  Number value{};
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || stop != text.data() + text.size() || value < 1) {
    fail("not a positive number: " + std::string(text));
  }
  return value;
}

/// `options` are the arguments that are left when the program knows which bench it runs.
inline setup parse(char** options, std::string_view bench, std::int64_t default_size,
                   std::string_view system = "libactors") {
  setup how{.bench = bench, .system = system, .size = default_size};
  for (; *options != nullptr; options += 2) {
    const std::string_view name = *options;
    if (options[1] == nullptr) fail("a value is missing: " + std::string(name));
    if (name == "--size") {
      how.size = number_of<std::int64_t>(options[1]);
    } else if (name == "--workers") {
      how.workers = number_of<unsigned>(options[1]);
    } else {
      fail("no such option: " + std::string(name));
    }
  }
  return how;
}

class stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

struct figure {
  const char* name;
  double value;
};

/// Prints the line of one case; it is flushed, since a program may yet fail or be stopped.
inline void report(const setup& how, std::string_view name_of_case, std::int64_t operations,
                   std::initializer_list<figure> figures) {
  const auto print = [](const char* name, std::string_view value) {
    std::printf("\"%s\":\"%.*s\",", name, static_cast<int>(value.size()), value.data());
  };
  std::printf("{");
  print("bench", how.bench);
  print("system", how.system);
  print("case", name_of_case);
  std::printf("\"workers\":%u,\"size\":%lld,\"operations\":%lld", how.workers,
              static_cast<long long>(how.size), static_cast<long long>(operations));
  for (const auto& each : figures) std::printf(",\"%s\":%.9g", each.name, each.value);
  std::printf("}\n");
  std::fflush(stdout);
}

/// Memory of this process that is in RAM now.
inline std::int64_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  long long total = 0;
  long long resident = 0;
  if (file == nullptr || std::fscanf(file, "%lld %lld", &total, &resident) != 2) {
    fail("no /proc/self/statm");
  }
  std::fclose(file);
  return resident * sysconf(_SC_PAGESIZE);
}

/// Processor time that this process has used.
inline double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Does nothing for ten seconds and reports what that has cost.
inline void report_idle(const setup& how) {
  // What ends the setting up, such as threads that go to sleep, is not idling.
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const stopwatch watch;
  const double before = cpu_seconds();
  std::this_thread::sleep_for(std::chrono::seconds(10));
  const double used = cpu_seconds() - before;
  report(how, "", how.size, {{"cpu_seconds", used}, {"wall_seconds", watch.seconds()}});
}

}  // namespace bench
