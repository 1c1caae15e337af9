#pragma once

#include <memory>
#include <string>
#include <utility>

#include "actors/clock.hpp"
#include "actors/outcome.hpp"
#include "rare_texts.hpp"

namespace actors::detail {

/// An outcome as the core of a task keeps it, and when it was told: most tasks complete, and have
/// no texts to say.
class kept_outcome {
 public:
  kept_outcome() noexcept = default;  ///< To be assigned to.
  kept_outcome(task_state how, json&& result) noexcept : state_(how), result_(std::move(result)) {}
  explicit kept_outcome(outcome&& how)
      : state_(how.state),
        result_(std::move(how.result)),
        why_(rare_texts::of(std::move(how.error_type), std::move(how.error))) {}

  task_state state() const noexcept { return state_; }
  const json& result() const noexcept { return result_; }
  bool has_texts() const noexcept { return why_ != nullptr; }
  // Only with texts.
  const std::string& error() const noexcept { return why_->error(); }
  const std::string& error_type() const noexcept { return why_->type(); }
  outcome copy() const {
    if (!has_texts()) return {state_, result_};
    return {state_, result_, error(), error_type()};
  }

  /// A hint to the processor: it will be used soon.
  void fetch_texts() const noexcept {
    if (has_texts()) why_->fetch();
  }

  unix_ms told_at_ms = 0;

 private:
  task_state state_ = task_state::completed;
  json result_;
  rare_texts::pointer why_;
};

}  // namespace actors::detail
