#pragma once

#include <array>
#include <atomic>
#include <caf/abstract_actor.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/resumable.hpp>
#include <memory>

#include "actors/detail/engine.hpp"
#include "actors/detail/promise.hpp"
#include "caf_side.hpp"

namespace actors::detail {

class caf_engine;
class cell;
class worker;

/// What a worker keeps for a while instead of dropping it: the references that the scheduler had to
/// cells which then went to sleep. Actors that talk to each other wake each other again and again,
/// and taking up a reference that is still there costs nothing. A cell that nobody else refers to
/// lives until the worker has nothing to do, or needs the place.
///
/// Used by one thread.
class kept_references {
 public:
  kept_references() = default;
  kept_references(const kept_references&) = delete;
  kept_references& operator=(const kept_references&) = delete;
  ~kept_references() { drop_all(); }

  /// Takes over the reference. Does not touch the cell, which may run elsewhere already.
  void keep(cell& asleep) noexcept;
  /// True when there was a reference, which is the caller's from now on.
  bool take(cell& woken) noexcept {
    auto& place = place_of(woken);
    if (place != &woken) return false;
    place = nullptr;
    --count_;
    return true;
  }
  /// False when there was nothing to drop.
  bool drop_all() noexcept;

 private:
  static constexpr std::size_t size = 64;
  cell*& place_of(const cell& one) noexcept {
    // Cells are some hundred bytes apart.
    return places_[(reinterpret_cast<std::uintptr_t>(&one) >> 7U) % size];
  }

  std::size_t count_ = 0;
  std::array<cell*, size> places_{};
};

/// A coroutine actor: a strand that is a real CAF actor.
///
/// In one block of memory: CAF's control block, the cell, the frame of the actor's own coroutine.
/// CAF's strong references keep the cell alive; the block goes with the last weak one. A cell that
/// nobody refers to while it waits can never be woken, and is destroyed where it stands.
///
/// It derives from `abstract_actor` and not from `local_actor`, which would push every exit through
/// one blocking timer queue, nor from `monitorable_actor`, whose condition variable and list of
/// watchers few cells need: see caf_side.
class cell final : public caf::abstract_actor,
                   public caf::resumable,
                   public strand,
                   public list_link {
 public:
  static cell& make(caf_engine& home, const cell_options& options, std::size_t frame_bytes,
                    void** frame);
  ~cell() override;

  // --- strand
  // CAF's count of strong references, but counted here: that is shorter than a call into CAF's
  // library, and the thread sanitizer sees it.
  void add_ref() noexcept override { block().strong_refs.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept override;
  time_point now() const noexcept override;
  void submit_blocking(blocking_job& job) noexcept override;

  /// What resume() answers when the cell sleeps and the scheduler's reference to it was kept
  /// elsewhere: nothing is to be done. (CAF's own meaning is for workers that end by a message.)
  static constexpr auto reference_was_kept = shutdown_execution_unit;

  // --- CAF
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* host) override;
  const char* name() const { return its_kind().name; }
  subtype_t subtype() const override { return unspecified; }
  resume_result resume(caf::execution_unit* host, std::size_t max_throughput) override;
  void on_destroy() override { tell_end(ending::unreachable); }
  void attach(caf::attachable_ptr watcher) override;
  std::size_t detach(const caf::attachable::token& which) override;
  // The last two are called under the locks of both actors.
  void add_link(caf::abstract_actor* other) override;
  void remove_link(caf::abstract_actor* other) override;
  bool add_backlink(caf::abstract_actor* other) override;
  bool remove_backlink(caf::abstract_actor* other) override;
  void intrusive_ptr_add_ref_impl() override { add_ref(); }
  void intrusive_ptr_release_impl() override { release(); }

  /// Hands the cell, with one reference, to the scheduler.
  void launch() noexcept;
  /// The way out to plain CAF. Only who goes there knows its node: all actors of a system share the
  /// node's count of references, on one cache line.
  caf::strong_actor_ptr shown_to_caf();
  /// Of a cell that is running.
  foreign_calls& calls() { return side()->calls; }
  /// Of its kind, among those of the engine; for reports.
  std::uint64_t number() const noexcept { return id() - first_id; }
  end_observer* observer() const noexcept { return observer_; }
  caf_engine& home() const noexcept { return home_; }

 private:
  friend class caf_engine;

  // CAF counts the ids of its own actors up from one, all on one cache line, which a quarter of a
  // microsecond lies between two cores that both make actors.
  static constexpr caf::actor_id first_id = caf::actor_id{1} << 48U;

  /// What only a cell with timers needs.
  struct wake_up final : alarm, mailbox_node {
    explicit wake_up(cell& owner) noexcept;
    void fire() noexcept override;
    cell& self;
    std::atomic<bool> is_on_its_way{false};
  };

  cell(caf::actor_config& config, caf_engine& home, const cell_options& options);

  /// ctrl(), without a call into CAF's library.
  caf::actor_control_block& block() const noexcept { return *caf::actor_control_block::from(this); }
  void destroy() noexcept;
  /// `here`: the calling thread's worker, if that runs cells of this engine.
  void launch(worker* here) noexcept;
  void wake() noexcept override;
  void arm_wake_up(time_point deadline) noexcept override;
  void finish();
  void clear(ending how) noexcept;
  ending how_it_ended() noexcept;
  /// Null when the cell has ended and had none.
  caf_side* side();
  bool attach_locked(caf::attachable_ptr& watcher);
  std::size_t detach_locked(const caf::attachable::token& which);
  /// Whoever watches hears of the end. Once; later calls do nothing.
  void tell_end(ending how) noexcept;
  const actor_kind& its_kind() const noexcept { return static_cast<const actor_kind&>(kind()); }

  caf_engine& home_;
  end_observer* observer_;
  // Of the engine's lists, which link this one when it is no task, and has begun.
  std::uint8_t shard_ = 0;
  enum class stage : std::uint8_t { made, listed, left };
  stage stage_ = stage::made;
  ending end_ = ending::unreachable;  // set before the side tells that the cell has ended
  std::unique_ptr<wake_up> alarm_;    // made when first needed
  std::atomic<caf_side*> side_{nullptr};
};

}  // namespace actors::detail
