#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "actors/json.hpp"
#include "actors/result.hpp"
#include "actors/task_id.hpp"

namespace actors {

/// Where the answer to a question goes. Dropped without one, it says so to whoever asks.
class reply_port {
 public:
  virtual ~reply_port() = default;
  /// False when there was an answer before.
  virtual bool fulfil(result<json> answer) = 0;
};

/// A message in a task's inbox.
struct mail {
  /// The task whose body sent it, by a handle or through an owner; empty for a thread outside, for
  /// a bare actor and for a plain CAF actor.
  task_id from = {};
  json content = nullptr;

  /// Does the sender wait for an answer (`ask`)?
  bool wants_reply() const noexcept { return answer != nullptr; }
  /// Answers a question. False when it was not one, or was answered before. The last copy of a
  /// question that goes unanswered tells the sender `unanswered`.
  bool reply(json value) const { return answer != nullptr && answer->fulfil(std::move(value)); }

  std::shared_ptr<reply_port> answer = {};  ///< Set by `ask`; use reply().

  /// One that was moved from holds nothing, and need not be destroyed.
  using empty_once_moved = mail;
};

/// What became of a message: sent, or given back with the reason. It moves, and is not copied.
class send_result {
 public:
  /// It was sent.
  send_result() = default;
  /// It was refused, unless the error's code is `none`.
  send_result(actors::error why, json content);

  /// Was the message taken into the inbox?
  explicit operator bool() const noexcept { return refused_ == nullptr; }
  /// One with code `none` when it was sent.
  const actors::error& error() const noexcept;
  /// The message that was refused; null when it was sent.
  const json& returned() const& noexcept;
  json returned() && noexcept;

 private:
  struct refusal {
    actors::error why;
    json returned;
  };

  // By far the most are sent: those cost one word.
  std::unique_ptr<refusal> refused_;
};

}  // namespace actors
