#pragma once

#include <memory>
#include <string>

#include "actors/task.hpp"
#include "audit.hpp"

namespace code_audit {

/// The agent that does the whole work on `root` and writes what it learns into `work`; `patience`
/// is for its slow branch.
using lead_body = actors::coroutine<actors::json> (*)(actors::task_context self, std::string root,
                                                      std::shared_ptr<audit> work,
                                                      actors::duration patience);

/// Reads the command line, runs the lead under a console, prints the report. Returns the exit code:
/// 0 when the audit was completed, 1 when it was not, 2 when it could not begin.
int run_command(int argc, char** argv, lead_body lead);

}  // namespace code_audit
