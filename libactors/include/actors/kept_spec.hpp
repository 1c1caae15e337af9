#pragma once

#include <array>
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
    // Acquire and release: the last one sees all that the others read before it destroys.
    if (block_ != nullptr && block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      destroy(*block_);
    }
  }

  // The members of `spec`, which says what they mean.
  std::string_view name() const noexcept { return text<0>(); }
  std::string_view goal() const noexcept { return text<1>(); }
  std::string_view type() const noexcept { return text<2>(); }
  const json& context() const noexcept;
  duration timeout() const noexcept { return get(&block::timeout, duration::zero()); }
  lifetime life() const noexcept { return get(&block::life, lifetime::bound); }
  events_go events() const noexcept { return get(&block::events, events_go::to_owner); }
  std::uint32_t inbox_capacity() const noexcept { return get(&block::inbox_capacity, 0U); }
  inbox_policy inbox() const noexcept { return get(&block::inbox, inbox_policy::reject); }
  std::string_view slot() const noexcept { return text<3>(); }
  bool in_parents_slot() const noexcept { return get(&block::in_parents_slot, false); }
  std::optional<std::size_t> max_running() const noexcept;
  bool may_spawn() const noexcept { return get(&block::may_spawn, true); }
  std::string_view run_id() const noexcept { return text<4>(); }
  std::string_view call_id() const noexcept { return text<5>(); }
  std::string_view agent_id() const noexcept { return text<6>(); }

  /// How many copies share the block, 0 without one. Other threads may change it at any time.
  std::uint32_t use_count() const noexcept {
    return block_ != nullptr ? block_->references.load(std::memory_order_relaxed) : 0;
  }
  /// The same as a `spec` of its own.
  spec copy() const;

 private:
  static constexpr std::size_t texts = 7;

  /// The texts follow it, one after the other.
  struct block {
    const char* characters() const noexcept { return reinterpret_cast<const char*>(this + 1); }
    std::size_t bytes() const noexcept { return sizeof(block) + ends.back(); }

    std::atomic<std::uint32_t> references{1};
    std::uint32_t inbox_capacity;
    lifetime life;
    events_go events;
    inbox_policy inbox;
    bool in_parents_slot;
    bool may_spawn;
    bool has_max_running;
    duration timeout;
    std::size_t max_running;
    json context;
    std::array<std::size_t, texts> ends{};  // of each text, counted from the first
  };

  template <class T>
  T get(T block::* member, T otherwise) const noexcept {
    return block_ != nullptr ? block_->*member : otherwise;
  }
  template <std::size_t Index>
  std::string_view text() const noexcept {
    if (block_ == nullptr) return {};
    const auto begin = Index == 0 ? 0 : block_->ends[Index - (Index == 0 ? 0 : 1)];
    return {block_->characters() + begin, block_->ends[Index] - begin};
  }
  static void destroy(block& last) noexcept;

  block* block_ = nullptr;
};

}  // namespace actors
