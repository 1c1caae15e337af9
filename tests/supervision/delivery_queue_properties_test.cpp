#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include <algorithm>
#include <deque>
#include <map>
#include <ostream>
#include <utility>

#include "catch.hpp"
#include "supervision/delivery_queue.hpp"
#include "supervision/policy.hpp"

namespace actors::detail {

using namespace std::chrono_literals;

namespace {

const retry_policy retry{.base = 2s, .max = 8s, .jitter = 0s, .max_attempts = 3};
constexpr std::size_t most_tasks = 4;

/// The same promises kept in the plainest way: no order is stored, everything is looked for.
struct model {
  struct letter {
    std::uint64_t seq;
    bool is_last;
    std::uint32_t attempts = 0;
  };
  struct lane {
    std::deque<letter> letters;
    std::uint64_t last_seq = 0;
    std::size_t watches = 0;
    bool is_over = false;
    bool is_acknowledged = false;
    time_point at = time_point::min();
    std::uint64_t order = 0;
    std::string consumer;  // empty: nobody has the first
    time_point until;
  };

  std::map<std::size_t, lane> lanes;
  time_point now{};
  std::uint64_t last_order = 0;
  std::size_t turns = 0;
  std::size_t settled = 0;
  std::size_t dead = 0;

  void begin_next(lane& of) {
    of.at = time_point::min();
    of.order = ++last_order;
  }
  void drop_first(lane& of) {
    settled += of.letters.front().is_last ? 1U : 0U;
    of.letters.pop_front();
    of.consumer.clear();
    begin_next(of);
  }
  void back(lane& of, time_point when) {
    of.consumer.clear();
    if (of.is_acknowledged) {
      drop_first(of);
    } else if (of.letters.front().attempts >= *retry.max_attempts) {
      ++dead;
      drop_first(of);
    } else {
      of.at = when;
      of.order = ++last_order;
    }
  }
  /// Leases run out, the earliest first.
  void expire() {
    for (;;) {
      lane* first = nullptr;
      for (auto& [task, each] : lanes) {
        if (each.consumer.empty() || each.until > now) continue;
        if (first == nullptr ||
            std::pair(each.until, each.order) < std::pair(first->until, first->order)) {
          first = &each;
        }
      }
      if (first == nullptr) return;
      back(*first, time_point::min());
    }
  }
  /// Whose event is next; most_tasks for nobody's.
  std::size_t next() const {
    std::size_t best = most_tasks;
    for (const auto& [task, each] : lanes) {
      const bool waits = !each.letters.empty() && each.consumer.empty() && each.watches == 0;
      if (turns != 0 || !waits || each.at > now) continue;
      const auto& other = best == most_tasks ? each : lanes.at(best);
      if (best == most_tasks || std::pair(each.at, each.order) < std::pair(other.at, other.order)) {
        best = task;
      }
    }
    return best;
  }
};

struct tested {
  delivery_queue queue{retry};
  time_point now{};
  std::size_t settled = 0;
  std::size_t dead = 0;

  void check(model after) {
    settled += queue.take_settled().size();
    dead += queue.take_dead().size();
    RC_ASSERT(settled == after.settled);
    RC_ASSERT(dead == after.dead);
  }
};

using command = rc::state::Command<model, tested>;

event letter_of(std::size_t task, std::uint64_t seq, bool is_last) {
  event one;
  one.task = task_id::sequential(task);
  one.seq = seq;
  one.kind = is_last ? event_kind::completed : event_kind::custom;
  return one;
}

/// A command that names a task.
struct of_task : command {
  std::size_t task = *rc::gen::inRange<std::size_t>(0, most_tasks);
};

struct add final : of_task {
  bool is_last = *rc::gen::weightedElement<bool>({{3, false}, {1, true}});
  void checkPreconditions(const model& before) const override {
    const auto found = before.lanes.find(task);
    // A name first: inside the macro, both sides of the operator would be looked at.
    const bool may_come = found == before.lanes.end() || !found->second.is_over;
    RC_PRE(may_come);
  }
  void apply(model& to) const override {
    to.expire();
    auto& its = to.lanes[task];
    const auto seq = ++its.last_seq;
    its.is_over = is_last;
    if (its.is_acknowledged) {
      to.settled += is_last ? 1U : 0U;
      return;
    }
    its.letters.push_back({seq, is_last});
    if (its.letters.size() == 1) to.begin_next(its);
  }
  void run(const model& before, tested& real) const override {
    const auto after = nextState(before);
    real.queue.add(letter_of(task, after.lanes.at(task).last_seq, is_last), real.now);
    real.check(after);
  }
  void show(std::ostream& to) const override { to << "add " << task << (is_last ? " last" : ""); }
};

struct claim final : command {
  std::string consumer = *rc::gen::element<std::string>("ann", "bob");
  duration lease = std::chrono::seconds(*rc::gen::inRange(1, 6));
  void apply(model& to) const override {
    to.expire();
    const auto task = to.next();
    if (task == most_tasks) return;
    auto& its = to.lanes[task];
    its.consumer = consumer;
    its.until = to.now + lease;
    ++its.letters.front().attempts;
  }
  void run(const model& before, tested& real) const override {
    auto expired = before;
    expired.expire();
    const auto task = expired.next();
    const auto claimed = real.queue.claim(consumer, real.now, lease);
    RC_ASSERT(claimed.has_value() == (task != most_tasks));
    if (claimed) {
      const auto& first = expired.lanes.at(task).letters.front();
      RC_ASSERT(claimed->what.task == task_id::sequential(task));
      RC_ASSERT(claimed->what.seq == first.seq);
      RC_ASSERT(claimed->attempt == first.attempts + 1);
    }
    real.check(nextState(before));
  }
  void show(std::ostream& to) const override { to << "claim by " << consumer; }
};

/// What a consumer says about the first event of a task, his or not.
struct answer final : of_task {
  enum class word : std::uint8_t { completes, fails, releases, renews };
  word said = static_cast<word>(*rc::gen::inRange(0, 4));
  std::string consumer = *rc::gen::element<std::string>("ann", "bob");

  static bool holds(const model& now, std::size_t task, const std::string& who) {
    const auto found = now.lanes.find(task);
    return found != now.lanes.end() && found->second.consumer == who;
  }
  void checkPreconditions(const model& before) const override {
    const auto found = before.lanes.find(task);
    const bool is_there = found != before.lanes.end() && !found->second.letters.empty();
    RC_PRE(is_there);
  }
  void apply(model& to) const override {
    const auto seq = to.lanes[task].letters.front().seq;
    to.expire();
    auto& its = to.lanes[task];
    if (!holds(to, task, consumer) || its.letters.front().seq != seq) return;
    auto& first = its.letters.front();
    switch (said) {
      case word::completes: to.drop_first(its); break;
      case word::fails: to.back(its, to.now + policy::retry_delay(retry, first.attempts, 0)); break;
      case word::releases:
        --first.attempts;
        to.back(its, time_point::min());
        break;
      case word::renews: its.until = to.now + 3s;
    }
  }
  void run(const model& before, tested& real) const override {
    auto expired = before;
    expired.expire();
    const auto which = letter_of(task, before.lanes.at(task).letters.front().seq, false);
    const bool expected =
        holds(expired, task, consumer) && expired.lanes.at(task).letters.front().seq == which.seq;
    bool done = false;
    switch (said) {
      case word::completes: done = real.queue.complete(which, consumer, real.now); break;
      case word::fails: done = real.queue.fail(which, consumer, real.now, "no", 0); break;
      case word::releases: done = real.queue.release(which, consumer, real.now); break;
      case word::renews: done = real.queue.renew(which, consumer, real.now, 3s);
    }
    RC_ASSERT(done == expected);
    real.check(nextState(before));
  }
  void show(std::ostream& to) const override {
    constexpr const char* words[] = {"completes", "fails", "releases", "renews"};
    to << consumer << " " << words[static_cast<std::size_t>(said)] << " " << task;
  }
};

struct watch final : of_task {
  bool begins = *rc::gen::arbitrary<bool>();
  void apply(model& to) const override {
    if (begins) {
      ++to.lanes[task].watches;
    } else if (auto found = to.lanes.find(task);
               found != to.lanes.end() && found->second.watches != 0) {
      --found->second.watches;
    }
  }
  void run(const model& before, tested& real) const override {
    if (begins) {
      real.queue.watch(task_id::sequential(task));
    } else {
      const auto found = before.lanes.find(task);
      const bool expected = found != before.lanes.end() && found->second.watches != 0;
      RC_ASSERT(real.queue.unwatch(task_id::sequential(task)) == expected);
    }
    real.check(nextState(before));
  }
  void show(std::ostream& to) const override { to << (begins ? "watch " : "unwatch ") << task; }
};

struct acknowledge final : of_task {
  static std::size_t drop(model& to, std::size_t task) {
    auto& its = to.lanes[task];
    const std::size_t kept = its.consumer.empty() ? 0 : 1;
    std::size_t dropped = 0;
    for (; its.letters.size() > kept; ++dropped) {
      to.settled += its.letters.back().is_last ? 1U : 0U;
      its.letters.pop_back();
    }
    its.is_acknowledged = true;
    return dropped;
  }
  void apply(model& to) const override { drop(to, task); }
  void run(const model& before, tested& real) const override {
    auto after = before;
    const auto expected = drop(after, task);
    const bool has_ended = after.lanes[task].is_over;
    RC_ASSERT(real.queue.acknowledge(task_id::sequential(task), has_ended) == expected);
    real.check(after);
  }
  void show(std::ostream& to) const override { to << "acknowledge " << task; }
};

struct take_turn final : command {
  void apply(model& to) const override { to.turns = 1 - to.turns; }
  void run(const model& before, tested& real) const override {
    before.turns == 0 ? real.queue.begin_turn() : real.queue.end_turn();
  }
  void show(std::ostream& to) const override { to << "a turn begins or ends"; }
};

struct pass final : command {
  duration time = std::chrono::seconds(*rc::gen::inRange(1, 8));
  void apply(model& to) const override { to.now += time; }
  void run(const model&, tested& real) const override { real.now += time; }
  void show(std::ostream& to) const override { to << time / 1s << " s pass"; }
};

}  // namespace

TEST_CASE("a queue of deliveries does what a plain model does", "[delivery]") {
  const auto property = [] {
    tested real;
    rc::state::check(model(), real,
                     rc::state::gen::execOneOfWithArgs<add, add, claim, claim, answer, answer,
                                                       watch, acknowledge, take_turn, pass>());
  };
  CHECK(rc::check(property));
}

}  // namespace actors::detail
