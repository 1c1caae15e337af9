#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "actors/cancel.hpp"
#include "actors/delivery.hpp"
#include "actors/kept_spec.hpp"
#include "actors/manager.hpp"
#include "actors/outcome.hpp"
#include "actors/owner.hpp"
#include "actors/runtime.hpp"
#include "actors/spec.hpp"

/// The decisions of supervision, as functions of values: no task, no lock, no clock.
namespace actors::detail::policy {

/// What is wrong with a spec, for a manager with such ids and limits; code `none` when nothing is.
error check(const spec& what, const id_series& ids = {}, bool has_parent = true,
            const admission_limits& managers = {});

/// Without the white space at both ends.
std::string trim(std::string_view text);

/// What is wrong with a manager's options; code `none` when nothing is.
error check(const manager_options& options);

/// What is wrong with a runtime's options, its manager's included; code `none` when nothing is.
error check(const runtime_options& options);

/// Is a task of this owner meant?
bool matches(const selection& any, std::string_view owner, const kept_spec& task) noexcept;

/// How many tasks there are, for admit().
struct load {
  std::size_t running = 0;  ///< Places that are taken.
  std::size_t queued = 0;
  std::size_t total = 0;  ///< Ever accepted.
};

enum class verdict : unsigned char { start, queue, reject };

struct admission {
  verdict decision = verdict::start;
  error why = {};  ///< Of a rejection.
};

/// What a task asks of one set of limits.
struct wish {
  std::size_t depth = 0;   ///< 0: started by an owner.
  bool has_place = false;  ///< Shares a place of `max_running` that others hold already.
  bool waits = false;      ///< Will wait for its turn whatever these limits say.
  bool is_behind = false;  ///< Others wait for the places of `max_running` that are free.
  std::string_view field = "limits";  ///< Where the limits are, for the text of a refusal.
  std::optional<std::size_t> max_running = {};  ///< Stands for that of the limits.
};

/// Whether such a task is taken on, by these limits. It is refused when its owner's or its
/// manager's refuse it, and else queued when one of them queues it.
///
/// | limit reached              | when_full = reject | when_full = queue |
/// |----------------------------|--------------------|-------------------|
/// | max_depth, max_total       | reject             | reject            |
/// | max_running                | reject             | queue             |
/// | max_running and max_queued | reject             | reject            |
///
/// A task that has its place already passes `max_running`, one that waits anyhow needs room in
/// `max_queued`.
admission admit(const admission_limits& limits, const load& now, const wish& asks);

/// Why a task with so many live children gets no other one; code `none` when it does.
error admit_child(const admission_limits& limits, std::size_t children, std::string_view field);

/// How long a delivery waits after its `attempt`-th try (1, 2, 3, …) has failed. `random` decides
/// the jitter, evenly.
duration retry_delay(const retry_policy& retry, std::uint32_t attempt,
                     std::uint64_t random) noexcept;

/// Is there a limit for which tasks are counted, in one place and under one lock?
constexpr bool counts_tasks(const admission_limits& limits) noexcept {
  return limits.max_running || limits.max_queued || limits.max_total;
}
/// Is there a limit at all?
constexpr bool has_limits(const admission_limits& limits) noexcept {
  return counts_tasks(limits) || limits.max_depth || limits.max_children;
}

/// What is wrong with an owner's options; code `none` when nothing is.
error check(const owner_options& options);

/// How long a task under both limits may be queued: the shorter of the times they set; zero when
/// neither sets one.
duration patience_in_queue(const admission_limits& owner, const admission_limits& manager) noexcept;

/// The outcome of a task that was queued for that long.
outcome conclude_unstarted(duration waited);

/// The outcome of a task that was given up because nothing happened for so long.
outcome conclude_stalled(duration quiet);

/// Is a task in this state asked for?
bool matches(query::states wanted, task_state state) noexcept;

/// How a body ended.
enum class ending : unsigned char {
  returned,   ///< It gave a result.
  stopped,    ///< `cancelled` left it, or it never began.
  raised,     ///< Something else left it.
  abandoned,  ///< It did not end in its grace period.
};

/// The state that follows from how a body ended and why it was told to stop.
///
/// | ending    | not told to stop | deadline  | any other reason |
/// |-----------|------------------|-----------|------------------|
/// | returned  | completed        | completed | completed        |
/// | stopped   | cancelled        | timed_out | cancelled        |
/// | raised    | failed           | failed    | failed           |
/// | abandoned | failed           | timed_out | cancelled        |
constexpr task_state decide(ending how, cancel_reason reason) noexcept {
  if (how == ending::returned) return task_state::completed;
  if (how == ending::raised) return task_state::failed;
  if (reason == cancel_reason::deadline) return task_state::timed_out;
  if (how == ending::abandoned && reason == cancel_reason::none) return task_state::failed;
  return task_state::cancelled;
}

/// What a task that was told to stop says.
std::string stop_text(cancel_reason reason);

/// The outcome for that state, with its text: never an empty one unless completed. A result is that
/// of a body that returned, or what one that raised an error had to show.
outcome conclude(ending how, cancel_reason reason, json&& result, std::string&& error,
                 duration timeout, duration grace);

/// What to do with children when a parent's body has ended.
constexpr bool cancels_child(lifetime child, task_state parent) noexcept {
  return child == lifetime::cancel || (child == lifetime::bound && parent != task_state::completed);
}
/// Does the parent wait for such a child?
constexpr bool waits_for_child(lifetime child) noexcept { return child != lifetime::outlives; }

}  // namespace actors::detail::policy
