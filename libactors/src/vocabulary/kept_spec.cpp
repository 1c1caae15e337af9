#include "actors/kept_spec.hpp"

#include <new>
#include <string>

#include "actors/detail/memory.hpp"

namespace actors {

static_assert(lifetime::bound == lifetime{} && events_go::to_owner == events_go{} &&
              inbox_policy::reject == inbox_policy{});  // as of brief()
static_assert(static_cast<unsigned>(lifetime::outlives) < 4 &&
              static_cast<unsigned>(events_go::nowhere) < 4 &&
              static_cast<unsigned>(inbox_policy::none) < 4);  // two bits each

kept_spec::brief::brief(const spec& what) noexcept {
  const auto flag = [](bool is, unsigned bit) { return is ? bit : 0U; };
  const bool has_more = !what.context.is_null() || what.timeout != duration::zero() ||
                        what.inbox_capacity != 0 || what.max_running;
  bits_ = static_cast<std::uint16_t>(
      static_cast<unsigned>(what.life) | static_cast<unsigned>(what.events) << 2U |
      static_cast<unsigned>(what.inbox) << 4U | flag(what.in_parents_slot, parents_slot_bit) |
      flag(!what.may_spawn, leaf_bit) | flag(!what.name.empty(), name_bit) |
      flag(!what.run_id.empty(), run_id_bit) | flag(has_more, more_bit));
}

namespace {

/// In the order of their numbers.
template <class Use>
void for_each_text(const spec& what, Use use) {
  use(what.name, 0);
  use(what.goal, 1);
  use(what.type, 2);
  use(what.slot, 3);
  use(what.run_id, 4);
  use(what.call_id, 5);
  use(what.agent_id, 6);
}

}  // namespace

kept_spec::kept_spec(spec&& from) {
  // Every member has its name here, so that one more does not compile.
  auto& [name, goal, type, context, timeout, life, events, inbox_capacity, inbox, slot,
         in_parents_slot, max_running, may_spawn, run_id, call_id, agent_id] = from;
  unsigned has_text = 0;
  unsigned count = 0;
  std::size_t length = 0;
  const auto measure = [&](const std::string& text, unsigned index) {
    if (text.empty()) return;
    has_text |= 1U << index;
    ++count;
    length += text.size();
  };
  for_each_text(from, measure);
  const brief shown(from);
  const bool has_more = shown.has_more();
  if (has_text == 0 && shown == brief()) return;
  block_ = ::new (detail::allocate(bytes(count, has_more, length)))
      block{.has_text = static_cast<std::uint8_t>(has_text),
            .count = static_cast<std::uint8_t>(count),
            .shown = shown};
  if (has_more) ::new (&rest()) more{timeout, max_running, std::move(context), inbox_capacity};
  auto* end = ends();
  auto* to = characters();
  length = 0;
  for_each_text(from, [&](const std::string& text, unsigned) {
    if (text.empty()) return;
    text.copy(to + length, text.size());
    *end++ = length += text.size();
  });
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
