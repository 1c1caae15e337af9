#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/delivery.hpp"

namespace actors::detail {

/// The deliveries of one owner, as data: no lock, no clock, no actor.
///
/// Each task has a lane, in which its events wait in the order of emission; only the first of a
/// lane is handed out. Among lanes, whoever is due first goes first, and of two that are due,
/// whoever came first: a failed one goes back to the end, so it delays nobody else.
///
/// A consumer claims a delivery for a while (a lease), and completes, fails or releases it. Whoever
/// comes with a claim that is not, or no longer, his changes nothing.
class delivery_queue {
 public:
  explicit delivery_queue(retry_policy retry) : retry_(retry) {}

  /// `is_new`: not one that comes back from the dead letters.
  void add(event&& happened, time_point now, bool is_new = true);

  std::optional<delivery> claim(const std::string& consumer, time_point now, duration lease);
  bool renew(const event& which, const std::string& consumer, time_point now, duration lease);
  bool complete(const event& which, const std::string& consumer, time_point now);
  /// Back at once, as if it had not been claimed.
  bool release(const event& which, const std::string& consumer, time_point now);
  /// Back after a delay, of which `random` decides the jitter; or dead.
  bool fail(const event& which, const std::string& consumer, time_point now, std::string why,
            std::uint64_t random);

  /// Watches are counted: what waits stays back until the last one ends.
  void watch(task_id task);
  /// False when it was not watched.
  bool unwatch(task_id task);
  /// What waits is dropped, and what comes; returns how many were dropped. `has_ended`: nothing
  /// comes any more.
  std::size_t acknowledge(task_id task, bool has_ended);

  /// During turns nothing is handed out.
  void begin_turn() noexcept { ++turns_; }
  void end_turn() noexcept { --turns_; }

  /// When there is something to do next; time_point::max() when there is not.
  time_point next_due() const;
  /// Does nothing wait, and is nothing in flight?
  bool is_idle() const noexcept { return due_.empty() && leases_.empty(); }
  bool is_in_flight() const noexcept { return !leases_.empty(); }
  delivery_state state() const;

  /// Gives up everything that waits or is in flight; watches and what was acknowledged stay.
  void give_up(const std::string& why);

  void settle(task_id task) { settled_.push_back(task); }
  /// The tasks whose last event was settled since the last call: delivered, acknowledged or dead.
  std::vector<task_id> take_settled() { return std::exchange(settled_, {}); }
  /// Attempts that have failed since the last call.
  std::uint64_t take_failures() { return std::exchange(failures_, 0); }
  std::vector<dead_letter> take_dead() { return std::exchange(dead_, {}); }

 private:
  struct entry {
    event what;
    std::uint32_t attempts = 0;
    bool is_new = true;
  };
  enum class head_state : std::uint8_t { none, held, due, claimed };
  struct lane {
    std::deque<entry> events;
    std::size_t watches = 0;
    bool is_acknowledged = false;
    bool is_over = false;  // its last event has come
    head_state head = head_state::none;
    time_point at{};  // due: from when; claimed: until when
    std::uint64_t order = 0;
    std::string consumer;
  };
  struct place {
    time_point at;
    std::uint64_t order;
    task_id task;
    friend auto operator<=>(const place&, const place&) = default;
  };
  using lanes = std::unordered_map<task_id, lane>;

  void expire(time_point now);
  lane* claimed(const event& which, const std::string& consumer, time_point now);
  /// Where the first of a lane stands in the order, again.
  void settle_head(lanes::iterator at);
  void leave_order(task_id task, lane& of);
  void drop_front(lane& of);
  void retry_or_bury(task_id task, lane& of, time_point when, std::string why);

  const retry_policy retry_;
  lanes lanes_;
  std::set<place> due_;
  std::set<place> leases_;
  std::uint64_t last_order_ = 0;
  std::size_t turns_ = 0;
  std::vector<task_id> settled_;
  std::vector<dead_letter> dead_;
  std::uint64_t failures_ = 0;
};

}  // namespace actors::detail
