#include "policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace actors::detail::policy {

namespace {

constexpr std::array<std::string_view, 4> reserved_names = {"parent", "self", "all", "broadcast"};

std::string seconds(duration time) {
  return fmt::format("{:g}", std::chrono::duration<double>(time).count());
}

admission over(std::string_view what, std::size_t limit, std::string_view limits,
               std::string_view field) {
  return {verdict::reject,
          {error_code::capacity_reached,
           fmt::format("{} limit reached ({}): {}.{}", what, limit, limits, field)}};
}

error check(const admission_limits& limits, std::string_view field) {
  if (limits.max_queued && limits.when_full == on_full::reject) {
    return {error_code::invalid_argument,
            fmt::format("{}.max_queued has no meaning unless when_full is on_full::queue", field)};
  }
  if (limits.max_wait < duration::zero()) {
    return {error_code::invalid_argument,
            fmt::format("{}.max_wait must not be negative, it is {} s; zero means for ever", field,
                        seconds(limits.max_wait))};
  }
  if (limits.max_wait > duration::zero() && limits.when_full == on_full::reject) {
    return {error_code::invalid_argument,
            fmt::format("{}.max_wait has no meaning unless when_full is on_full::queue", field)};
  }
  return {};
}

/// The code point that `text` begins with, and its length; a length of 0 when it is not UTF-8.
std::pair<char32_t, std::size_t> first_code_point(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (length == 0 || lead > 0xF4 || text.size() < length) return {0, 0};
  char32_t point = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {0, 0};
    point = point << 6U | (byte(i) & 0x3FU);
  }
  const bool is_overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool is_surrogate = point >= 0xD800 && point < 0xE000;
  return {point, is_overlong || is_surrogate || point > 0x10FFFF ? 0 : length};
}

/// What is wrong with this text in a line of its own; null when nothing is.
const char* unreadable(std::string_view text) {
  while (!text.empty()) {
    const auto [point, length] = first_code_point(text);
    if (length == 0) return "must be UTF-8";
    if (point < 0x20 || (point >= 0x7F && point < 0xA0)) return "must not hold control characters";
    text.remove_prefix(length);
  }
  return nullptr;
}

}  // namespace

error check(const spec& what, const id_series& ids, bool has_parent,
            const admission_limits& managers) {
  if (what.timeout < duration::zero()) {
    return {error_code::invalid_argument,
            fmt::format("spec.timeout must not be negative, it is {} s; zero means none",
                        seconds(what.timeout))};
  }
  if (what.in_parents_slot && !what.slot.empty()) {
    return {error_code::invalid_argument,
            fmt::format("spec.slot must be empty with in_parents_slot, it is '{}'", what.slot)};
  }
  if (what.in_parents_slot && !has_parent) {
    return {error_code::invalid_argument,
            "spec.in_parents_slot needs a parent, which a task that an owner starts has not"};
  }
  if (what.max_running && !managers.max_running) {
    return {error_code::invalid_argument,
            fmt::format("spec.max_running ({}) stands for manager_options.limits.max_running, "
                        "which is not set",
                        *what.max_running)};
  }
  if (what.max_running && managers.when_full == on_full::queue) {
    return {
        error_code::invalid_argument,
        fmt::format("spec.max_running ({}) has no meaning where manager_options.limits.when_full "
                    "is on_full::queue",
                    *what.max_running)};
  }
  if (what.name.empty()) return {};
  for (const auto name : reserved_names) {
    if (what.name == name) {
      return {error_code::name_reserved, fmt::format("'{}' is a reserved name", name)};
    }
  }
  if (task_id::parse(what.name) || ids.resembles(what.name)) {
    return {error_code::invalid_argument,
            fmt::format("spec.name must not look like an id, it is '{}'", what.name)};
  }
  if (const char* rule = unreadable(what.name)) {
    // Written in ASCII: what is wrong with it must not be wrong with this text.
    return {error_code::invalid_argument,
            fmt::format("spec.name {}, it is {}", rule,
                        json(what.name).dump(-1, ' ', true, json::error_handler_t::replace))};
  }
  return {};
}

std::string trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\f\v";
  const auto first = text.find_first_not_of(space);
  if (first == text.npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(space) - first + 1));
}

error check(const manager_options& options) {
  if (options.grace < duration::zero()) {
    return {error_code::invalid_argument,
            fmt::format("manager_options.grace must not be negative, it is {} s",
                        seconds(options.grace))};
  }
  if (options.ttl < duration::zero()) {
    return {
        error_code::invalid_argument,
        fmt::format("manager_options.ttl must not be negative, it is {} s", seconds(options.ttl))};
  }
  if (options.requires_journal && options.journal == nullptr) {
    return {error_code::invalid_argument,
            "manager_options.journal is not set, and requires_journal asks for one"};
  }
  if (options.stall && options.stall->after <= duration::zero()) {
    return {error_code::invalid_argument,
            fmt::format("manager_options.stall.after must be positive, it is {} s",
                        seconds(options.stall->after))};
  }
  return check(options.limits, "manager_options.limits");
}

error check(const runtime_options& options) {
  const auto refuse = [](std::string_view field, std::string_view why) -> error {
    return {error_code::invalid_argument, fmt::format("runtime_options.{} {}", field, why)};
  };
  if (options.budget == 0) return refuse("budget", "must be at least 1, it is 0");
  if (options.workers > 1024) {
    return refuse("workers", fmt::format("must be at most 1024, it is {}", options.workers));
  }
  if (options.blocking_threads == 0) {
    return refuse("blocking_threads", "must be at least 1, it is 0");
  }
  if (options.shutdown_patience < duration::zero()) {
    return refuse("shutdown_patience", fmt::format("must not be negative, it is {} s",
                                                   seconds(options.shutdown_patience)));
  }
  return check(options.manager);
}

bool matches(const selection& any, std::string_view owner, const kept_spec& task) noexcept {
  const auto means = [](std::string_view wanted, std::string_view is) {
    return !wanted.empty() && wanted == is;
  };
  return means(any.owner, owner) || means(any.run_id, task.run_id()) ||
         means(any.call_id, task.call_id()) || means(any.agent_id, task.agent_id());
}

admission admit(const admission_limits& limits, const load& now, const wish& asks) {
  if (limits.max_depth && asks.depth >= *limits.max_depth) {
    return over("depth", *limits.max_depth, asks.field, "max_depth");
  }
  if (limits.max_total && now.total >= *limits.max_total) {
    return over("total task", *limits.max_total, asks.field, "max_total");
  }
  const auto max_running = asks.max_running ? asks.max_running : limits.max_running;
  const bool is_taken = asks.is_behind && !asks.max_running;
  const bool is_full = !asks.has_place && max_running && (is_taken || now.running >= *max_running);
  if (is_full && limits.when_full == on_full::reject) {
    return over("running task", *max_running, asks.max_running ? "spec" : asks.field,
                "max_running; wait for one to end, or cancel one");
  }
  if ((is_full || asks.waits) && limits.max_queued && now.queued >= *limits.max_queued) {
    return over("queued task", *limits.max_queued, asks.field, "max_queued");
  }
  return {is_full ? verdict::queue : verdict::start, {}};
}

error admit_child(const admission_limits& limits, std::size_t children, std::string_view field) {
  if (!limits.max_children || children < *limits.max_children) return {};
  return over("child task", *limits.max_children, field,
              "max_children; wait for one to end, or cancel one")
      .why;
}

duration retry_delay(const retry_policy& retry, std::uint32_t attempt,
                     std::uint64_t random) noexcept {
  auto delay = retry.base;
  for (std::uint32_t i = 1; i < attempt && delay < retry.max; ++i) {
    delay = delay > retry.max / 2 ? retry.max : delay * 2;
  }
  delay = std::min(delay, retry.max);
  if (retry.jitter <= duration::zero()) return delay;
  const auto part = random % static_cast<std::uint64_t>(retry.jitter.count());
  return delay + std::min(duration(part), duration::max() - delay);
}

error check(const owner_options& options) {
  const auto refuse = [](std::string_view field, duration value, std::string_view rule) -> error {
    return {error_code::invalid_argument,
            fmt::format("owner_options.{} must {}, it is {} s", field, rule, seconds(value))};
  };
  const auto& retry = options.retry;
  if (retry.base < duration::zero()) return refuse("retry.base", retry.base, "not be negative");
  if (retry.max < retry.base) {
    return refuse("retry.max", retry.max, "not be shorter than retry.base");
  }
  if (retry.jitter < duration::zero()) {
    return refuse("retry.jitter", retry.jitter, "not be negative");
  }
  if (retry.max_attempts && *retry.max_attempts == 0) {
    return {error_code::invalid_argument,
            "owner_options.retry.max_attempts must be at least 1, it is 0; absent means for ever"};
  }
  if (options.lease <= duration::zero()) return refuse("lease", options.lease, "be positive");
  return check(options.limits, "owner_options.limits");
}

duration patience_in_queue(const admission_limits& owner,
                           const admission_limits& manager) noexcept {
  if (owner.max_wait == duration::zero()) return manager.max_wait;
  if (manager.max_wait == duration::zero()) return owner.max_wait;
  return std::min(owner.max_wait, manager.max_wait);
}

outcome conclude_unstarted(duration waited) {
  return {task_state::timed_out, nullptr,
          fmt::format("timed out after {} seconds in the queue, without a start", seconds(waited))};
}

outcome conclude_stalled(duration quiet) {
  return {task_state::cancelled, nullptr,
          fmt::format("stalled: no progress for {} s; abandoned", seconds(quiet))};
}

bool matches(query::states wanted, task_state state) noexcept {
  switch (wanted) {
    case query::states::live: return !is_terminal(state);
    case query::states::queued: return state == task_state::queued;
    case query::states::running: return state == task_state::running;
    case query::states::ended: return is_terminal(state);
    default: return true;
  }
}

std::string stop_text(cancel_reason reason) {
  return std::string("stop: ").append(actors::to_string(reason));
}

outcome conclude(ending how, cancel_reason reason, json&& result, std::string&& error,
                 duration timeout, duration grace) {
  const auto state = decide(how, reason);
  if (state == task_state::completed) return {state, std::move(result)};
  outcome end;
  end.state = state;
  if (how == ending::raised) end.result = std::move(result);
  switch (end.state) {
    case task_state::timed_out:
      end.error = timeout > duration::zero()
                      ? fmt::format("Execution timed out after {} seconds", seconds(timeout))
                      : std::string("Execution timed out: a deadline above it passed");
      break;
    case task_state::cancelled:
      end.error = reason == cancel_reason::none ? "the body stopped itself" : stop_text(reason);
      break;
    default:
      end.error = error.empty() ? std::string("failed without saying why") : std::move(error);
  }
  if (how == ending::abandoned) {
    end.error += fmt::format("; abandoned, its body did not end within {} s", seconds(grace));
  }
  return end;
}

}  // namespace actors::detail::policy
