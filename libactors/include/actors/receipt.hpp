#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "actors/clock.hpp"
#include "actors/coroutine.hpp"
#include "actors/error.hpp"
#include "actors/json.hpp"

namespace actors {

namespace detail {
class receipt_core;
}

/// Where a message is whose sender holds a receipt. Every state but `queued` is final.
enum class receipt_state : std::uint8_t {
  queued,     ///< On its way, or in the inbox.
  delivered,  ///< The body took it.
  expired,    ///< The body did not take it in time, and will not get it.
  refused,    ///< Not taken in, dropped by a full inbox, or unread when the task ended.
};

constexpr bool is_final(receipt_state state) noexcept { return state != receipt_state::queued; }
std::string_view to_string(receipt_state state) noexcept;

/// Tells what becomes of one message, which ends in exactly one final state.
///
/// A handle: cheap to copy, any thread may use it, also after the task and its runtime are gone.
class receipt {
 public:
  explicit receipt(std::shared_ptr<detail::receipt_core> core, json returned = nullptr) noexcept
      : core_(std::move(core)), returned_(std::move(returned)) {}

  receipt_state state() const;
  /// Why the message was refused; code `none` when it was not.
  actors::error error() const;
  /// The message, when it was refused at once.
  const json& returned() const noexcept { return returned_; }

  /// `co_await receipt.settled()`, inside a body: the final state. Raises `cancelled`.
  coroutine<receipt_state> settled() const;
  /// Waits on a thread outside the runtime; empty when the time ran out.
  std::optional<receipt_state> wait(duration patience = duration::max()) const;

 private:
  std::shared_ptr<detail::receipt_core> core_;
  json returned_;
};

}  // namespace actors
