#include "actors/console/console.hpp"

#include <cstdlib>
#include <memory>
#include <sstream>

#include "actors/testing/simulated_runtime.hpp"
#include "catch.hpp"
#include "support/task_bodies.hpp"

using namespace actors;
using namespace std::chrono_literals;

namespace {

/// A file in memory that a console writes to.
class paper {
 public:
  paper() : file_(open_memstream(&text_, &size_)) {}
  paper(const paper&) = delete;
  paper& operator=(const paper&) = delete;
  ~paper() {
    std::fclose(file_);
    std::free(text_);
  }
  std::FILE* file() { return file_; }
  std::vector<std::string> lines() {
    std::fflush(file_);
    std::istringstream all(std::string(text_, size_));
    std::vector<std::string> each;
    for (std::string line; std::getline(all, line);) each.push_back(line);
    return each;
  }

 private:
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;
};

coroutine<json> lead(task_context self) {
  const auto child = self.spawn({.name = "child"}, test::raise, std::string("out of luck"));
  self.emit("progress", 50);
  co_await child->ended();
  co_return "done";
}

std::vector<std::string> show(console::style how) {
  paper out;
  {
    testing::simulated_runtime runtime;
    console::console shown(runtime, "main", {.show = how, .out = out.file()});
    (void)shown.owner().spawn({.name = "lead", .goal = "try"}, lead).value();
    runtime.run_until_quiet();
    shown.close();
  }
  return out.lines();
}

}  // namespace

TEST_CASE("a plain console writes a line per event", "[console]") {
  const auto lines = show(console::style::plain);

  REQUIRE(lines.size() == 5);
  CHECK_THAT(lines.front(), Catch::EndsWith("lead started: try"));
  CHECK_THAT(lines.back(), Catch::EndsWith("lead completed: \"done\""));
  CHECK(std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
          return line.find("child failed: out of luck") != std::string::npos;
        }) == 1);
}

TEST_CASE("a JSON console writes an object per event and line", "[console]") {
  const auto lines = show(console::style::json);

  REQUIRE(lines.size() == 5);
  for (const auto& line : lines) {
    const auto event = parse_json(line);
    REQUIRE(event);
    for (const auto* key : {"kind", "task_id", "seq", "name", "owner", "at_ms"}) {
      CHECK(event->contains(key));
    }
    if ((*event)["kind"] == "failed") {
      CHECK((*event)["error"] == "out of luck");
      CHECK((*event)["parent_id"] == "bg_0");
    }
    if ((*event)["kind"] == "custom") {
      CHECK((*event)["event_type"] == "progress");
      CHECK((*event)["payload"] == 50);
    }
    if ((*event)["kind"] == "completed") CHECK((*event)["result"] == "done");
  }
}

TEST_CASE("a live console leaves the ends that matter on the screen", "[console]") {
  const auto lines = show(console::style::live);

  const auto has = [&lines](const std::string& text) {
    return std::any_of(lines.begin(), lines.end(), [&text](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  };
  CHECK(has("child failed: out of luck"));
  CHECK(has("lead completed"));
  CHECK_THAT(lines.back(), Catch::EndsWith("0 running, 1 completed, 1 failed"));
}

TEST_CASE("a console whose output is gone does not stop its tasks", "[console]") {
  std::FILE* full = std::fopen("/dev/full", "w");
  REQUIRE(full != nullptr);
  {
    testing::simulated_runtime runtime;
    console::console shown(runtime, "main", {.show = console::style::plain, .out = full});
    const auto task = shown.owner().spawn({.name = "lead"}, lead);
    CHECK(task->wait()->is_success());
    shown.close();
  }
  std::fclose(full);
}

TEST_CASE("a console shows what was mailed although its runtime goes first", "[console]") {
  paper out;
  auto runtime = std::make_unique<testing::simulated_runtime>();
  console::console shown(*runtime, "main", {.show = console::style::plain, .out = out.file()});
  (void)shown.owner().spawn({.name = "lead"}, lead).value();
  runtime->run_until_quiet();

  CHECK(runtime->shutdown(1s).is_clean());

  CHECK(out.lines().size() == 5);
}
