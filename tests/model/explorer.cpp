#include "model/explorer.hpp"

#include <ucontext.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <exception>
#include <memory>
#include <tuple>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#define ACTORS_MODEL_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ACTORS_MODEL_ASAN 1
#endif
#endif
#ifdef ACTORS_MODEL_ASAN
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif

namespace actors::model {

namespace {

using detail::location;
using detail::order;

constexpr std::size_t most_locations = 96;
constexpr std::size_t stack_size = std::size_t{256} * 1024;
constexpr int nowhere = -1;
constexpr int everywhere = -2;

/// How much of each location's history somebody knows.
class view {
 public:
  std::uint16_t& operator[](int where) { return known_[static_cast<std::size_t>(where)]; }
  void join(const view& other) {
    for (std::size_t i = 0; i < known_.size(); ++i)
      known_[i] = std::max(known_[i], other.known_[i]);
  }

 private:
  std::array<std::uint16_t, most_locations> known_{};
};

/// A value that was stored, and what is known to whoever acquires it.
struct message {
  std::uint64_t value = 0;
  view known;
};

/// The next step of a thread.
struct operation {
  const char* name = "";
  int where = nowhere;
  bool writes = false;
  bool is_total = false;

  /// May the two change places without anybody noticing?
  bool is_independent_of(const operation& other) const {
    if (where == everywhere || other.where == everywhere) return !writes && !other.writes;
    if (is_total && other.is_total && (writes || other.writes)) return false;
    return where == nowhere || other.where == nowhere || where != other.where ||
           (!writes && !other.writes);
  }
};

bool acquires(order how) {
  return how == order::acquire || how == order::both || how == order::total;
}
bool releases(order how) {
  return how == order::release || how == order::both || how == order::total;
}

struct fiber {
  std::function<void()> body;
  char* stack = nullptr;
  ucontext_t context{};
  void* fake_stack = nullptr;
  bool has_ended = false;
  operation next;
  std::function<bool()> is_ready;  // empty: always
  int waits_at = nowhere;          // for a notice
  view known;                      // what happened before
  view released;                   // the same at its last release fence
  view seen;                       // would be known after an acquire fence
  std::size_t written = 0;         // by it
  std::size_t others_wrote = 0;    // when it yielded last
};

using stacks = std::vector<std::unique_ptr<char[]>>;

class run_of_threads;
run_of_threads* present = nullptr;

/// Which way was taken where there were several.
struct fork {
  std::size_t ways;
  std::size_t taken;
};

/// One run. The path says which way to take at its first forks, and is made longer by the others.
class run_of_threads {
 public:
  run_of_threads(scenario& what, std::vector<fork>& path, stacks& memory, const limits& up_to)
      : up_to_(up_to), path_(path), end_(what.at_end) {
    for (auto& body : what.threads) {
      if (memory.size() == fibers_.size()) {
        memory.push_back(std::make_unique_for_overwrite<char[]>(stack_size));
      }
      fibers_.emplace_back().body = body;
      fibers_.back().stack = memory[fibers_.size() - 1].get();
    }
    locations_.reserve(most_locations);
  }

  void go() {
    present = this;
    for (std::size_t i = 0; i < fibers_.size() && failure_.empty(); ++i) {
      start(i);
    }
    while (failure_.empty() && step()) {
    }
    if (failure_.empty()) end_();
  }
  /// Destroys what the run was about, while its values are still known.
  void forget(std::unique_ptr<scenario> what) {
    what.reset();
    end_ = nullptr;
    fibers_.clear();
    present = nullptr;
  }
  const std::string& failure() const { return failure_; }

  // --- The threads

  bool is_inside() const { return running_ != none; }
  std::size_t running() const { return running_; }
  bool sees_newest_only() const { return up_to_.only_newest; }
  bool has_flaw(bool flaws::* which) const { return up_to_.broken.*which; }
  order weakened(order how) const { return up_to_.broken.no_orders ? order::relaxed : how; }
  fiber& self() { return fibers_[running_]; }

  /// Lets everybody else go first if they like.
  void announce(const char* name, location* at, bool writes, bool is_total,
                std::function<bool()> is_ready = {}) {
    auto& me = self();
    me.next = {name, at == nullptr ? nowhere : number_of(*at), writes, is_total};
    me.is_ready = std::move(is_ready);
    leave();
  }

  [[noreturn]] void fail(std::string why) {
    failure_ = std::move(why) + "\n ";
    for (const auto& [thread, what] : trace_) {
      failure_ += " " + std::to_string(thread) + ":" + what.name;
      if (what.where >= 0) failure_ += "#" + std::to_string(what.where);
    }
    if (running_ == none) throw stopped();
    leave();
    std::terminate();  // a run that failed goes no further
  }
  struct stopped {};

  // --- Memory

  int number_of(location& at) {
    if (at.number == nowhere) {
      if (locations_.size() == most_locations) fail("too many atomic objects");
      at.number = static_cast<int>(locations_.size());
      locations_.emplace_back().push_back({at.initial, {}});
    }
    return at.number;
  }
  std::vector<message>& history(location& at) {
    return locations_[static_cast<std::size_t>(number_of(at))];
  }
  std::uint16_t newest(location& at) { return static_cast<std::uint16_t>(history(at).size() - 1); }
  void begin_total(order how) {
    if (how == order::total) self().known.join(total_);
  }
  void end_total(order how) {
    if (how == order::total) total_.join(self().known);
  }
  std::uint64_t read(location& at, std::uint16_t index, order how) {
    auto& me = self();
    const auto& from = history(at)[index];
    me.known[at.number] = index;
    me.seen.join(from.known);
    if (acquires(how)) me.known.join(from.known);
    return from.value;
  }
  void write(location& at, std::uint64_t value, order how, const view* inherited = nullptr) {
    auto& me = self();
    ++me.written;
    ++written_;
    const auto index = static_cast<std::uint16_t>(newest(at) + 1);
    me.known[at.number] = index;
    message made{value, releases(how) ? me.known : me.released};
    made.known[at.number] = index;
    if (inherited != nullptr) made.known.join(*inherited);
    history(at).push_back(made);
  }
  /// Waits until another thread has written something since this one yielded last; then it knows
  /// all that there is. (Not: something that it has not read. A thread whose attempt failed for a
  /// write that it read meanwhile may try again.)
  void yield() {
    auto& me = self();
    me.next = {"yield", everywhere, true, false};
    me.is_ready = [this, &me] { return written_ - me.written != me.others_wrote; };
    leave();
    me.others_wrote = written_ - me.written;
    for (std::size_t i = 0; i < locations_.size(); ++i) {
      me.known[static_cast<int>(i)] = static_cast<std::uint16_t>(locations_[i].size() - 1);
    }
  }
  void full_fence() {
    self().known.join(self().seen);
    self().known.join(total_);
    total_ = self().known;
    self().released = self().known;
  }

  int& waits_at(std::size_t which) { return fibers_[which].waits_at; }
  std::vector<std::size_t> waiting_at(int where) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < fibers_.size(); ++i) {
      if (fibers_[i].waits_at == where) found.push_back(i);
    }
    return found;
  }

  std::size_t choose(std::size_t ways) {
    if (ways == 1 || is_redundant_) return 0;
    if (depth_ == path_.size()) path_.push_back({ways, 0});
    return path_[depth_++].taken;
  }

 private:
  static constexpr std::size_t none = ~std::size_t{0};

  static void enter() {
    auto& run = *present;
    arrived(nullptr);
    try {
      run.self().body();
    } catch (const std::exception& why) {
      run.fail(std::string("an exception: ") + why.what());
    }
    run.self().has_ended = true;
    run.leave(true);
  }

  void start(std::size_t which) {
    getcontext(&fibers_[which].context);
    auto& one = fibers_[which];
    one.context.uc_stack.ss_sp = one.stack;
    one.context.uc_stack.ss_size = stack_size;
    one.context.uc_link = nullptr;
    makecontext(&one.context, &run_of_threads::enter, 0);
    resume(which);  // up to its first operation
  }

  void resume(std::size_t which) {
    running_ = which;
    [[maybe_unused]] void* fake_stack = nullptr;
#ifdef ACTORS_MODEL_ASAN
    __sanitizer_start_switch_fiber(&fake_stack, fibers_[which].stack, stack_size);
#endif
    swapcontext(&main_, &fibers_[which].context);
    arrived(fake_stack);
    running_ = none;
  }
  void leave([[maybe_unused]] bool for_ever = false) {
    auto& me = self();
#ifdef ACTORS_MODEL_ASAN
    __sanitizer_start_switch_fiber(for_ever ? nullptr : &me.fake_stack, main_stack_, main_size_);
#endif
    swapcontext(&me.context, &main_);
    arrived(me.fake_stack);
  }
  static void arrived([[maybe_unused]] void* fake_stack) {
#ifdef ACTORS_MODEL_ASAN
    const void* stack = nullptr;
    std::size_t size = 0;
    __sanitizer_finish_switch_fiber(fake_stack, &stack, &size);
    if (fake_stack == nullptr && present->main_stack_ == nullptr) {
      present->main_stack_ = stack;
      present->main_size_ = size;
    }
#endif
  }

  /// False when all have ended.
  bool step() {
    std::vector<std::size_t> able;
    bool have_ended = true;
    for (std::size_t i = 0; i < fibers_.size(); ++i) {
      const auto& one = fibers_[i];
      have_ended = have_ended && one.has_ended;
      if (!one.has_ended && (!one.is_ready || one.is_ready())) able.push_back(i);
    }
    if (have_ended) return false;
    if (able.empty()) return give_up("all threads wait");
    if (trace_.size() == up_to_.steps) return give_up("a thread does not end");

    auto ways = able;
    const bool may_go_on = std::ranges::find(able, last_) != able.end();
    if (up_to_.preemptions != limits{}.preemptions) {
      if (may_go_on && preemptions_ == up_to_.preemptions) ways = {last_};
    } else {
      skip_sleepers(ways);
    }
    const auto taken = choose(ways.size());
    for (std::size_t i = 0; i < taken; ++i) asleep_[ways[i]] = true;
    const auto which = ways[taken];
    const auto what = fibers_[which].next;
    for (std::size_t i = 0; i < fibers_.size(); ++i) {
      asleep_[i] = asleep_[i] && fibers_[i].next.is_independent_of(what);
    }
    trace_.emplace_back(which, what);
    if (may_go_on && which != last_) ++preemptions_;
    last_ = which;
    resume(which);
    return true;
  }

  /// Sleep sets (Godefroid, 1996): a thread whose step was explored here before need not be tried
  /// again until somebody has done something that its step depends on.
  void skip_sleepers(std::vector<std::size_t>& ways) {
    auto awake = ways;
    std::erase_if(awake, [this](std::size_t i) { return asleep_[i]; });
    if (awake.empty()) {
      // All that can come of this was explored. It is run to its end because it cannot be undone.
      is_redundant_ = true;
    } else {
      ways = std::move(awake);
    }
  }

  bool give_up(const char* why) {
    try {
      fail(why);
    } catch (const stopped&) {
    }
    return false;
  }

  const limits& up_to_;
  std::vector<fork>& path_;
  std::size_t depth_ = 0;
  std::function<void()> end_;
  std::deque<fiber> fibers_;
  std::size_t running_ = none;
  ucontext_t main_{};
  [[maybe_unused]] const void* main_stack_ = nullptr;
  [[maybe_unused]] std::size_t main_size_ = 0;
  std::array<bool, 8> asleep_{};
  bool is_redundant_ = false;
  std::size_t last_ = none;
  std::size_t preemptions_ = 0;
  std::vector<std::pair<std::size_t, operation>> trace_;
  std::string failure_;
  std::vector<std::vector<message>> locations_;
  std::size_t written_ = 0;  // by all threads
  view total_;
};

bool is_inside() { return present != nullptr && present->is_inside(); }

/// The newest value, for who is not in a thread of the run.
std::uint64_t& value_outside(location& at) {
  if (present == nullptr || at.number == nowhere) return at.initial;
  return present->history(at).back().value;
}

}  // namespace

namespace {

/// A machine that miscounts references loses memory, which is no news.
class leaks_on_purpose {
 public:
  explicit leaks_on_purpose(const flaws& broken)
      : allowed_(broken.no_fences || broken.no_orders || broken.split_updates ||
                 broken.lost_notices) {
    if (allowed_) allow(true);
  }
  leaks_on_purpose(const leaks_on_purpose&) = delete;
  leaks_on_purpose& operator=(const leaks_on_purpose&) = delete;
  ~leaks_on_purpose() {
    if (allowed_) allow(false);
  }

 private:
  static void allow([[maybe_unused]] bool yes) {
#ifdef ACTORS_MODEL_ASAN
    if (yes) {
      __lsan_disable();
    } else {
      __lsan_enable();
    }
#endif
  }

  const bool allowed_;
};

}  // namespace

report explore(const std::function<scenario()>& make, const limits& up_to) {
  report found;
  std::vector<fork> path;
  stacks memory;
  const leaks_on_purpose allowed(up_to.broken);
  for (;;) {
    auto what = std::make_unique<scenario>(make());
    auto run = std::make_unique<run_of_threads>(*what, path, memory, up_to);
    try {
      run->go();
    } catch (const run_of_threads::stopped&) {
    }
    ++found.runs;
    found.failure = run->failure();
    if (found.is_fine() && found.runs == up_to.runs) found.failure = "too many runs";
    if (!found.is_fine()) {
      present = nullptr;
      // Its threads stand where they are, and may hold anything.
      static std::vector<
          std::tuple<std::unique_ptr<scenario>, std::unique_ptr<run_of_threads>, stacks>>
          left_behind;
      left_behind.emplace_back(std::move(what), std::move(run), std::move(memory));
      return found;
    }
    run->forget(std::move(what));
    while (!path.empty() && path.back().taken + 1 == path.back().ways) path.pop_back();
    if (path.empty()) return found;
    ++path.back().taken;
  }
}

void require(bool holds, const char* what) {
  if (!holds) present->fail(what);
}

std::size_t thread_index() noexcept { return is_inside() ? present->running() : 0; }

namespace detail {

std::uint64_t load(location& from, order how) noexcept {
  if (!is_inside()) return value_outside(from);
  auto& run = *present;
  how = run.weakened(how);
  run.announce("load", &from, false, how == order::total);
  run.begin_total(how);
  const auto newest = run.newest(from);
  const auto oldest = run.sees_newest_only() ? newest : run.self().known[from.number];
  const auto back = static_cast<std::uint16_t>(run.choose(newest - oldest + 1));
  return run.read(from, newest - back, how);
}

void store(location& to, std::uint64_t value, order how) noexcept {
  if (!is_inside()) {
    value_outside(to) = value;
    return;
  }
  auto& run = *present;
  how = run.weakened(how);
  run.announce("store", &to, true, how == order::total);
  run.begin_total(how);
  run.write(to, value, how);
  run.end_total(how);
}

std::uint64_t update(location& at, const std::function<std::uint64_t(std::uint64_t)>& change,
                     order how) noexcept {
  if (!is_inside()) {
    auto& value = value_outside(at);
    return std::exchange(value, change(value));
  }
  auto& run = *present;
  if (run.has_flaw(&flaws::split_updates)) {
    const auto old = load(at, how);
    store(at, change(old), how);
    return old;
  }
  how = run.weakened(how);
  run.announce("update", &at, true, how == order::total);
  run.begin_total(how);
  const auto newest = run.newest(at);
  const auto old = run.read(at, newest, how);
  // Whoever acquires what this stores acquires what it has replaced, too.
  const auto inherited = run.history(at)[newest].known;
  run.write(at, change(old), how, &inherited);
  run.end_total(how);
  return old;
}

bool compare_exchange(location& at, std::uint64_t& expected, std::uint64_t desired, order success,
                      order failure) noexcept {
  if (!is_inside()) {
    auto& value = value_outside(at);
    if (value != expected) {
      expected = value;
      return false;
    }
    value = desired;
    return true;
  }
  auto& run = *present;
  if (run.has_flaw(&flaws::split_updates)) {
    const auto old = load(at, failure);
    if (old == expected) {
      store(at, desired, success);
      return true;
    }
    expected = old;
    return false;
  }
  success = run.weakened(success);
  failure = run.weakened(failure);
  run.announce("compare", &at, true, success == order::total);
  run.begin_total(success);
  const auto newest = run.newest(at);
  // It succeeds on the newest value only, but may fail on any other that can still be seen.
  std::vector<std::uint16_t> visible{newest};
  for (auto i = newest; !run.sees_newest_only() && i > run.self().known[at.number]; --i) {
    if (run.history(at)[i - 1].value != expected) visible.push_back(i - 1);
  }
  const auto index = visible[run.choose(visible.size())];
  const bool succeeds = run.history(at)[index].value == expected;
  const auto old = run.read(at, index, succeeds ? success : failure);
  if (succeeds) {
    const auto inherited = run.history(at)[index].known;
    run.write(at, desired, success, &inherited);
  }
  run.end_total(success);
  expected = old;
  return succeeds;
}

void wait(location& at, std::uint64_t old, order how) noexcept {
  if (!is_inside()) return;
  auto& run = *present;
  for (;;) {
    if (load(at, how) != old) return;
    run.announce("wait", &at, true, false);
    run.self().known[at.number] = run.newest(at);
    if (run.history(at).back().value != old) continue;
    auto& is_waiting = run.waits_at(run.running());
    is_waiting = at.number;
    run.announce("wake", &at, true, false, [&is_waiting] { return is_waiting == nowhere; });
  }
}

void notify(location& at, bool all) noexcept {
  if (!is_inside()) return;
  auto& run = *present;
  run.announce("notify", &at, true, false);
  if (run.has_flaw(&flaws::lost_notices)) return;
  auto waiting = run.waiting_at(at.number);
  if (waiting.empty()) return;
  if (!all) waiting = {waiting[run.choose(waiting.size())]};
  for (const auto one : waiting) run.waits_at(one) = nowhere;
}

void take_one(location& at) noexcept {
  if (!is_inside()) {
    --value_outside(at);
    return;
  }
  auto& run = *present;
  run.announce("acquire", &at, true, false,
               [&run, &at] { return run.history(at).back().value != 0; });
  const auto newest = run.newest(at);
  const auto count = run.read(at, newest, order::acquire);
  const auto inherited = run.history(at)[newest].known;
  run.write(at, count - 1, order::both, &inherited);
}

void fence(order how) noexcept {
  if (!is_inside()) return;
  auto& run = *present;
  if (how == order::total) {
    if (run.has_flaw(&flaws::no_fences)) return;
    run.announce("fence", nullptr, true, true);
    run.full_fence();
    return;
  }
  how = run.weakened(how);
  if (acquires(how)) run.self().known.join(run.self().seen);
  if (releases(how)) run.self().released = run.self().known;
}

void yield() noexcept {
  if (is_inside()) present->yield();
}

void plain_read(plain_location& at) noexcept {
  if (!is_inside()) return;
  auto& run = *present;
  const auto last = run.newest(at.written);
  if (run.self().known[at.written.number] != last) run.fail("a plain read races with a write");
  at.read.resize(8);
  auto& mine = at.read[run.running()];
  run.number_of(mine);
  run.write(mine, 0, order::relaxed);
}

void plain_write(plain_location& at) noexcept {
  if (!is_inside()) return;
  auto& run = *present;
  const auto last = run.newest(at.written);
  if (run.self().known[at.written.number] != last) run.fail("two plain writes race");
  for (auto& each : at.read) {
    if (each.number == nowhere) continue;
    if (run.self().known[each.number] != run.newest(each)) {
      run.fail("a plain write races with a read");
    }
  }
  run.write(at.written, 0, order::relaxed);
}

}  // namespace detail

}  // namespace actors::model
