#include "actors/kept_spec.hpp"

#include <cstring>
#include <new>
#include <string>

#include "actors/detail/memory.hpp"

namespace actors {

kept_spec::kept_spec(spec&& from) {
  // Every member has its name here, so that one more does not compile.
  auto& [name, goal, type, context, timeout, life, events, inbox_capacity, inbox, slot,
         in_parents_slot, max_running, may_spawn, run_id, call_id, agent_id] = from;
  const std::array<std::string_view, texts> all{name, goal, type, slot, run_id, call_id, agent_id};
  std::array<std::size_t, texts> ends{};
  std::size_t length = 0;
  for (std::size_t i = 0; i < texts; ++i) ends[i] = length += all[i].size();
  if (length == 0 && context.is_null() && timeout == duration::zero() && life == lifetime::bound &&
      events == events_go::to_owner && inbox_capacity == 0 && inbox == inbox_policy::reject &&
      !in_parents_slot && !max_running && may_spawn) {
    return;
  }
  auto* memory = static_cast<char*>(detail::allocate(sizeof(block) + length));
  block_ = ::new (memory) block{.inbox_capacity = inbox_capacity,
                                .life = life,
                                .events = events,
                                .inbox = inbox,
                                .in_parents_slot = in_parents_slot,
                                .may_spawn = may_spawn,
                                .has_max_running = max_running.has_value(),
                                .timeout = timeout,
                                .max_running = max_running.value_or(0),
                                .context = std::move(context),
                                .ends = ends};
  auto* to = memory + sizeof(block);
  for (const auto text : all) {
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    to += text.size();
  }
}

void kept_spec::destroy(block& last) noexcept {
  const auto bytes = last.bytes();
  last.~block();
  detail::deallocate(&last, bytes);
}

const json& kept_spec::context() const noexcept {
  // Never destroyed: a runtime, or an event, may be a static object that goes later.
  alignas(json) static std::byte memory[sizeof(json)];
  static const auto& nothing = *::new (memory) json;
  return block_ != nullptr ? block_->context : nothing;
}

std::optional<std::size_t> kept_spec::max_running() const noexcept {
  if (block_ == nullptr || !block_->has_max_running) return std::nullopt;
  return block_->max_running;
}

spec kept_spec::copy() const {
  return {.name = std::string(name()),
          .goal = std::string(goal()),
          .type = std::string(type()),
          .context = context(),
          .timeout = timeout(),
          .life = life(),
          .events = events(),
          .inbox_capacity = inbox_capacity(),
          .inbox = inbox(),
          .slot = std::string(slot()),
          .in_parents_slot = in_parents_slot(),
          .max_running = max_running(),
          .may_spawn = may_spawn(),
          .run_id = std::string(run_id()),
          .call_id = std::string(call_id()),
          .agent_id = std::string(agent_id())};
}

}  // namespace actors
