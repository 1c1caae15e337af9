#include "cell.hpp"

#include <algorithm>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <cstring>
#include <new>

#include "actors/detail/hints.hpp"
#include "caf_engine.hpp"
#include "coordinator.hpp"

namespace actors::detail {

namespace {

constexpr std::size_t cell_offset = CAF_CACHE_LINE_SIZE;
// Between the two, how large the block is.
constexpr std::size_t size_offset = sizeof(caf::actor_control_block);
static_assert(size_offset + sizeof(std::size_t) <= cell_offset);

// Compilers lay a frame out for memory as `operator new` gives it.
constexpr std::size_t frame_alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
constexpr std::size_t frame_offset =
    (cell_offset + sizeof(cell) + frame_alignment - 1) / frame_alignment * frame_alignment;

std::size_t size_of(const caf::actor_control_block& block) noexcept {
  std::size_t bytes = 0;
  std::memcpy(&bytes, reinterpret_cast<const std::byte*>(&block) + size_offset, sizeof bytes);
  return bytes;
}

// A cell that is about to run has its lines where it slept, or in no near cache any more: now they
// are all on their way at once, and not each when it is used.
void fetch(const caf::actor_control_block& block) noexcept {
  constexpr std::size_t limit = 1024;  // no core has more on their way at a time
  prefetch(&block, frame_offset);
  prefetch(reinterpret_cast<const std::byte*>(&block) + frame_offset,
           std::min(size_of(block), limit) - frame_offset);
}

// Read only by the function below, never inside a coroutine, where its address might be kept across
// a change of threads.
thread_local end_observer* running = nullptr;

void destroy_cell(caf::abstract_actor* actor) {
  actor->on_destroy();
  static_cast<cell*>(actor)->~cell();
}

void destroy_block(caf::actor_control_block* block) {
  const auto bytes = size_of(*block);
  block->~actor_control_block();
  deallocate(block, bytes);
}

}  // namespace

end_observer* running_observer() noexcept { return running; }

// An actor may drive another runtime, a simulated one, from inside its turn.
running_as::running_as(end_observer* now) noexcept : before_(std::exchange(running, now)) {}
running_as::~running_as() { running = before_; }

void kept_references::keep(cell& asleep) noexcept {
  auto& place = place_of(asleep);
  auto* other = std::exchange(place, &asleep);
  if (other == nullptr) {
    ++count_;
  } else {
    other->release();
  }
}

bool kept_references::drop_all() noexcept {
  if (count_ == 0) return false;
  // What is dropped may end, and wake others, but keep nothing: no cell runs meanwhile.
  for (auto& place : places_) {
    if (auto* one = std::exchange(place, nullptr)) one->release();
  }
  count_ = 0;
  return true;
}

cell& cell::make(caf_engine& home, const cell_options& options, std::size_t frame_bytes,
                 void** frame) {
  auto& system = home.system();
  const auto bytes = frame_offset + frame_bytes;
  auto* block = static_cast<std::byte*>(allocate(bytes));
  caf::node_id unknown;  // see shown_to_caf()
  const auto id = first_id + home.count_in(options.observer != nullptr);
  ::new (block) caf::actor_control_block(id, unknown, &system, destroy_cell, destroy_block);
  // Nobody knows it yet.
  reinterpret_cast<caf::actor_control_block*>(block)->strong_refs.store(options.references,
                                                                        std::memory_order_relaxed);
  std::memcpy(block + size_offset, &bytes, sizeof bytes);
  caf::actor_config config;
  auto* self = ::new (block + cell_offset) cell(config, home, options);
  *frame = block + frame_offset;
  return *self;
}

cell::cell(caf::actor_config& config, caf_engine& home, const cell_options& options)
    : abstract_actor(config),
      strand(*options.kind, options.inbox_capacity),
      home_(home),
      observer_(options.observer) {
  home_.enter(*this);
}

void cell::release() noexcept {
  // Acquire and release: the last one sees all that the others did before it destroys.
  if (block().strong_refs.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
}

// A cell's coroutine may hold the last reference to another one, and so on: a loop, because chains
// of actors are as long as users make them.
void cell::destroy() noexcept {
  thread_local std::vector<cell*>* waiting = nullptr;
  if (waiting != nullptr) {
    waiting->push_back(this);
    return;
  }
  std::vector<cell*> doomed;  // most cells refer to none, and need no memory here
  waiting = &doomed;
  auto* one = this;
  for (;;) {
    auto& block = one->block();
    block.data_dtor(one);
    caf::intrusive_ptr_release_weak(&block);
    if (doomed.empty()) break;
    one = doomed.back();
    doomed.pop_back();
  }
  waiting = nullptr;
}

time_point cell::now() const noexcept { return home_.now(); }

void cell::submit_blocking(blocking_job& job) noexcept { home_.submit(job); }

void cell::launch() noexcept { launch(worker::here(home_.scheduler())); }

void cell::launch(worker* here) noexcept {
  if (here != nullptr) {
    here->push(*this);
  } else {
    home_.scheduler().enqueue(this);
  }
}

void cell::wake() noexcept {
  // For the scheduler, which gives it back when the cell goes to sleep or ends.
  auto* here = worker::here(home_.scheduler());
  if (here == nullptr) {
    add_ref();
  } else if (!here->kept.take(*this)) {
    fetch(block());
    add_ref();
  }
  launch(here);
}

void cell::arm_wake_up(time_point deadline) noexcept {
  if (alarm_ == nullptr) alarm_ = std::make_unique<wake_up>(*this);
  add_ref();
  if (!home_.arm(*alarm_, deadline)) release();
}

cell::wake_up::wake_up(cell& owner) noexcept : self(owner) {
  act = [](mailbox_node& note, mailbox* to) {
    if (to == nullptr) return;
    static_cast<wake_up&>(note).is_on_its_way.store(false, std::memory_order_release);
    static_cast<cell&>(*to).timer_fired();
  };
}

void cell::wake_up::fire() noexcept {
  // The note may still be in the mailbox from the last time; then it will do for this one too.
  if (!is_on_its_way.exchange(true, std::memory_order_acq_rel)) self.push(*this);
  self.release();
}

cell::resume_result cell::resume(caf::execution_unit*, std::size_t max_throughput) {
  const running_as guard(observer_);
  if (stage_ == stage::made && observer_ == nullptr) home_.begins(*this);
  auto* here = worker::here(home_.scheduler());
  const auto budget = static_cast<unsigned>(std::min<std::size_t>(max_throughput, 1U << 20U));
  for (;;) {
    switch (run(budget)) {
      case progress::more: return resume_later;
      case progress::ended: finish(); return done;
      case progress::waiting:
        // From the moment this succeeds another thread may run the cell: touch nothing after it.
        if (!try_sleep()) break;
        if (here == nullptr) return awaiting_message;
        here->kept.keep(*this);
        return reference_was_kept;
    }
  }
}

ending cell::how_it_ended() noexcept {
  const auto* body = root();
  if (body == nullptr || is_abandoned()) return ending::given_up;
  if (!body->error) return ending::normal;
  if (ended_by_cancel(*body)) return ending::stopped;
  if (observer_ == nullptr) {
    try {
      std::rethrow_exception(body->error);
    } catch (const std::exception& why) {
      home_.report_failure(name(), number(), why.what());
    } catch (...) {
      home_.report_failure(name(), number(), "not a std::exception");
    }
  }
  return ending::failed;
}

void cell::clear(ending how) noexcept {
  destroy_root();
  close_and_drain();
  if (alarm_ != nullptr && home_.disarm(*alarm_)) release();
  tell_end(how);
}

void cell::finish() {
  struct remains_of_cell final : end_observer::remains {
    remains_of_cell(cell& its_self, ending its_how) noexcept : self(its_self), how(its_how) {}
    void clear() noexcept override { self.clear(how); }
    cell& self;
    const ending how;
  };
  const auto how = how_it_ended();
  if (observer_ == nullptr) {
    clear(how);
  } else {
    remains_of_cell left(*this, how);
    observer_->actor_ended(is_abandoned() ? nullptr : root(), left);
  }
  // Last: an engine without cells may be taken apart.
  home_.leave(*this);
}

}  // namespace actors::detail
