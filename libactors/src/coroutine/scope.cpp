#include "actors/detail/scope.hpp"

#include "actors/detail/promise.hpp"
#include "actors/detail/strand.hpp"
#include "actors/error.hpp"

namespace actors {

std::string_view to_string(cancel_reason reason) noexcept {
  switch (reason) {
    case cancel_reason::none: return "none";
    case cancel_reason::requested: return "requested";
    case cancel_reason::deadline: return "deadline";
    case cancel_reason::sibling: return "sibling";
    case cancel_reason::shutdown: return "shutdown";
    case cancel_reason::stalled: return "stalled";
  }
  return "unknown";
}

}  // namespace actors

namespace actors::detail {

std::exception_ptr make_cancelled(cancel_reason reason) {
  return std::make_exception_ptr(cancelled(reason));
}

void raise_no_coroutine() {
  throw failure({error_code::invalid_argument, "the coroutine was awaited or moved from before"});
}

nested_scope::nested_scope(cancel_scope* parent, kind how) noexcept : parent_(parent), kind_(how) {
  insert_before(parent->children_);
  if (how == kind::open) reason_ = parent->reason_;
}

void nested_scope::lower_shield() noexcept {
  kind_ = kind::open;
  if (parent_->is_cancelled()) cancel(parent_->reason());
}

nested_scope* cancel_scope::first_child() noexcept {
  return children_.is_linked() ? static_cast<nested_scope*>(children_.next) : nullptr;
}

// The scope after this one in a walk of everything below `top` that has already done the children
// of this one.
nested_scope* nested_scope::next_below(const cancel_scope& top) noexcept {
  auto* scope = this;
  for (;;) {
    auto* parent = scope->parent_;
    if (scope->next != &parent->children_) return static_cast<nested_scope*>(scope->next);
    if (parent == &top) return nullptr;
    scope = static_cast<nested_scope*>(parent);  // below `top`, so it is no root
  }
}

bool cancel_scope::accept(cancel_reason reason) noexcept {
  if (reason_ != cancel_reason::none) return false;
  reason_ = reason;
  while (waiters_.is_linked()) static_cast<waiter*>(waiters_.next)->wake();
  return true;
}

// Scopes nest as deep as users nest deadlines, so the walk keeps no stack.
void cancel_scope::cancel(cancel_reason reason) noexcept {
  if (!accept(reason)) return;
  auto* scope = first_child();
  while (scope != nullptr) {
    const bool enter = scope->kind_ == nested_scope::kind::open && scope->accept(reason);
    auto* below = enter ? scope->first_child() : nullptr;
    scope = below != nullptr ? below : scope->next_below(*this);
  }
}

}  // namespace actors::detail
