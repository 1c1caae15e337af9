#include "alarm_wheel.hpp"

#include <algorithm>
#include <bit>

namespace actors::detail {

namespace {
constexpr duration tick_length = std::chrono::milliseconds(1);
}

std::uint64_t alarm_wheel::tick_at_or_after(time_point time) const noexcept {
  if (time <= epoch_) return 0;
  const auto since = static_cast<std::uint64_t>((time - epoch_).count());
  const auto length = static_cast<std::uint64_t>(tick_length.count());
  return since / length + (since % length != 0 ? 1 : 0);
}

void alarm_wheel::place(alarm& item, std::uint64_t tick) noexcept {
  // Beyond the horizon it waits in the last slot, and is placed again when that comes round.
  tick = std::min(tick, elapsed_ + horizon);
  const auto differ = (tick ^ elapsed_) | 1U;
  const auto level = std::min(static_cast<unsigned>(std::bit_width(differ) - 1) / bits, levels - 1);
  const auto slot = (tick >> (level * bits)) & (slots - 1);
  item.order = level * slots + slot;
  item.insert_before(slots_[level][slot]);
  occupied_[level] |= std::uint64_t{1} << slot;
}

bool alarm_wheel::insert(alarm& item, time_point deadline) noexcept {
  const bool fresh = !item.is_armed;
  if (!fresh) remove(item);
  item.deadline = deadline;
  item.is_armed = true;
  place(item, std::max(tick_at_or_after(deadline), elapsed_));
  return fresh;
}

bool alarm_wheel::remove(alarm& item) noexcept {
  if (!item.is_armed) return false;
  item.is_armed = false;
  take_out(item);
  return true;
}

void alarm_wheel::take_out(alarm& item) noexcept {
  const auto level = item.order / slots;
  const auto slot = item.order % slots;
  item.unlink();
  if (!slots_[level][slot].is_linked()) occupied_[level] &= ~(std::uint64_t{1} << slot);
}

bool alarm_wheel::find_next(position& next) const noexcept {
  for (unsigned level = 0; level < levels; ++level) {
    if (occupied_[level] == 0) continue;
    const auto shift = level * bits;
    const auto now_slot = (elapsed_ >> shift) & (slots - 1);
    // Slots before the present one belong to the next turn of this level.
    const auto ahead = static_cast<std::uint64_t>(
        std::countr_zero(std::rotr(occupied_[level], static_cast<int>(now_slot))));
    const auto turn_start = elapsed_ >> shift << shift;
    next = {level, (now_slot + ahead) & (slots - 1), turn_start + (ahead << shift)};
    return true;
  }
  return false;
}

alarm* alarm_wheel::pop_due(time_point now) noexcept {
  const auto now_tick =
      now <= epoch_ ? 0 : static_cast<std::uint64_t>((now - epoch_) / tick_length);
  position next;
  while (find_next(next) && next.tick <= now_tick) {
    elapsed_ = std::max(elapsed_, next.tick);
    auto& slot = slots_[next.level][next.slot];
    if (next.level == 0) {
      auto& due = static_cast<alarm&>(*slot.next);
      remove(due);
      return &due;
    }
    // All of them: one that stayed behind would wait until the finer levels are empty. None comes
    // back to this slot, which is the present one of its level now.
    while (slot.is_linked()) {
      auto& item = static_cast<alarm&>(*slot.next);
      take_out(item);
      place(item, std::max(tick_at_or_after(item.deadline), elapsed_));
    }
  }
  elapsed_ = std::max(elapsed_, now_tick);
  return nullptr;
}

time_point alarm_wheel::next_look() const noexcept {
  position next;
  if (!find_next(next)) return time_point::max();
  return epoch_ + tick_length * static_cast<duration::rep>(next.tick);
}

}  // namespace actors::detail
