#pragma once

#include <cstdint>
#include <exception>
#include <string_view>

namespace actors {

/// Why work was told to stop. The first reason given to a task stays.
enum class cancel_reason : std::uint8_t {
  none,       ///< Not cancelled.
  requested,  ///< A caller asked for it.
  deadline,   ///< Its deadline, or one around it, passed.
  sibling,    ///< Work beside it already decided the result (`when_any`, a failed `when_all`).
  shutdown,   ///< The runtime is going away.
  stalled,    ///< It made no progress (`stall_policy`).
};

/// The reason as a word, e.g. `"deadline"`.
std::string_view to_string(cancel_reason reason) noexcept;

/// Raised at every suspension point of cancelled work, until the body ends.
///
/// A body may catch it to clean up, and may still return a value. Let it pass through otherwise.
/// It does not derive from `std::exception`, so that `catch (const std::exception&)` around a
/// failing step does not swallow a cancel by accident.
class cancelled {
 public:
  explicit cancelled(cancel_reason reason) noexcept : reason_(reason) {}
  cancel_reason reason() const noexcept { return reason_; }

 private:
  cancel_reason reason_;
};

}  // namespace actors
