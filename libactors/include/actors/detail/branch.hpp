#pragma once

#include <coroutine>
#include <cstddef>
#include <optional>

#include "actors/coroutine.hpp"
#include "actors/detail/suspension.hpp"

namespace actors::detail {

class branch_group;

/// One of several coroutines that a combinator runs at the same time in its caller's strand.
class branch : public frame_owner {
 public:
  branch() = default;
  branch(const branch&) = delete;
  branch& operator=(const branch&) = delete;
  ~branch() { destroy_frames(*this); }

  void start(branch_group& group, promise_base& caller, cancel_scope& scope) noexcept;

  branch_group* group = nullptr;

 private:
  waiter start_;
};

/// What branches report to. The caller waits for all of them, whatever the first ends decide: no
/// branch outlives the call.
class branch_group {
 public:
  /// Does the end of this branch, the first to decide, end the others?
  using decides = bool (*)(const branch& ended);

  explicit branch_group(decides rule) noexcept : rule_(rule) {}
  branch_group(const branch_group&) = delete;
  branch_group& operator=(const branch_group&) = delete;

  /// Begins a call of `count` branches for `caller`; they are started by the caller of this.
  cancel_scope& begin(promise_base& caller, std::size_t count) noexcept {
    caller.host->is_cancelled(*caller.scope);
    running_ = count;
    scope_.emplace(caller.scope);
    join_.wait_uninterrupted(caller, "branches");
    return *scope_;
  }

  /// The branch that decided; null when none did.
  const branch* decider() const noexcept { return decider_; }

 private:
  friend class branch;

  void ended(branch& one) noexcept {
    if (decider_ == nullptr && rule_(one)) {
      decider_ = &one;
      scope_->cancel(cancel_reason::sibling);
    }
    if (--running_ == 0) join_.wake();
  }

  decides rule_;
  const branch* decider_ = nullptr;
  std::size_t running_ = 0;
  std::optional<nested_scope> scope_;
  waiter join_;
};

inline void branch::start(branch_group& to, promise_base& from, cancel_scope& scope) noexcept {
  group = &to;
  held->owner = this;
  held->host = from.host;
  held->scope = &scope;
  ended = [](frame_owner& self) {
    auto& one = static_cast<branch&>(self);
    one.group->ended(one);
  };
  start_.wait_uninterrupted(*held, "branches");
  start_.wake();
}

}  // namespace actors::detail
