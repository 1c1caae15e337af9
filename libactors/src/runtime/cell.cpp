#include "cell.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>
#include <new>

#include "caf_engine.hpp"

namespace actors::detail {

namespace {

constexpr std::size_t cell_offset = CAF_CACHE_LINE_SIZE;

// Compilers lay a frame out for memory as `operator new` gives it.
constexpr std::size_t frame_alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
constexpr std::size_t frame_offset =
    (cell_offset + sizeof(cell) + frame_alignment - 1) / frame_alignment * frame_alignment;

// Read only by the function below, never inside a coroutine, where its address might be kept across
// a change of threads.
thread_local end_observer* running = nullptr;
thread_local kept_references* kept = nullptr;

void destroy_cell(caf::abstract_actor* actor) {
  actor->on_destroy();
  static_cast<cell*>(actor)->~cell();
}

void destroy_block(caf::actor_control_block* block) {
  block->~actor_control_block();
  deallocate(block);
}

/// Answers a request. CAF's own bounce() gives one reason for everything: that the receiver is
/// down.
void refuse(const caf::mailbox_element& request, caf::sec why) {
  if (!request.sender || !request.mid.is_request()) return;
  request.sender->enqueue(nullptr, request.mid.response_id(),
                          caf::make_message(caf::make_error(why)), nullptr);
}

}  // namespace

end_observer* running_observer() noexcept { return running; }

void set_kept_references(kept_references* mine) noexcept { kept = mine; }

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

caf::message_id foreign_calls::add(handler on_answer) {
  const std::lock_guard lock(mutex_);
  const auto id = ++last_;
  waiting_.emplace(id, std::move(on_answer));
  return caf::make_message_id(id);
}

foreign_calls::handler foreign_calls::take(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return {};
  auto on_answer = std::move(found->second);
  waiting_.erase(found);
  return on_answer;
}

cell& cell::make(caf_engine& home, const cell_options& options, std::size_t frame_bytes,
                 void** frame) {
  auto& system = home.system();
  auto* block = static_cast<std::byte*>(allocate(frame_offset + frame_bytes));
  caf::node_id unknown;  // see shown_to_caf()
  ::new (block) caf::actor_control_block(system.next_actor_id(), unknown, &system, destroy_cell,
                                         destroy_block);
  caf::actor_config config;
  auto* self = ::new (block + cell_offset) cell(config, home, options);
  *frame = block + frame_offset;
  return *self;
}

cell::cell(caf::actor_config& config, caf_engine& home, const cell_options& options)
    : monitorable_actor(config),
      strand(*options.kind, options.inbox_capacity),
      home_(home),
      observer_(options.observer) {
  home_.enter(*this);
}

cell::~cell() {
  // Also when it was never launched, and the strand knows of no root.
  destroy_root();
  close_and_drain();
  // A cell that has ended may be kept by a handle for longer than its engine lives.
  if (!has_left_) home_.leave(*this);
  delete calls_.load(std::memory_order_relaxed);
}

void cell::release() noexcept {
  // Acquire and release: the last one sees all that the others did before it destroys.
  if (ctrl()->strong_refs.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
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
    auto* block = one->ctrl();
    block->data_dtor(one);
    caf::intrusive_ptr_release_weak(block);
    if (doomed.empty()) break;
    one = doomed.back();
    doomed.pop_back();
  }
  waiting = nullptr;
}

void cell::on_destroy() {
  // One that is destroyed while it waits: plain CAF actors may monitor it.
  if (!getf(is_cleaned_up_flag)) cleanup(caf::exit_reason::unreachable, nullptr);
}

time_point cell::now() const noexcept { return home_.now(); }

void cell::submit_blocking(blocking_job& job) noexcept { home_.submit(job); }

caf::strong_actor_ptr cell::shown_to_caf() {
  auto& block = *ctrl();
  exclusive_critical_section([this, &block] {
    if (block.nid) return;
    ::new (const_cast<caf::node_id*>(&block.nid)) caf::node_id(home_.system().node());
  });
  return caf::strong_actor_ptr(&block);
}

foreign_calls& cell::calls() {
  auto* calls = calls_.load(std::memory_order_acquire);
  if (calls == nullptr) {
    auto fresh = std::make_unique<foreign_calls>();
    // Release publishes the table to the threads that deliver answers.
    if (calls_.compare_exchange_strong(calls, fresh.get(), std::memory_order_acq_rel)) {
      calls = fresh.release();
    }
  }
  return *calls;
}

void cell::launch() noexcept { home_.system().scheduler().enqueue(this); }

void cell::wake() noexcept {
  // For the scheduler, which gives it back when the cell goes to sleep or ends.
  if (kept == nullptr || !kept->take(*this)) add_ref();
  launch();
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

cell::resume_result cell::resume(caf::execution_unit* host, std::size_t max_throughput) {
  // An actor may drive another runtime, a simulated one, from inside its turn.
  struct running_guard {
    explicit running_guard(end_observer* now) noexcept : before(std::exchange(running, now)) {}
    running_guard(const running_guard&) = delete;
    running_guard& operator=(const running_guard&) = delete;
    ~running_guard() { running = before; }
    end_observer* before;
  };
  const running_guard guard(observer_);
  const bool may_keep = kept != nullptr && kept->is_for(home_.system());
  const auto budget = static_cast<unsigned>(std::min<std::size_t>(max_throughput, 1U << 20U));
  for (;;) {
    switch (run(budget)) {
      case progress::more: return resume_later;
      case progress::ended: finish(host); return done;
      case progress::waiting:
        // From the moment this succeeds another thread may run the cell: touch nothing after it.
        if (!try_sleep()) break;
        if (!may_keep) return awaiting_message;
        kept->keep(*this);
        return reference_was_kept;
    }
  }
}

caf::error cell::exit_reason() noexcept {
  const auto* body = root();
  if (body == nullptr || is_abandoned()) return caf::exit_reason::kill;
  if (!body->error) return {};
  if (ended_by_cancel(*body)) return caf::exit_reason::user_shutdown;
  try {
    std::rethrow_exception(body->error);
  } catch (const std::exception& why) {
    if (observer_ == nullptr) home_.report_failure(name(), id(), why.what());
  } catch (...) {
    if (observer_ == nullptr) home_.report_failure(name(), id(), "not a std::exception");
  }
  return caf::exit_reason::unhandled_exception;
}

void cell::finish(caf::execution_unit* host) {
  auto reason = exit_reason();
  if (observer_ != nullptr) observer_->body_ended(is_abandoned() ? nullptr : root());
  destroy_root();
  close_and_drain();
  if (alarm_ != nullptr && home_.disarm(*alarm_)) release();
  // Monitors and links of plain CAF actors hear of the end.
  cleanup(std::move(reason), host);
  if (observer_ != nullptr) observer_->actor_ended();
  // Last: an engine without cells may be taken apart.
  home_.leave(*this);
}

void cell::enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) {
  if (element->mid.is_response()) {
    auto* calls = calls_.load(std::memory_order_acquire);
    const auto request = element->mid.request_id().integer_value();
    if (auto on_answer = calls == nullptr ? foreign_calls::handler{} : calls->take(request)) {
      on_answer(*element);
    }
    return;
  }
  if (element->content().match_elements<caf::exit_msg>()) {
    // A link broke: an end without error is not contagious, as everywhere in CAF.
    const auto& end = element->content().get_as<caf::exit_msg>(0);
    if (end.reason) request_stop(cancel_reason::requested);
    return;
  }
  if (is_closed()) {
    bounce(element);
    return;
  }
  const auto accept = its_kind().accept_foreign;
  auto* node = accept == nullptr ? nullptr : accept(&element);
  if (node == nullptr) {
    refuse(*element, caf::sec::unexpected_message);
    return;
  }
  // A message that is refused here answers its request when it is given up: no request is left
  // without an answer.
  if (push_message(*node) != admission::taken) its_kind().dispose(*node);
}

}  // namespace actors::detail
