#include "command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <cstdio>

#include "actors/console/console.hpp"
#include "actors/runtime.hpp"
#include "report.hpp"

namespace code_audit {

namespace {

std::atomic<int> interrupts{0};

void on_interrupt(int) { interrupts.fetch_add(1, std::memory_order_relaxed); }

struct arguments {
  std::string path = ".";
  bool json = false;
  bool plain = false;
  int patience_ms = 400;
};

/// Waits for the end; an interrupt from the keyboard cancels the whole tree.
actors::outcome wait_for(const actors::task_handle& lead) {
  bool told = false;
  for (;;) {
    if (auto end = lead.wait(std::chrono::milliseconds(100))) return *end;
    if (!told && interrupts.load(std::memory_order_relaxed) > 0) {
      lead.cancel();
      told = true;
    }
  }
}

int audit_tree(const std::string& root, const arguments& how, lead_body lead) {
  actors::runtime_options options;
  options.manager.max_finished = 100;  // what has ended was shown; nobody asks for it again
  actors::runtime runtime(options);
  actors::console::console_options shown;
  if (how.plain) shown.show = actors::console::style::plain;
  if (how.json) shown.show = actors::console::style::json;
  actors::console::console console(runtime, "audit", shown);

  const auto work = std::make_shared<audit>();
  auto started = console.owner().spawn({.name = "lead", .goal = "audit " + root}, lead, root, work,
                                       std::chrono::milliseconds(how.patience_ms));
  if (!started) {
    fmt::print(stderr, "code_audit: could not start: {}\n", started.error().message);
    return 1;
  }
  const auto end = wait_for(*started);
  console.close();
  if (!how.json) {
    report_options layout;
    layout.title = "Code audit of " + root;
    layout.base = root + "/";
    fmt::print("\n{}{}", format_report(work->totals(), layout), work->opinions());
  }
  if (end.is_success()) return 0;
  fmt::print(stderr, "code_audit: the audit is not complete: {}\n", end.error);
  return 1;
}

}  // namespace

int run_command(int argc, char** argv, lead_body lead) {
  arguments how;
  CLI::App options{"Audits a source tree with a team of agents, and tells what it found."};
  options.add_option("path", how.path, "The folder to audit (default: the present one)");
  options.add_flag("--json", how.json, "One event per line as JSON, no report");
  options.add_flag("--plain", how.plain, "One event per line as text, also on a terminal");
  options
      .add_option("--patience", how.patience_ms,
                  "Milliseconds until the second look, slow on purpose, is cancelled")
      ->check(CLI::Range(1, 3'600'000));
  try {
    options.parse(argc, argv);
  } catch (const CLI::ParseError& why) {
    const bool is_help = why.get_exit_code() == 0;
    options.exit(why);
    return is_help ? 0 : 2;
  }
  const auto root = resolve_root(how.path);
  if (const auto* problem = std::get_if<scan_problem>(&root)) {
    fmt::print(stderr, "code_audit: {}: {}\n", problem->path, problem->message);
    return 2;
  }
  // A reader of the output that goes away is no reason to die in the middle.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGINT, on_interrupt);
  return audit_tree(std::get<std::filesystem::path>(root).string(), how, lead);
}

}  // namespace code_audit
