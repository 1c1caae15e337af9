#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/manager.hpp"
#include "actors/receipt.hpp"
#include "actors/testing/recorder.hpp"
#include "actors/testing/simulated_runtime.hpp"
#include "support/dice.hpp"

namespace actors::test {

/// A short life of a few tasks in a simulated runtime where everything may go wrong: owners that
/// refuse, hang, leave and come back, leases that run out, journals that refuse, bodies that throw
/// or do not listen, and cancels at any step. What must hold all the same is checked against a
/// model: a list of what was accepted, asked for and heard.
///
/// The seed decides about everything. A violation is kept as a sentence that begins with the name
/// of the rule: "ends", "limits", "cancel", "events", "names", "mail", "journal", "loss" or
/// "bounds".
class storm {
 public:
  explicit storm(std::uint64_t seed, bool keeps_trace = false)
      : storm(dice(seed), seed, keeps_trace) {}
  /// `luck` decides what is done, `seed` the order of what happens by itself.
  storm(dice luck, std::uint64_t seed, bool keeps_trace = false);
  storm(const storm&) = delete;
  storm& operator=(const storm&) = delete;
  ~storm();

  /// Stops at the first violation.
  void run();
  const std::vector<std::string>& violations() const noexcept { return violations_; }
  /// What was done and what followed, line by line.
  const std::vector<std::string>& trace() const noexcept { return trace_; }
  std::uint64_t fingerprint() const noexcept { return sim_->fingerprint(); }

 private:
  class moody_journal;

  enum class kind : std::uint8_t { queue, listener, sink, claims };
  struct claim {
    delivery what;
    std::string consumer;
    time_point until;
  };
  /// One owner from its opening until it leaves.
  struct seat {
    std::size_t house = 0;
    std::string name;
    kind how = kind::queue;
    owner_options options;
    std::optional<testing::recorder> listener;
    std::optional<owner> home;  // nobody once it left
    std::size_t heard_events = 0;
    std::vector<claim> claims;
    std::optional<turn> busy;  // in a turn
    std::uint64_t sink = 1;    // the registration of the present one; 0 when there is none
    bool lost_sink = false;    // once
    std::set<std::string> cancelled_runs;
  };
  /// One accepted task.
  struct person {
    task_handle handle;
    std::size_t seat = 0;
    task_id parent = {};
    spec what = {};
    bool told = false;        // to stop
    bool told_below = false;  // it was a tree that was told
    std::optional<task_state> state = {};
    std::optional<outcome> end = {};
    std::size_t watches = 0;
    bool acknowledged = false;
    bool was_letter = false;
    std::optional<time_point> queued_since = {};
    std::optional<time_point> running_since = {};
    std::vector<event> heard = {};
  };
  struct house {
    manager_options options;
    std::shared_ptr<moody_journal> journal;
    std::optional<manager> at;
    std::map<task_id, person> people;
    std::size_t accepted = 0;
    std::size_t refused = 0;
    std::set<std::string> cancelled_runs;
  };
  struct post {
    receipt what;
    receipt_state state;
  };
  struct wait {
    std::size_t house;
    task_id who;
    task_handle whom;
  };

  // What bodies, sinks and journals tell.
  static coroutine<json> live(task_context self, storm* world, std::size_t of, std::uint64_t seed,
                              std::uint64_t levels);
  static coroutine<result<void>> take(storm* world, std::size_t of, delivery what);
  void body_begins(std::size_t of, task_id id);
  void heard(std::size_t of, const event& what);
  void attempted(std::size_t of, const delivery& what);
  void spawned(std::size_t of, const spec& what, task_id parent, bool parent_was_told,
               const result<task_handle>& answer);

  // What happens from outside.
  spec some_spec(dice& luck, bool has_parent);
  void open_house(std::size_t number);
  void open_seat(std::size_t in, std::string name, kind how);
  std::size_t some_seat();
  person* someone();
  void meddle();
  void do_something();
  void start_root();
  void cancel_somebody();
  void cancel_many();
  void cancel_selected();
  void talk();
  void post_something();
  void intrude();
  void dispose_of_somebody();
  void change_sink();
  void stop_a_run();
  event_sink make_sink(std::size_t of);
  void wait_for_somebody();
  void claim_something(std::size_t of);
  void answer_claim(std::size_t of);
  void watch_somebody();
  void leave_and_return(std::size_t number);
  void read(std::size_t of);
  void read_all();
  void come_to_an_end();
  void shut_down();

  // What must hold.
  void expect(bool holds, const char* rule, const std::string& sentence);
  void note(const std::string& line);
  person* find(std::size_t in, task_id id);
  bool is_told_above(house& in, const person& one);
  std::string place_of(house& in, const person& one);
  void check_children(house& in);
  void mark_told(house& in, task_id root);
  void check_told(house& in);
  void check_time(const house& in, person& one, task_state state);
  void check_receipts();
  void check_now(bool in_full);
  void check_nobody_waits_without_need();
  void check_calm();
  void check_events(house& in, const person& one,
                    const std::map<task_id, std::vector<dead_letter>>& letters);
  void check_the_end();

  dice dice_;
  const bool keeps_trace_;
  std::vector<std::string> violations_;
  std::vector<std::string> trace_;
  std::size_t seen_turns_ = 0;
  bool is_stormy_ = true;
  std::size_t last_consumer_ = 0;
  std::map<std::size_t, wait> waits_;
  std::size_t last_wait_ = 0;
  std::vector<post> posts_;
  std::deque<house> houses_;
  std::optional<testing::simulated_runtime> sim_;
  std::deque<seat> seats_;
};

}  // namespace actors::test
