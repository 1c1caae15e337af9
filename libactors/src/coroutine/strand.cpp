#include "actors/detail/strand.hpp"

#include <typeinfo>
#include <utility>

#include "actors/detail/promise.hpp"
#include "actors/detail/sending.hpp"
#include "next_here.hpp"

namespace actors::detail {

constinit thread_local strand* next_here = nullptr;

namespace {

// Messages may have these in place of a note's action. Nobody calls them: they are marks.
void came_back(mailbox_node&, mailbox*) {}  // from a wait that was cancelled
void on_terms(mailbox_node&, mailbox*) {}
void came_back_on_terms(mailbox_node&, mailbox*) {}

bool has_terms(const mailbox_node& node) {
  return node.act == &on_terms || node.act == &came_back_on_terms;
}
bool has_come_back(const mailbox_node& node) {
  return node.act == &came_back || node.act == &came_back_on_terms;
}
bool is_note(const mailbox_node& node) { return node.act != nullptr && !has_terms(node); }

}  // namespace

strand::clock::pause_room::pause_room() noexcept
    : timer([](timer& due) {
        auto& room = static_cast<pause_room&>(due);
        while (room.waiting.is_linked()) static_cast<waiter*>(room.waiting.next)->wake();
      }) {}

strand::strand(const inbox_kind& kind, std::uint32_t capacity) noexcept
    : capacity_(capacity), kind_(&kind) {
  signal_note_.act = [](mailbox_node&, mailbox* to) {
    if (to != nullptr) static_cast<strand&>(*to).take_signals();
  };
}

strand::~strand() = default;

void promise_base::hand_over() noexcept {
  if (owner == nullptr) {
    host->root_ended();
    return;
  }
  if (owner->ended != nullptr) {
    owner->ended(*owner);
    return;
  }
  owner->resumes->child = nullptr;
  host->transfer_to(owner->resumes);
}

bool ended_by_cancel(const promise_base& ended) noexcept {
  if (!ended.error) return false;
#ifdef __GLIBCXX__
  return *ended.error.__cxa_exception_type() == typeid(cancelled);
#else
  try {
    std::rethrow_exception(ended.error);
  } catch (const cancelled&) {
    return true;
  } catch (...) {
    return false;
  }
#endif
}

void destroy_frames(promise_base& outermost) noexcept {
  auto* innermost = &outermost;
  while (innermost->child != nullptr) innermost = innermost->child;
  for (;;) {
    frame_owner* holder = innermost->owner;
    promise_base* caller = innermost == &outermost ? nullptr : holder->resumes;
    // The holder lives in the caller's frame: it must forget this one before it goes.
    if (holder != nullptr) holder->held = nullptr;
    if (caller != nullptr) caller->child = nullptr;
    innermost->frame().destroy();
    if (caller == nullptr) return;
    innermost = caller;
  }
}

void destroy_frames(frame_owner& owner) noexcept {
  if (auto* held = std::exchange(owner.held, nullptr)) destroy_frames(*held);
}

// Each of these is asked for once, so a note that was taken is never asked for again by the same
// signal; one that is on its way serves all. A closed mailbox means that the strand has ended.
void strand::raise(signal what) noexcept {
  // Release: who takes the signal sees what was done before it was raised.
  if (signals_.fetch_or(what, std::memory_order_acq_rel) == 0) push(signal_note_);
}

void strand::take_signals() noexcept {
  const auto raised = signals_.exchange(0, std::memory_order_acq_rel);
  if ((raised & stop_signal) != 0) root_scope_.cancel(stop_reason());
  if ((raised & close_signal) == 0) return;
  refuse_held();
  while (receivers_.is_linked()) {
    auto& next = static_cast<receiver&>(*receivers_.next);
    next.unlink();
    next.wait.wake();
  }
}

bool strand::request_stop(cancel_reason reason) noexcept {
  auto expected = cancel_reason::none;
  // Release: whoever sees the reason also sees what was done before the stop was requested.
  if (!stop_.compare_exchange_strong(expected, reason, std::memory_order_acq_rel,
                                     std::memory_order_relaxed)) {
    return false;
  }
  raise(stop_signal);
  return true;
}

void strand::request_abandon() noexcept {
  if (!abandoned_.exchange(true, std::memory_order_acq_rel)) raise(abandon_signal);
}

void strand::close_input() noexcept {
  if (!input_closed_.exchange(true, std::memory_order_acq_rel)) raise(close_signal);
}

// What happens with most messages is apart from the rest: it has no registers to save.
strand::admission strand::push_message(mailbox_node& node) noexcept {
  if (is_input_closed()) return admission::closed;
  if (capacity_ != 0) return push_counted(node);
  if (!may_put_here(node)) return push_from_elsewhere(node);
  if (handed_ != nullptr || receivers_.is_linked()) return put_here(node);
  node.next = nullptr;
  append_messages(node, node);
  return admission::taken;
}

// Never put here: a message that a wait is given before its time would leave its place to another.
strand::admission strand::push_counted(mailbox_node& node) noexcept {
  if (!take_place()) return admission::full;
  const auto how = push_from_elsewhere(node);
  if (how != admission::taken) depth_.fetch_sub(1, std::memory_order_relaxed);
  return how;
}

strand::admission strand::push_from_elsewhere(mailbox_node& node) noexcept {
  return push(node) ? admission::taken : admission::closed;
}

// While only this thread can run the strand, a message needs no atomic step. But what was pushed
// before comes first. Relaxed, in has_mail(): a sender that knows of a push, because it or somebody
// it heard from made it, sees it.
inline bool strand::may_put_here(const mailbox_node& node) const noexcept {
  return next_here == this && !has_mail() && node.act == nullptr &&
         (handed_ == nullptr || handed_->act == nullptr);
}

strand::admission strand::put_here(mailbox_node& node) noexcept {
  if (handed_ != nullptr) take_in(*std::exchange(handed_, nullptr));
  take_in(node);
  return admission::taken;
}

// Relaxed: the count admits, it publishes nothing. It never runs below what is in the inbox,
// because it rises before the push and falls after the message was taken; and it never rises for a
// message that finds no place, or one that waits at the door might be kept out by one that goes
// away.
bool strand::take_place() noexcept {
  if (capacity_ == 0) return true;
  auto depth = depth_.load(std::memory_order_relaxed);
  do {
    if (depth >= capacity_) return false;
  } while (!depth_.compare_exchange_weak(depth, depth + 1, std::memory_order_relaxed));
  return true;
}

strand::clock& strand::its_clock() {
  if (clock_ == nullptr) clock_ = std::make_unique<clock>();
  return *clock_;
}

void strand::pause(waiter& item, promise_base& promise) noexcept {
  auto& room = its_clock().paused;
  item.wait_uninterrupted(promise, "pause");
  item.insert_before(room.waiting);
  if (!room.is_armed()) arm(room, later(now(), std::chrono::milliseconds(1)));
}

void strand::arm(timer& item, time_point deadline) noexcept {
  auto& its = its_clock();
  its.timers.arm(item, deadline);
  // A wake-up that comes too early costs one look at the heap; one that is moved with every timer
  // would cost a lock each. So it only ever moves forward.
  if (deadline < its.armed_for) {
    its.armed_for = deadline;
    arm_wake_up(deadline);
  }
}

void strand::timer_fired() {
  if (clock_ == nullptr) return;
  clock_->armed_for = time_point::max();
  clock_->timers.fire_due(now());
  // Not left to the end of a turn: a strand that always has something to do never gets there.
  if (!clock_->timers.empty() && clock_->timers.nearest() < clock_->armed_for) {
    clock_->armed_for = clock_->timers.nearest();
    arm_wake_up(clock_->armed_for);
  }
}

mailbox_node* strand::take_next_message() noexcept {
  while (auto* node = oldest_message_) {
    oldest_message_ = node->next;
    if (capacity_ != 0) depth_.fetch_sub(1, std::memory_order_relaxed);
    if (oldest_message_ == nullptr) {
      newest_message_ = nullptr;
      if (newest_held_ != nullptr) admit_held();
    }
    if (node->act == nullptr || may_be_given(*node)) return node;
    kind_->dispose(*node);
  }
  return nullptr;
}

void strand::set_terms(mailbox_node& node) noexcept { node.act = &on_terms; }

bool strand::may_be_given(mailbox_node& node) noexcept {
  return !has_terms(node) || kind_->ask(node, message_step::give);
}

void strand::note_taken(mailbox_node& node) noexcept {
  if (has_terms(node)) kind_->ask(node, message_step::take);
}

void strand::return_message(mailbox_node& node) noexcept {
  const bool terms = has_terms(node);
  if (terms) kind_->ask(node, message_step::put_back);
  if (give_to_receiver(node)) return;
  if (capacity_ != 0) depth_.fetch_add(1, std::memory_order_relaxed);
  // Before all that nobody had yet, but behind what came back before: waits return their messages
  // in the order in which they were given them.
  auto** place = &oldest_message_;
  while (*place != nullptr && has_come_back(**place)) place = &(*place)->next;
  node.act = terms ? &came_back_on_terms : &came_back;
  node.next = *place;
  *place = &node;
  if (node.next == nullptr) newest_message_ = &node;
}

// To whoever waits longest. A wait that a cancel has woken, but that has not run yet, takes none.
// True as well when it had to be dropped instead.
bool strand::give_to_receiver(mailbox_node& node) noexcept {
  while (receivers_.is_linked()) {
    auto& next = static_cast<receiver&>(*receivers_.next);
    if (next.wait.is_ready()) {
      next.unlink();
      continue;
    }
    if (node.act != nullptr && !may_be_given(node)) {
      kind_->dispose(node);
      return true;
    }
    next.unlink();
    next.node = &node;
    next.wait.wake();
    return true;
  }
  return false;
}

void strand::take_mail() noexcept {
  if (handed_ != nullptr) take_in(*std::exchange(handed_, nullptr));
  if (has_mail()) take_pushed();
}

// What most turns begin with: the message that woke the strand, and a coroutine that waits for one.
// It goes on at once, past the lists, before what else has come is looked at. Answers whose it is;
// null when the turn begins in another way.
inline promise_base* strand::give_handed() noexcept {
  if (handed_ == nullptr || handed_->act != nullptr || !receivers_.is_linked()) return nullptr;
  auto& first = static_cast<receiver&>(*receivers_.next);
  if (first.wait.is_ready() || is_abandoned()) return nullptr;
  first.unlink();
  first.node = std::exchange(handed_, nullptr);
  if (capacity_ != 0) depth_.fetch_sub(1, std::memory_order_relaxed);
  return &first.wait.wake_at_once();
}

void strand::take_pushed() noexcept {
  const auto rest = take_batch();
  auto* node = rest.oldest;
  while (node != nullptr) {
    if (!rest.has_notes && !receivers_.is_linked()) {
      // A long queue is linked as it is: each look at one of its messages may be a cache miss.
      append_messages(*node, *rest.newest);
      break;
    }
    auto& taken = *node;
    node = node->next;
    take_in(taken);
  }
}

void strand::take_in(mailbox_node& node) noexcept {
  if (is_note(node)) {
    node.act(node, this);
    return;
  }
  if (!give_to_receiver(node)) {
    node.next = nullptr;
    append_messages(node, node);
  } else if (capacity_ != 0) {
    depth_.fetch_sub(1, std::memory_order_relaxed);
  }
}

void strand::append_messages(mailbox_node& oldest, mailbox_node& newest) noexcept {
  if (newest_message_ == nullptr) {
    oldest_message_ = &oldest;
  } else {
    newest_message_->next = &oldest;
  }
  newest_message_ = &newest;
}

void strand::hold(mailbox_node& note) noexcept {
  if (newest_held_ == nullptr) {
    note.next = &note;
  } else {
    note.next = std::exchange(newest_held_->next, &note);
  }
  newest_held_ = &note;
  if (oldest_message_ == nullptr || is_input_closed()) admit_held();
}

held_message& strand::pop_held() noexcept {
  auto& oldest = *newest_held_->next;
  newest_held_->next = oldest.next;
  if (newest_held_ == &oldest) newest_held_ = nullptr;
  return static_cast<held_message::note&>(oldest).self;
}

// In the order in which they came; once the inbox is closed they are refused. False when there was
// no room for any.
bool strand::admit_held() noexcept {
  if (is_input_closed()) {
    refuse_held();
    return true;
  }
  bool any = false;
  for (; newest_held_ != nullptr && take_place(); any = true) {
    auto& one = pop_held();
    if (one.claim()) {
      auto& message = one.message;
      one.fulfil();
      take_in(message);
    } else if (capacity_ != 0) {
      depth_.fetch_sub(1, std::memory_order_relaxed);
    }
    one.release();
  }
  return any;
}

void strand::refuse_held() noexcept {
  while (newest_held_ != nullptr) {
    auto& one = pop_held();
    one.fulfil();
    one.release();
  }
}

// Senders wait for a body that reads. One that goes on and on with something else does not keep
// them, unless its inbox is full.
strand::progress strand::end_turn() noexcept {
  if (newest_held_ != nullptr) {
    auto& oldest = static_cast<held_message::note&>(*newest_held_->next);
    if (capacity_ != 0 || oldest.has_seen(oldest_message_)) admit_held();
  }
  return progress::more;
}

void strand::run_chain(promise_base* promise) {
  // The trampoline: a coroutine that calls or returns names the one to go on with and suspends, so
  // the machine's stack is as deep for the millionth nested call as for the first.
  while (promise != nullptr) {
    transfer_ = nullptr;
    promise->frame().resume();
    promise = transfer_;
  }
}

void strand::start_root() {
  started_ = true;
  if (is_cancelled(root_scope_)) {
    // Cancelled before its first step: the body never starts.
    root_->error = std::make_exception_ptr(cancelled(root_scope_.reason()));
    root_ended_ = true;
    return;
  }
  run_chain(root_);
}

void strand::set_root(promise_base& root) noexcept {
  root_ = &root;
  root.host = this;
  root.scope = &root_scope_;
}

strand::progress strand::run(unsigned budget) {
  budget_ = budget;
  turns_.store(turns_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (auto* first = give_handed()) {
    run_chain(first);
  } else {
    if (mail_waits()) take_mail();
    if (!started_ && !is_abandoned()) start_root();
  }
  for (;;) {
    while (!root_ended_ && !is_abandoned() && ready_.is_linked()) {
      if (budget_ == 0) return end_turn();
      auto& next = static_cast<waiter&>(*ready_.next);
      next.unlink();
      run_chain(&next.promise());
    }
    if (root_ended_ || is_abandoned()) return progress::ended;
    if (!mail_waits()) {
      if (newest_held_ != nullptr && admit_held()) continue;
      return progress::waiting;
    }
    if (budget_ == 0) return end_turn();
    --budget_;
    take_mail();
  }
}

void strand::close_and_drain() noexcept {
  // Before the unread messages go: a sender is told that it is closed, not that it is full.
  input_closed_.store(true, std::memory_order_release);
  refuse_held();
  auto* left = close();
  if (auto* first = std::exchange(handed_, nullptr)) {
    first->next = left;
    left = first;
  }
  while (left != nullptr) {
    auto& node = *left;
    left = left->next;
    if (is_note(node)) {
      node.act(node, nullptr);
    } else {
      kind_->dispose(node);
    }
  }
  while (oldest_message_ != nullptr) {
    auto& node = *oldest_message_;
    oldest_message_ = node.next;
    kind_->dispose(node);
  }
  newest_message_ = nullptr;
}

void strand::destroy_root() noexcept {
  if (auto* root = std::exchange(root_, nullptr)) destroy_frames(*root);
}

spawn_request::~spawn_request() {
  if (host != nullptr) host->release();
}

strand& spawn_request::finish(promise_base& body) {
  if (host == nullptr) {
    try {
      make_cell(0);
    } catch (...) {
      destroy_frames(body);
      throw;
    }
  }
  host->set_root(body);
  return *std::exchange(host, nullptr);
}

}  // namespace actors::detail
