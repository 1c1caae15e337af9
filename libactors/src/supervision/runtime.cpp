#include "actors/runtime.hpp"

#include <fmt/format.h>

#include <mutex>
#include <thread>

#include "../runtime/engine_options.hpp"
#include "manager_core.hpp"
#include "owner_core.hpp"
#include "policy.hpp"
#include "task_core.hpp"

namespace actors {

struct runtime::state {
  runtime_options options;
  std::unique_ptr<detail::engine> engine;
  std::mutex mutex;
  std::vector<std::shared_ptr<detail::manager_core>> managers;
  std::optional<manager> first;

  std::vector<std::shared_ptr<detail::manager_core>> all_managers() {
    const std::lock_guard lock(mutex);
    return managers;
  }
};

namespace {

void require(const error& why) {
  if (why.code != error_code::none) throw failure(why);
}

std::unique_ptr<detail::engine> make_engine(const runtime_options& options) {
  require(detail::policy::check(options));
  detail::engine_options how;
  how.workers =
      options.workers != 0 ? options.workers : std::max(1U, std::thread::hardware_concurrency());
  how.budget = options.budget;
  how.blocking_threads = options.blocking_threads;
  how.blocking_queue = options.blocking_queue;
  how.shutdown_patience = options.shutdown_patience;
  how.on_failure = options.on_unhandled;
  how.caf = options.caf;
  return detail::make_threaded_engine(how);
}

survivor describe(const detail::task_core& task) {
  const auto now = task.record();
  auto word = std::string(to_string(now.state));
  if (now.state == task_state::running) word += fmt::format(", {}", to_string(now.phase));
  if (is_terminal(now.state)) word += ", its body still runs";
  return {to_string(now.id), now.what.name, now.from.task_id, std::move(word), now.awaiting};
}

}  // namespace

runtime::runtime(runtime_options options) : runtime(options, make_engine(options)) {}

runtime::runtime(runtime_options options, std::unique_ptr<detail::engine> engine)
    : state_(std::make_unique<state>()) {
  state_->options = std::move(options);
  state_->engine = std::move(engine);
  state_->first.emplace(open_manager(state_->options.manager));
}

runtime::~runtime() {
  auto& engine = *state_->engine;
  shutdown(state_->options.shutdown_patience);
  const bool is_empty =
      engine.wait_until_empty(later(engine.now(), std::chrono::milliseconds(100)));
  for (const auto& each : state_->managers) {
    each->detach();
    each->clear();
  }
  // An actor that is stuck in its own code keeps its thread and what it refers to. Both are left
  // to it: there is no safe way to take them back, and waiting may take for ever.
  if (!is_empty) static_cast<void>(state_->engine.release());
}

detail::engine& runtime::engine() const noexcept { return *state_->engine; }

time_point runtime::now() const noexcept { return state_->engine->now(); }

manager& runtime::default_manager() noexcept { return *state_->first; }

manager runtime::open_manager(manager_options options) {
  require(detail::policy::check(options));
  auto core = std::make_shared<detail::manager_core>(*state_->engine, std::move(options));
  const std::lock_guard lock(state_->mutex);
  state_->managers.push_back(core);
  return manager(std::move(core));
}

owner runtime::open_owner(std::string name, owner_options options) {
  return state_->first->open_owner(std::move(name), options);
}

owner runtime::open_owner(std::string name, actor_ref<event> receiver, owner_options options) {
  return state_->first->open_owner(std::move(name), std::move(receiver), options);
}

owner runtime::open_owner(std::string name, event_sink sink, owner_options options) {
  return state_->first->open_owner(std::move(name), std::move(sink), options);
}

shutdown_report runtime::shutdown(duration patience) {
  auto& engine = *state_->engine;
  const auto deadline = later(engine.now(), patience);
  const auto managers = state_->all_managers();

  // Tasks first: their owners may be actors, and should hear how they ended.
  for (const auto& each : managers) each->close();
  for (const auto& each : managers) {
    detail::task_core::cancel_all(each->tasks(nullptr), cancel_reason::shutdown);
  }
  for (const auto& each : managers) each->wait_until_drained(deadline);
  for (const auto& each : managers) each->drain_deliveries(deadline);
  engine.stop_all(cancel_reason::shutdown);
  engine.wait_until_empty(deadline);

  shutdown_report report;
  for (const auto& each : managers) {
    for (const auto& task : each->tasks(nullptr)) {
      if (!is_terminal(task->state()) || task->body_runs()) {
        report.survivors.push_back(describe(*task));
      }
      if (!is_terminal(task->state())) task->abandon(patience);
    }
  }
  auto actors = engine.live_actors();
  for (auto& actor : actors.begun) {
    report.survivors.push_back(
        {fmt::format("#{}", actor.id), std::move(actor.name), {}, "running", actor.awaiting});
  }
  if (actors.not_begun != 0) {
    report.survivors.push_back(
        {{}, fmt::format("{} actors", actors.not_begun), {}, "ready", "start"});
  }
  engine.abandon_all();
  for (const auto& each : managers) each->write_again(deadline);
  return report;
}

}  // namespace actors
