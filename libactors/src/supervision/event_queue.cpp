#include "event_queue.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "actors/detail/hints.hpp"
#include "actors/detail/memory.hpp"
#include "rare_texts.hpp"

namespace actors::detail {

namespace {

// About as many as the processor can fetch at a time: those of other threads lie in between.
constexpr std::size_t history_length = 16;

/// Notes what this thread makes, and answers what it made a little earlier.
const void* swap_history(const void* made) noexcept {
  static thread_local std::array<const void*, history_length> recent{};
  static thread_local std::size_t count = 0;
  return std::exchange(recent[count++ % history_length], made);
}

}  // namespace

/// An event on its way into its owner's queue, where a million may wait: without the owner's name,
/// and without the strings that most events leave empty.
class queued_event final : public mailbox_node, public in_own_memory {
 public:
  /// Takes everything but the owner's name.
  explicit queued_event(event& happened);
  /// What was put in, with that name. Once.
  event open(std::string&& owner) && noexcept;
  void fetch_parts() const noexcept {
    prefetch(what_.address(), 1);
    if (texts_ != nullptr) texts_->fetch();
  }

  /// Where one lies, or lay, that is some way further: first on the way to the oldest, then on the
  /// way back. For hints to the processor only.
  const void* far;

 private:
  event_kind kind_;
  task_id task_;
  task_id parent_;
  std::uint64_t seq_;
  unix_ms created_at_ms_;
  unix_ms at_ms_;
  // Made before the rest is moved in, because that may fail; null when both are empty.
  rare_texts::pointer texts_;
  kept_spec what_;
  json payload_;
};

namespace {

queued_event* next_of(const queued_event& node) noexcept {
  return static_cast<queued_event*>(node.next);
}

}  // namespace

queued_event::queued_event(event& happened)
    : far(swap_history(this)),
      kind_(happened.kind),
      task_(happened.task),
      parent_(happened.parent),
      seq_(happened.seq),
      created_at_ms_(happened.created_at_ms),
      at_ms_(happened.at_ms),
      texts_(rare_texts::of(std::move(happened.type), std::move(happened.error))),
      what_(std::move(happened.what)),
      payload_(std::move(happened.payload)) {}

event queued_event::open(std::string&& owner) && noexcept {
  event happened{.kind = kind_,
                 .task = task_,
                 .parent = parent_,
                 .seq = seq_,
                 .created_at_ms = created_at_ms_,
                 .at_ms = at_ms_,
                 .what = std::move(what_),
                 .owner = std::move(owner),
                 .payload = std::move(payload_)};
  if (texts_ != nullptr) texts_->open(happened.type, happened.error);
  return happened;
}

bool event_queue::add(event&& happened) {
  auto* made = new queued_event(happened);
  if (push(*made)) return true;
  const std::unique_ptr<queued_event> node(made);
  happened = std::move(*node).open(std::string(owner_));
  return false;
}

event_queue::~event_queue() {
  while (oldest_ != nullptr) pop();
  oldest_ = static_cast<queued_event*>(close());
  while (oldest_ != nullptr) pop();
}

bool event_queue::refill() noexcept {
  if (oldest_ != nullptr) return true;
  // From here on `far` is what was passed a little earlier on the way to the oldest.
  static constexpr std::size_t distance = 4;
  std::array<const void*, distance> passed{};
  auto* node = static_cast<queued_event*>(take_stack());
  for (std::size_t count = 0; node != nullptr; ++count) {
    // Where few wait, what lies so far on may have been read, and belong to somebody else.
    if (count >= history_length) prefetch(node->far, 1);
    node->far = std::exchange(passed[count % distance], node);
    auto* older = next_of(*node);
    node->next = std::exchange(oldest_, node);
    node = older;
  }
  return oldest_ != nullptr;
}

std::unique_ptr<queued_event> event_queue::pop() noexcept {
  std::unique_ptr<queued_event> node(oldest_);
  oldest_ = next_of(*node);
  prefetch(node->far, sizeof(queued_event));
  if (oldest_ != nullptr) oldest_->fetch_parts();  // fetched by one of the last calls
  return node;
}

event event_queue::take() {
  auto name = owner_;  // what may fail, before the event is out of the queue
  return std::move(*pop()).open(std::move(name));
}

std::vector<event> event_queue::shut() {
  std::vector<event> unread;
  while (oldest_ != nullptr) unread.push_back(take());
  oldest_ = static_cast<queued_event*>(close());
  while (oldest_ != nullptr) unread.push_back(take());
  return unread;
}

}  // namespace actors::detail
