#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "actors/spec.hpp"

namespace actors {

/// What a task was asked to do, as its events carry it: a `spec` that never changes, in one block
/// of as much memory as it has to say, or none when it says nothing. Copies share the block; any
/// thread may use its own copy. Texts and context are valid as long as one copy is.
class kept_spec {
 public:
  kept_spec() noexcept = default;  ///< As `spec{}`.
  /// Takes the context, and copies the texts. Throws only `std::bad_alloc`, and has taken nothing.
  kept_spec(spec&& from);  // NOLINT(google-explicit-constructor): the same in another form
  kept_spec(const kept_spec& other) noexcept : block_(other.block_) {
    // Relaxed: whoever copies has one already.
    if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  /// `other` says nothing any more.
  kept_spec(kept_spec&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  kept_spec& operator=(kept_spec other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~kept_spec() {
    // Acquire and release: the last one sees all that the others read before it destroys. One that
    // sees that it is the last need not count: nobody else can take a copy any more.
    if (block_ != nullptr && (block_->references.load(std::memory_order_acquire) == 1 ||
                              block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1)) {
      destroy();
    }
  }

  /// The short members of a spec, and which of the long ones it has: enough for most decisions
  /// about a task, and small enough to be kept where those are made.
  class brief {
   public:
    constexpr brief() noexcept = default;  ///< Of `spec{}`.
    explicit brief(const spec& what) noexcept;

    lifetime life() const noexcept { return static_cast<lifetime>(bits_ & 3U); }
    events_go events() const noexcept { return static_cast<events_go>(bits_ >> 2U & 3U); }
    inbox_policy inbox() const noexcept { return static_cast<inbox_policy>(bits_ >> 4U & 3U); }
    bool in_parents_slot() const noexcept { return has(parents_slot_bit); }
    bool may_spawn() const noexcept { return !has(leaf_bit); }
    bool has_name() const noexcept { return has(name_bit); }
    bool has_run_id() const noexcept { return has(run_id_bit); }
    /// A context, a time-out, an inbox's capacity or `max_running`?
    bool has_more() const noexcept { return has(more_bit); }

    friend bool operator==(brief, brief) = default;

   private:
    enum : unsigned {
      parents_slot_bit = 1U << 6U,
      leaf_bit = 1U << 7U,
      name_bit = 1U << 8U,
      run_id_bit = 1U << 9U,
      more_bit = 1U << 10U,
    };
    bool has(unsigned bit) const noexcept { return (bits_ & bit) != 0; }

    // Not bit-fields: those are written byte by byte, and a processor reads them back more slowly.
    std::uint16_t bits_ = 0;
  };
  brief in_brief() const noexcept { return block_ != nullptr ? block_->shown : brief(); }

  // The members of `spec`, which says what they mean.
  std::string_view name() const noexcept { return text(0); }
  std::string_view goal() const noexcept { return text(1); }
  std::string_view type() const noexcept { return text(2); }
  const json& context() const noexcept;
  duration timeout() const noexcept { return says_more() ? rest().timeout : duration::zero(); }
  lifetime life() const noexcept { return in_brief().life(); }
  events_go events() const noexcept { return in_brief().events(); }
  std::uint32_t inbox_capacity() const noexcept { return says_more() ? rest().inbox_capacity : 0; }
  inbox_policy inbox() const noexcept { return in_brief().inbox(); }
  std::string_view slot() const noexcept { return text(3); }
  bool in_parents_slot() const noexcept { return in_brief().in_parents_slot(); }
  std::optional<std::size_t> max_running() const noexcept {
    return says_more() ? rest().max_running : std::nullopt;
  }
  bool may_spawn() const noexcept { return in_brief().may_spawn(); }
  std::string_view run_id() const noexcept { return text(4); }
  std::string_view call_id() const noexcept { return text(5); }
  std::string_view agent_id() const noexcept { return text(6); }

  /// How many copies share the block, 0 without one. Other threads may change it at any time.
  std::uint32_t use_count() const noexcept {
    return block_ != nullptr ? block_->references.load(std::memory_order_relaxed) : 0;
  }
  /// Where it lies, for hints to the processor: null when it says nothing.
  const void* address() const noexcept { return block_; }
  /// The same as a `spec` of its own.
  spec copy() const;

 private:
  static constexpr unsigned texts = 7;

  /// Behind it lie, each only when it is needed, a `more`; where each text ends that is not empty,
  /// counted from the first; and those texts, one after the other.
  struct block {
    std::atomic<std::uint32_t> references{1};
    std::uint8_t has_text;  // a bit for each
    std::uint8_t count;     // of those bits
    brief shown;
  };
  struct more {
    duration timeout;
    std::optional<std::size_t> max_running;
    json context;
    std::uint32_t inbox_capacity;
  };
  static_assert(sizeof(block) % alignof(more) == 0 && sizeof(more) % alignof(std::size_t) == 0);

  bool says_more() const noexcept { return block_ != nullptr && block_->shown.has_more(); }
  more& rest() const noexcept { return *reinterpret_cast<more*>(block_ + 1); }
  std::size_t* ends() const noexcept {
    auto* behind = reinterpret_cast<std::byte*>(block_ + 1);
    return reinterpret_cast<std::size_t*>(behind + (block_->shown.has_more() ? sizeof(more) : 0));
  }
  char* characters() const noexcept { return reinterpret_cast<char*>(ends() + block_->count); }
  std::string_view text(unsigned index) const noexcept {
    if (block_ == nullptr || (block_->has_text >> index & 1U) == 0) return {};
    const auto* end = ends();
    std::size_t begin = 0;
    for (unsigned i = 0; i < index; ++i) {
      if ((block_->has_text >> i & 1U) != 0) begin = *end++;
    }
    return {characters() + begin, *end - begin};
  }
  std::size_t bytes() const noexcept {
    const auto length = block_->count == 0 ? 0 : ends()[block_->count - 1];
    return bytes(block_->count, block_->shown.has_more(), length);
  }
  static std::size_t bytes(unsigned count, bool has_more, std::size_t length) noexcept;
  void destroy() const noexcept;

  block* block_ = nullptr;
};

}  // namespace actors
