// Audits a source tree with a team of agents:
//
//   lead ─┬─ survey <folder> ── read <file> ...     a surveyor per folder, a reader per file
//         ├─ critic                                 doubts what the lead thinks of the worst files
//         └─ second look ── ponder <file> ...       slow on purpose: its deadline cancels all of it
//
// Findings travel up as messages, questions down and answers back through inboxes, and every end is
// mailed to the owner, which shows it.

#include <deque>

#include "actors/blocking.hpp"
#include "actors/runtime.hpp"
#include "actors/timeout.hpp"
#include "actors/when_any.hpp"
#include "code_audit/audit.hpp"
#include "code_audit/command_line.hpp"

namespace {

using namespace std::chrono_literals;
using actors::coroutine;
using actors::json;
using actors::task_context;
using actors::task_handle;
using code_audit::audit;

constexpr std::size_t surveyors_at_once = 4;
constexpr std::size_t readers_at_once = 4;

coroutine<json> reader(task_context self, std::string path) {
  const auto read = [path] { return code_audit::read_and_scan(path); };
  auto found = co_await actors::blocking(read);
  self.parent().send(std::move(found.report));
  co_return std::move(found.brief);
}

// Passes on what its readers found, a batch at a time, and waits for the lead to take each: so no
// more is under way than the lead can follow.
coroutine<json> surveyor(task_context self, std::string folder, std::vector<std::string> files) {
  std::deque<task_handle> reading;
  for (std::size_t i = 0; i < files.size() || !reading.empty();) {
    while (i < files.size() && reading.size() < readers_at_once) {
      const auto path = folder + "/" + files[i++];
      reading.push_back(
          self.spawn({.name = "read " + path, .type = "reader"}, reader, path).value());
    }
    co_await reading.front().ended();
    reading.pop_front();
    auto batch = json::array();
    while (auto report = self.inbox().try_next()) batch.push_back(std::move(report->content));
    if (!batch.empty()) (co_await self.parent().ask(std::move(batch), 60s)).value();
  }
  co_return json{{"files", files.size()}};
}

coroutine<json> critic(task_context self) {
  while (auto question = co_await self.inbox().next()) {
    const auto claim = question->content;
    const auto think = [claim] { return code_audit::answer_claim(claim); };
    question->reply(co_await actors::blocking(think));
  }
  co_return nullptr;
}

coroutine<json> ponder(task_context self, std::string path) {
  for (int minute = 1;; ++minute) {
    self.emit("pondering", {{"path", path}, {"minute", minute}});
    co_await actors::sleep_for(60s);
  }
}

coroutine<json> second_look(task_context self, std::vector<std::string> paths) {
  std::vector<task_handle> pondering;
  for (const auto& path : paths) {
    pondering.push_back(
        self.spawn({.name = "ponder " + path, .type = "ponderer"}, ponder, path).value());
  }
  for (const auto& one : pondering) co_await one.ended();
  co_return "nothing to ponder";
}

// Goes through the folders, depth first, a few surveyors at a time.
coroutine<void> survey(task_context self, audit& work, std::string root) {
  std::vector<std::string> open = {root};
  std::deque<task_handle> under_way;
  while (!open.empty()) {
    const auto folder = std::move(open.back());
    open.pop_back();
    const auto list = [folder] { return code_audit::list_folder(folder); };
    const auto listing = co_await actors::blocking(list);
    work.add(listing, open);
    if (listing.files.empty()) continue;
    if (under_way.size() == surveyors_at_once) {
      co_await under_way.front().ended();
      under_way.pop_front();
    }
    under_way.push_back(self.spawn({.name = "survey " + folder, .type = "surveyor"}, surveyor,
                                   folder, listing.files)
                            .value());
  }
  for (const auto& last : under_way) co_await last.ended();
}

coroutine<void> collect(task_context self, audit& work) {
  while (auto batch = co_await self.inbox().next()) {
    for (const auto& report : batch->content) work.add(report);
    self.emit("progress", work.progress());
    batch->reply("taken");
  }
}

coroutine<json> lead(task_context self, std::string root, std::shared_ptr<audit> work,
                     actors::duration patience) {
  co_await actors::when_any(survey(self, *work, root), collect(self, *work));

  auto second =
      self.spawn({.name = "second look", .goal = "ponder the worst files", .timeout = patience},
                 second_look, work->worst_paths());
  auto doubter = self.spawn({.name = "critic", .goal = "challenge what the lead thinks"}, critic);
  for (auto& claim : work->claims()) {
    auto answer = co_await doubter->ask(claim, 10s);
    work->weigh(claim, answer);
  }
  doubter->close_inbox();
  const auto end = co_await second->ended();
  if (!end.is_success()) work->note("The second look was cut short: " + end.error + ".");
  co_return work->result();
}

}  // namespace

int main(int argc, char** argv) { return code_audit::run_command(argc, argv, lead); }
