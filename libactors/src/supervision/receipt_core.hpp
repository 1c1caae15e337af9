#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "../runtime/small_mutex.hpp"
#include "actors/receipt.hpp"
#include "mail_terms.hpp"
#include "planted.hpp"

namespace actors::detail {

class manager_core;

/// What a receipt and its message share.
///
/// queued ⇄ given → delivered; queued → expired; queued or given → refused. `given`: a wait of the
/// body has the message, but may still be cancelled; to the outside it is queued.
///
/// Nothing happens by itself when the time is up: whoever looks first, the body or a holder of the
/// receipt, finds the message expired. Any thread may call the members.
class receipt_core {
 public:
  using watcher_action = std::function<void(receipt_state)>;

  receipt_core(std::weak_ptr<manager_core> home, time_point expires_at) noexcept
      : home_(std::move(home)), expires_at_(expires_at) {}

  receipt_state state();
  error why() const;
  bool has_expiry() const noexcept { return expires_at_ != time_point::max(); }
  duration time_left() const;

  /// False when it has expired.
  bool give();
  void put_back();
  void deliver() { finish(receipt_state::delivered, {}); }
  void refuse(error why) { finish(receipt_state::refused, std::move(why)); }

  /// Called once with the final state; here and now when it is final. `key` is for unwatch().
  void watch(watcher_action tell, const void* key);
  void unwatch(const void* key) noexcept;
  /// For threads outside.
  void wait(duration patience);

 private:
  struct watcher {
    watcher_action tell;
    const void* key;
  };

  time_point now() const;
  void finish(receipt_state end, error why);
  /// Expires it when its time is up; hands out those to be told.
  std::vector<watcher> look_at_clock_locked(time_point at);
  std::vector<watcher> finish_locked(receipt_state end, error why);

  const std::weak_ptr<manager_core> home_;  // for its clock
  const time_point expires_at_;
  mutable small_mutex mutex_;
  receipt_state state_ = receipt_state::queued;
  bool given_ = false;
  error why_;
  std::vector<watcher> watchers_;
};

/// Goes with the message, and tells the receipt.
class receipt_terms final : public mail_terms {
 public:
  explicit receipt_terms(std::shared_ptr<receipt_core> core) noexcept : core_(std::move(core)) {}
  ~receipt_terms() override {
    if (is_planted(bug::unread_not_told)) return;
    core_->refuse({error_code::task_ended, "the task ended before it took the message"});
  }

  bool give(mail&) override { return core_->give(); }
  void put_back() override { core_->put_back(); }
  void take(mail& message) override {
    const auto self = std::exchange(message.answer, nullptr);
    core_->deliver();
  }
  /// The inbox dropped it.
  bool fulfil(result<json> reason) override {
    core_->refuse(reason.error());
    return true;
  }

 private:
  std::shared_ptr<receipt_core> core_;
};

}  // namespace actors::detail
