#include "actors/receipt.hpp"

#include "actors/completion.hpp"
#include "manager_core.hpp"
#include "receipt_core.hpp"

namespace actors {

namespace detail {

namespace {

template <class Watchers>
void tell_all(const Watchers& watchers, receipt_state end) {
  for (const auto& one : watchers) one.tell(end);
}

struct watch_guard {
  receipt_core& watched;
  const void* key;
  watch_guard(receipt_core& core, const void* by) noexcept : watched(core), key(by) {}
  watch_guard(const watch_guard&) = delete;
  watch_guard& operator=(const watch_guard&) = delete;
  ~watch_guard() { watched.unwatch(key); }
};

coroutine<receipt_state> await_final(std::shared_ptr<receipt_core> core) {
  completion<receipt_state> done;
  const auto tell = done.get_completer();
  core->watch([tell](receipt_state end) { tell.set_value(end); }, &done);
  const watch_guard guard(*core, &done);
  if (core->has_expiry()) {
    const auto in_time = co_await done.wait_for(core->time_left(), "receipt");
    if (in_time) co_return *in_time;
    core->state();  // the look that expires it, unless a wait of the body has it
  }
  co_return co_await done.wait("receipt");
}

}  // namespace

// Without a clock no time passes. Not under the lock: it may drop the last reference to the
// manager.
time_point receipt_core::now() const {
  if (!has_expiry()) return time_point::min();
  const auto home = home_.lock();
  return home == nullptr || home->is_detached() ? time_point::min() : home->where().now();
}

duration receipt_core::time_left() const {
  const auto at = now();
  return at >= expires_at_         ? duration::zero()
         : at == time_point::min() ? duration::max()
                                   : expires_at_ - at;
}

std::vector<receipt_core::watcher> receipt_core::finish_locked(receipt_state end, error why) {
  if (is_final(state_)) return {};
  state_ = end;
  why_ = std::move(why);
  return std::exchange(watchers_, {});
}

std::vector<receipt_core::watcher> receipt_core::look_at_clock_locked(time_point at) {
  if (!has_expiry() || given_ || at < expires_at_) return {};
  return finish_locked(receipt_state::expired, {});
}

void receipt_core::finish(receipt_state end, error why) {
  std::vector<watcher> watchers;
  {
    const std::lock_guard lock(mutex_);
    watchers = finish_locked(end, std::move(why));
  }
  tell_all(watchers, end);
}

receipt_state receipt_core::state() {
  std::vector<watcher> watchers;
  receipt_state seen{};
  const auto at = now();
  {
    const std::lock_guard lock(mutex_);
    watchers = look_at_clock_locked(at);
    seen = state_;
  }
  tell_all(watchers, seen);
  return seen;
}

error receipt_core::why() const {
  const std::lock_guard lock(mutex_);
  return why_;
}

bool receipt_core::give() {
  std::vector<watcher> watchers;
  bool is_open = false;
  const auto at = now();
  {
    const std::lock_guard lock(mutex_);
    watchers = look_at_clock_locked(at);
    is_open = given_ = !is_final(state_);
  }
  tell_all(watchers, receipt_state::expired);
  return is_open;
}

void receipt_core::put_back() {
  std::vector<watcher> watchers;
  const auto at = now();
  {
    const std::lock_guard lock(mutex_);
    given_ = false;
    watchers = look_at_clock_locked(at);
  }
  tell_all(watchers, receipt_state::expired);
}

void receipt_core::watch(watcher_action tell, const void* key) {
  receipt_state end{};
  {
    const std::lock_guard lock(mutex_);
    end = state_;
    if (!is_final(end)) {
      watchers_.push_back({std::move(tell), key});
      return;
    }
  }
  tell(end);
}

void receipt_core::unwatch(const void* key) noexcept {
  const std::lock_guard lock(mutex_);
  std::erase_if(watchers_, [key](const watcher& one) { return one.key == key; });
}

void receipt_core::wait(duration patience) {
  const auto home = home_.lock();
  if (home == nullptr || home->is_detached()) return;
  auto& where = home->where();
  const auto ended = std::make_shared<gate>();
  watch([ended](receipt_state) { ended->open(); }, ended.get());
  const watch_guard guard(*this, ended.get());
  const auto deadline = later(where.now(), patience);
  if (expires_at_ < deadline && !where.wait(*ended, expires_at_)) state();
  where.wait(*ended, deadline);
}

}  // namespace detail

std::string_view to_string(receipt_state state) noexcept {
  switch (state) {
    case receipt_state::queued: return "queued";
    case receipt_state::delivered: return "delivered";
    case receipt_state::expired: return "expired";
    case receipt_state::refused: return "refused";
  }
  return "unknown";
}

receipt_state receipt::state() const { return core_->state(); }

error receipt::error() const { return core_->why(); }

coroutine<receipt_state> receipt::settled() const { return detail::await_final(core_); }

std::optional<receipt_state> receipt::wait(duration patience) const {
  core_->wait(patience);
  const auto seen = core_->state();
  return is_final(seen) ? std::optional(seen) : std::nullopt;
}

}  // namespace actors
