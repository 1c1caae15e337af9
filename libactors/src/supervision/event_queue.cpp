#include "event_queue.hpp"

#include <memory>
#include <utility>

#include "actors/detail/hints.hpp"

namespace actors::detail {

namespace {

queued_event* next_of(const queued_event& node) noexcept {
  return static_cast<queued_event*>(node.next);
}

}  // namespace

const void* queued_event::swap_history(const void* made) noexcept {
  // As many as the processor can fetch at a time, about: those of other threads lie in between.
  static constexpr std::size_t length = 16;
  static thread_local std::array<const void*, length> recent{};
  static thread_local std::size_t count = 0;
  return std::exchange(recent[count++ % length], made);
}

event_queue::~event_queue() {
  shut_and([](std::optional<event>&&) {});
}

bool event_queue::refill() noexcept {
  if (oldest_ != nullptr) return true;
  // From here on `far` is what was passed a little earlier on the way to the oldest.
  static constexpr std::size_t distance = 4;
  std::array<const void*, distance> passed{};
  auto* node = static_cast<queued_event*>(take_stack());
  for (std::size_t count = 0; node != nullptr; ++count) {
    prefetch(node->far, 1);
    node->far = std::exchange(passed[count % distance], node);
    auto* older = next_of(*node);
    node->next = std::exchange(oldest_, node);
    node = older;
  }
  return oldest_ != nullptr;
}

std::optional<event> event_queue::take() {
  const std::unique_ptr<queued_event> node(oldest_);
  oldest_ = next_of(*node);
  prefetch(node->far, sizeof(queued_event));
  return std::move(node->value);
}

template <class Use>
void event_queue::shut_and(Use use) {
  while (oldest_ != nullptr) use(take());
  oldest_ = static_cast<queued_event*>(close());
  while (oldest_ != nullptr) use(take());
}

std::vector<event> event_queue::shut() {
  std::vector<event> unread;
  shut_and([&unread](std::optional<event>&& one) { unread.push_back(std::move(*one)); });
  return unread;
}

}  // namespace actors::detail
