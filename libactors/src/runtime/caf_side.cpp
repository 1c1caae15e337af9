#include "caf_side.hpp"

#include <caf/default_attachable.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>
#include <memory>
#include <utility>

#include "caf_engine.hpp"
#include "cell.hpp"

namespace actors::detail {

namespace {

/// In the place of the side of a cell that had none when it ended: an address that none can have.
caf_side* ended_mark() noexcept { return reinterpret_cast<caf_side*>(std::uintptr_t{1}); }

caf::attachable_ptr link_of(const caf::abstract_actor& watched,
                            const caf::abstract_actor& watcher) {
  return caf::default_attachable::make_link(watched.address(), watcher.address());
}

caf::default_attachable::observe_token token_of(const caf::abstract_actor& watcher) {
  return {watcher.address(), caf::default_attachable::link};
}

/// Answers a request, if it is one.
void refuse(const caf::mailbox_element& request, caf::sec why) {
  if (!request.sender || !request.mid.is_request()) return;
  request.sender->enqueue(nullptr, request.mid.response_id(),
                          caf::make_message(caf::make_error(why)), nullptr);
}

}  // namespace

caf::error exit_reason(ending how) {
  switch (how) {
    case ending::normal: return {};
    case ending::stopped: return caf::exit_reason::user_shutdown;
    case ending::failed: return caf::exit_reason::unhandled_exception;
    case ending::given_up: return caf::exit_reason::kill;
    case ending::unreachable: break;
  }
  return caf::exit_reason::unreachable;
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

caf::strong_actor_ptr cell::shown_to_caf() {
  auto& block = *ctrl();
  exclusive_critical_section([this, &block] {
    if (block.nid) return;
    ::new (const_cast<caf::node_id*>(&block.nid)) caf::node_id(home_.system().node());
  });
  return caf::strong_actor_ptr(&block);
}

cell::~cell() {
  // Also when it was never launched, and the strand knows of no root.
  destroy_root();
  close_and_drain();
  // A cell that has ended may be kept by a handle for longer than its engine lives.
  if (stage_ != stage::left) home_.leave(*this);
  if (auto* side = side_.load(std::memory_order_relaxed); side != ended_mark()) delete side;
}

caf_side* cell::side() {
  auto* side = side_.load(std::memory_order_acquire);
  if (side == nullptr) {
    auto fresh = std::make_unique<caf_side>();
    // Release publishes it to the threads that deliver answers, or attach.
    if (side_.compare_exchange_strong(side, fresh.get(), std::memory_order_acq_rel)) {
      side = fresh.release();
    }
  }
  return side == ended_mark() ? nullptr : side;
}

void cell::tell_end(ending how) noexcept {
  caf_side* side = side_.load(std::memory_order_acquire);
  if (side == ended_mark()) return;
  caf::attachable_ptr watcher;
  if (side == nullptr) {
    end_ = how;
    // Release: who finds the mark sees how it ended.
    if (side_.compare_exchange_strong(side, ended_mark(), std::memory_order_acq_rel)) return;
  }
  {
    const std::lock_guard lock(mtx_);
    if (side->has_ended) return;
    end_ = how;
    side->has_ended = true;
    watcher = std::move(side->watchers);
  }
  while (watcher != nullptr) {
    watcher->actor_exited(exit_reason(how), nullptr);
    watcher = std::move(watcher->next);
  }
}

bool cell::attach_locked(caf::attachable_ptr& watcher) {
  auto* side = this->side();
  if (side == nullptr || side->has_ended) return false;
  watcher->next = std::exchange(side->watchers, nullptr);
  side->watchers = std::move(watcher);
  return true;
}

std::size_t cell::detach_locked(const caf::attachable::token& which) {
  auto* side = this->side();
  if (side == nullptr) return 0;
  std::size_t found = 0;
  for (auto* place = &side->watchers; *place != nullptr;) {
    if ((*place)->matches(which)) {
      ++found;
      *place = std::move((*place)->next);
    } else {
      place = &(*place)->next;
    }
  }
  return found;
}

void cell::attach(caf::attachable_ptr watcher) {
  if (!exclusive_critical_section([&] { return attach_locked(watcher); })) {
    watcher->actor_exited(exit_reason(end_), nullptr);
  }
}

std::size_t cell::detach(const caf::attachable::token& which) {
  return exclusive_critical_section([&] { return detach_locked(which); });
}

void cell::add_link(caf::abstract_actor* other) {
  if (other == nullptr || other == this) return;
  auto link = link_of(*this, *other);
  const bool is_alive = joined_exclusive_critical_section(this, other, [&] {
    const auto* side = this->side();
    if (side == nullptr || side->has_ended) return false;
    if (other->add_backlink(this)) attach_locked(link);
    return true;
  });
  if (!is_alive) link->actor_exited(exit_reason(end_), nullptr);
}

void cell::remove_link(caf::abstract_actor* other) {
  if (other == nullptr || other == this) return;
  joined_exclusive_critical_section(this, other, [&] {
    other->remove_backlink(this);
    detach_locked(token_of(*other));
  });
}

bool cell::add_backlink(caf::abstract_actor* other) {
  auto* side = this->side();
  const auto same = token_of(*other);
  for (auto* one = side == nullptr ? nullptr : side->watchers.get(); one != nullptr;
       one = one->next.get()) {
    if (one->matches(same)) return false;  // one link is enough
  }
  auto link = link_of(*this, *other);
  if (attach_locked(link)) return true;
  link->actor_exited(exit_reason(end_), nullptr);
  return false;
}

bool cell::remove_backlink(caf::abstract_actor* other) {
  return detach_locked(token_of(*other)) != 0;
}

void cell::enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) {
  if (element->mid.is_response()) {
    auto* side = this->side();
    if (side == nullptr) return;
    if (auto on_answer = side->calls.take(element->mid.request_id().integer_value())) {
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
    refuse(*element, caf::sec::request_receiver_down);
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
