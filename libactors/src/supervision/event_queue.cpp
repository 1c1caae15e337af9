#include "event_queue.hpp"

#include <memory>
#include <utility>

#include "actors/detail/hints.hpp"

namespace actors::detail {

namespace {

queued_event* next_of(const queued_event& node) noexcept {
  return static_cast<queued_event*>(node.next);
}

/// Notes what this thread makes, and answers what it made a little earlier.
const void* swap_history(const void* made) noexcept {
  // As many as the processor can fetch at a time, about: those of other threads lie in between.
  static constexpr std::size_t length = 16;
  static thread_local std::array<const void*, length> recent{};
  static thread_local std::size_t count = 0;
  return std::exchange(recent[count++ % length], made);
}

}  // namespace

queued_event::queued_event(event&& happened)
    : far(swap_history(this)),
      kind_(happened.kind),
      task_(happened.task),
      parent_(happened.parent),
      seq_(happened.seq),
      created_at_ms_(happened.created_at_ms),
      at_ms_(happened.at_ms) {
  if (!happened.type.empty() || !happened.error.empty()) {
    texts_.reset(new texts{std::move(happened.type), std::move(happened.error)});
  }
  what_ = std::move(happened.what);
  payload_ = std::move(happened.payload);
}

event queued_event::open(const std::string& owner) && {
  event happened{.kind = kind_,
                 .task = task_,
                 .parent = parent_,
                 .seq = seq_,
                 .created_at_ms = created_at_ms_,
                 .at_ms = at_ms_,
                 .what = std::move(what_),
                 .owner = owner,
                 .payload = std::move(payload_)};
  if (texts_ != nullptr) {
    happened.type = std::move(texts_->type);
    happened.error = std::move(texts_->error);
  }
  return happened;
}

bool event_queue::add(event&& happened) {
  auto node = std::make_unique<queued_event>(std::move(happened));
  if (push(*node)) {
    node.release();
    return true;
  }
  happened = std::move(*node).open(owner_);
  return false;
}

event_queue::~event_queue() {
  shut_and([](event&&) {});
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

event event_queue::take() {
  const std::unique_ptr<queued_event> node(oldest_);
  oldest_ = next_of(*node);
  prefetch(node->far, sizeof(queued_event));
  return std::move(*node).open(owner_);
}

template <class Use>
void event_queue::shut_and(Use use) {
  while (oldest_ != nullptr) use(take());
  oldest_ = static_cast<queued_event*>(close());
  while (oldest_ != nullptr) use(take());
}

std::vector<event> event_queue::shut() {
  std::vector<event> unread;
  shut_and([&unread](event&& one) { unread.push_back(std::move(one)); });
  return unread;
}

}  // namespace actors::detail
