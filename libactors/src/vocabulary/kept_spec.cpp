#include "actors/kept_spec.hpp"

#include <array>
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
  unsigned has_text = 0;
  unsigned count = 0;
  std::size_t length = 0;
  for (unsigned i = 0; i < texts; ++i) {
    if (all[i].empty()) continue;
    has_text |= 1U << i;
    ++count;
    length += all[i].size();
  }
  const bool has_more =
      !context.is_null() || timeout != duration::zero() || inbox_capacity != 0 || max_running;
  if (has_text == 0 && !has_more && life == lifetime::bound && events == events_go::to_owner &&
      inbox == inbox_policy::reject && !in_parents_slot && may_spawn) {
    return;
  }
  block_ = ::new (detail::allocate(bytes(count, has_more, length)))
      block{.has_text = static_cast<std::uint8_t>(has_text),
            .count = static_cast<std::uint8_t>(count),
            .life = life,
            .events = events,
            .inbox = inbox,
            .in_parents_slot = in_parents_slot,
            .may_spawn = may_spawn,
            .has_more = has_more};
  if (has_more) ::new (&rest()) more{timeout, max_running, std::move(context), inbox_capacity};
  auto* end = ends();
  auto* to = characters();
  length = 0;
  for (const auto text : all) {
    if (text.empty()) continue;
    std::memcpy(to + length, text.data(), text.size());
    *end++ = length += text.size();
  }
}

std::size_t kept_spec::bytes(unsigned count, bool has_more, std::size_t length) noexcept {
  return sizeof(block) + (has_more ? sizeof(more) : 0) + count * sizeof(std::size_t) + length;
}

void kept_spec::destroy() const noexcept {
  const auto size = bytes();
  if (says_more()) rest().~more();
  detail::deallocate(block_, size);
}

const json& kept_spec::context() const noexcept {
  // Never destroyed: a runtime, or an event, may be a static object that goes later.
  alignas(json) static std::byte memory[sizeof(json)];
  static const auto& nothing = *::new (memory) json;
  return says_more() ? rest().context : nothing;
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
