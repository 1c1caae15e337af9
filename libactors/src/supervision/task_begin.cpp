#include <limits>

#include "../interop/foreign_mail.hpp"
#include "actors/detail/spawn_task.hpp"
#include "manager_core.hpp"
#include "owner_core.hpp"
#include "task_core.hpp"

// From a body with its arguments to a cell that runs.

namespace actors::detail {

namespace {
constexpr auto no_limit = std::numeric_limits<std::int32_t>::max();
}  // namespace

void task_core::set_body(unbegun_ptr body, collect_function collect) noexcept {
  body_ = std::move(body);
  collect_ = collect;
}

strand& task_core::make_cell_locked(std::size_t frame_bytes, void** frame) {
  static constexpr actor_kind kind{
      {&message_node<mail>::dispose, &ask_terms}, &accept_foreign_mail, "task"};
  auto& manager = *owner->manager;
  const auto own = its.has_more() ? what.inbox_capacity() : 0;
  auto capacity = own != 0 ? own : manager.options.inbox_capacity;
  const bool drops = its.inbox() == inbox_policy::drop_oldest && capacity != 0;
  auto ring = drops ? std::make_unique<mail_ring>() : nullptr;
  // Only what has a limit is counted.
  if (capacity == 0 && manager.options.inbox_warning != 0) capacity = no_limit;
  // A body that was given up while it was called gets a cell of its own.
  const bool is_kept = !closed_.load(std::memory_order_relaxed);
  auto& made =
      manager.where().make_cell({&kind, capacity, this, is_kept ? 2U : 1U}, frame_bytes, frame);
  if (!is_kept) return made;
  cell_ = &made;
  ring_ = std::move(ring);
  if (is_shut_locked()) cell_->close_input();
  if (reason_ != cancel_reason::none) cell_->request_stop(reason_);
  return made;
}

bool task_core::ensure_cell_locked() {
  if (closed_.load(std::memory_order_relaxed)) return false;
  if (cell_ != nullptr) return true;
  if (owner->manager->is_detached()) return false;
  void* no_frame = nullptr;
  make_cell_locked(0, &no_frame).release();
  return true;
}

bool task_core::is_shut_locked() const noexcept {
  return closes_inbox_ || its.inbox() == inbox_policy::none;
}

/// The cell is made when the body's coroutine asks for the memory of its frame, unless somebody has
/// needed it before.
class task_core::body_request final : public spawn_request {
 public:
  explicit body_request(task_core& task) noexcept : task_(task) {}

  void* make_cell(std::size_t frame_bytes) override {
    const std::lock_guard lock(task_.mutex_);
    void* frame = nullptr;
    if (task_.cell_ != nullptr) {
      host = task_.cell_;
      host->add_ref();
    } else {
      host = &task_.make_cell_locked(frame_bytes, &frame);
    }
    came_late = task_.closed_.load(std::memory_order_relaxed);
    // From here on whoever gives the task up finds its cell, and gives that up as well.
    task_.is_being_called_ = came_late;
    return frame;
  }

  bool came_late = false;  ///< The task had ended before the cell was asked for.

 private:
  task_core& task_;
};

strand* task_core::begin() noexcept {
  unbegun_ptr body;
  fetch_spec();
  {
    const std::lock_guard lock(mutex_);
    prefetch(body_.get(), sizeof(*body_));
    body = std::move(body_);
    is_being_called_ = body != nullptr;
    if (is_being_called_) body_runs_.store(true, std::memory_order_relaxed);
  }
  strand* begun = body != nullptr ? call(std::move(body)) : nullptr;
  if (begun == nullptr) drop_ref();
  return begun;  // the cell takes over the reference that start() was given
}

// Without the lock: the body moves its arguments, and may be a function that does something before
// it gives a coroutine.
strand* task_core::call(unbegun_ptr body) {
  const running_as self(this);
  body_request request(*this);
  std::optional<kept_outcome> failed;
  strand* begun = nullptr;
  try {
    begun = &request.finish(body->call(*this, request));
  } catch (...) {
    failed = conclude_failure(std::current_exception());
    begun = std::exchange(request.host, nullptr);
  }
  body.reset();
  if (!failed && !request.came_late) return begun;
  if (failed) {
    body_runs_.store(false, std::memory_order_release);
    settle(std::move(*failed));
  }
  strand* left = nullptr;
  {
    const std::lock_guard lock(mutex_);
    // settle() has left it to us, when there was no coroutine yet.
    if (is_being_called_) left = std::exchange(cell_, nullptr);
    is_being_called_ = false;
  }
  // Nothing of it runs, or nothing any more: a worker ends its cell, and tells who wrote to it.
  if (begun == nullptr) begun = std::exchange(left, nullptr);
  if (left != nullptr) left->release();
  if (begun != nullptr) {
    begun->request_abandon();
  } else {
    body_runs_.store(false, std::memory_order_release);
  }
  return begun;
}

void task_core::drop_body(unbegun_ptr body, strand* cell, settled how) {
  const bool began = body == nullptr;
  body.reset();
  if (cell == nullptr) return;
  if (!began || how == settled::giving_up) cell->request_abandon();
  if (began) return cell->release();
  // Nobody else will run it: a worker finds nothing to run, and tells those who wrote to it.
  add_ref();  // for the cell, until actor_ended()
  owner->manager->where().launch(*cell);
}

strand* task_core::cell() {
  const std::lock_guard lock(mutex_);
  if (!ensure_cell_locked()) return nullptr;
  cell_->add_ref();
  return cell_;
}

}  // namespace actors::detail
