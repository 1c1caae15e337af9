#pragma once

#include <caf/attachable.hpp>
#include <caf/error.hpp>
#include <caf/mailbox_element.hpp>
#include <cstdint>
#include <functional>
#include <mutex>
#include <unordered_map>

namespace actors::detail {

/// How an actor ended, as far as CAF tells it.
enum class ending : std::uint8_t {
  normal,       ///< Its body came to its end.
  stopped,      ///< It was told to stop.
  failed,       ///< Its body raised something.
  given_up,     ///< It was abandoned.
  unreachable,  ///< It waited, and nobody referred to it any more.
};

/// CAF's words for it.
caf::error exit_reason(ending how);

/// Answers of plain CAF actors that a cell waits for, by the id of the request.
class foreign_calls {
 public:
  using handler = std::function<void(caf::mailbox_element&)>;

  caf::message_id add(handler on_answer);
  /// The handler, which is then forgotten; empty when there is none (any more).
  handler take(std::uint64_t id);

 private:
  std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::unordered_map<std::uint64_t, handler> waiting_;
};

/// What only a cell that has to do with plain CAF actors needs. Made when first needed, and there
/// until the cell goes.
struct caf_side {
  foreign_calls calls;
  // Under the cell's lock: who wants to hear of its end (monitors, links), until it has come.
  caf::attachable_ptr watchers;
  bool has_ended = false;
};

}  // namespace actors::detail
