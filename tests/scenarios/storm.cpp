#include "scenarios/storm.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "actors/task.hpp"
#include "actors/timeout.hpp"
#include "support/task_bodies.hpp"

namespace actors::test {

using namespace std::chrono_literals;

namespace {

duration ms(std::uint64_t count) { return std::chrono::milliseconds(count); }

constexpr auto grace = 2s;
constexpr auto longest_life = 1h;

admission_limits some_limits(dice& luck) {
  admission_limits limits;
  if (luck.one_in(2)) return limits;
  limits.max_running = 1 + luck.below(4);
  if (luck.one_in(2)) {
    limits.when_full = on_full::queue;
    if (luck.one_in(2)) limits.max_queued = 1 + luck.below(5);
    if (luck.one_in(3)) limits.max_wait = ms(500 + luck.below(4000));
  }
  if (luck.one_in(6)) limits.max_depth = 1 + luck.below(3);
  if (luck.one_in(6)) limits.max_total = 10 + luck.below(20);
  if (luck.one_in(6)) limits.max_children = 1 + luck.below(2);
  return limits;
}

}  // namespace

/// Writes down what it is told, and sometimes refuses or raises.
class storm::moody_journal final : public journal {
 public:
  moody_journal(storm& world, std::size_t of, std::uint64_t seed, bool fails_at_ends)
      : world_(&world), of_(of), dice_(seed), fails_at_ends_(fails_at_ends) {}

  result<void> accepted(const record& task) override {
    if (is_calm) return take(task);
    if (dice_.one_in(16)) return error{error_code::journal_failed, "no space left"};
    if (dice_.one_in(16)) throw std::runtime_error("the disk is gone");
    return take(task);
  }
  result<void> ended(const record& task) override {
    if (!records.contains(task.id)) return {};  // taken back while it was being accepted
    const bool is_first_offer = !refused_.contains(task.id);
    if (const auto* one = world_->find(of_, task.id)) {
      world_->expect(!is_first_offer || !one->handle.has_ended(), "journal",
                     "the end of " + to_string(task.id) + " was known before it was written down");
    }
    if (!is_calm && fails_at_ends_ && dice_.one_in(4)) {
      refused_.insert(task.id);
      throw std::runtime_error("the disk is gone");
    }
    world_->expect(ends.emplace(task.id, task.end).second, "journal",
                   to_string(task.id) + " ends twice in the journal");
    return {};
  }

  bool is_calm = false;
  std::set<task_id> records;
  std::map<task_id, std::optional<outcome>> ends;

 private:
  result<void> take(const record& task) {
    records.insert(task.id);
    return {};
  }

  storm* world_;
  std::size_t of_;
  dice dice_;
  bool fails_at_ends_;
  std::set<task_id> refused_;
};

storm::storm(dice luck, std::uint64_t seed, bool keeps_trace)
    : dice_(std::move(luck)), keeps_trace_(keeps_trace) {
  open_house(0);
  sim_.emplace(seed, runtime_options{.manager = houses_[0].options});
  if (keeps_trace_) sim_->keep_trace();
  houses_[0].at = sim_->default_manager();
  if (dice_.one_in(4)) {
    open_house(1);
    houses_[1].at = sim_->open_manager(houses_[1].options);
  }
  const auto owners = 2 + dice_.below(2);
  for (std::size_t i = 0; i < owners; ++i) {
    open_seat(dice_.below(houses_.size()), fmt::format("owner{}", i),
              static_cast<kind>(dice_.below(4)));
  }
}

// The runtime goes while everything that its bodies refer to is still there.
storm::~storm() {
  for (auto& each : seats_) {
    each.busy.reset();
    each.home.reset();
    each.listener.reset();
  }
  sim_.reset();
}

void storm::open_house(std::size_t number) {
  auto& in = houses_.emplace_back();
  if (dice_.one_in(2)) {
    in.journal = std::make_shared<moody_journal>(*this, number, dice_.next(), dice_.one_in(8));
  }
  in.options = {.limits = some_limits(dice_), .grace = grace, .journal = in.journal};
  in.options.ids = static_cast<id_scheme>(dice_.below(3));
  in.options.max_finished = dice_.one_in(2) ? dice_.below(6) : 1'000;
  if (dice_.one_in(8)) in.options.ttl = ms(dice_.below(3000));
  in.options.max_dead_letters = dice_.one_in(8) ? 2 : 1'000;
  if (dice_.one_in(6)) in.options.names = taken_name::number;
  in.options.on_report = [this](const std::string& line) { note("report: " + line); };
}

void storm::open_seat(std::size_t in, std::string name, kind how) {
  const auto number = seats_.size();
  auto& it = seats_.emplace_back();
  it.house = in;
  it.name = std::move(name);
  it.how = how;
  it.options.started_events = dice_.one_in(2);
  it.options.by_claim = how == kind::claims;
  it.options.limits = some_limits(dice_);
  it.options.lease = ms(500 + dice_.below(3000));
  it.options.retry = {.base = ms(50 + dice_.below(500)), .max = 2s, .jitter = ms(dice_.below(100))};
  if (dice_.one_in(3))
    it.options.retry.max_attempts = 1 + static_cast<std::uint32_t>(dice_.below(4));
  auto& at = *houses_[in].at;
  switch (how) {
    case kind::listener:
      it.listener.emplace(*sim_, at, it.name, it.options);
      it.home = it.listener->get();
      break;
    case kind::sink: it.home = at.open_owner(it.name, make_sink(number), it.options); break;
    default: it.home = at.open_owner(it.name, it.options);
  }
}

event_sink storm::make_sink(std::size_t of) {
  return [this, of](delivery what) {
    if (is_stormy_ && dice_.one_in(20)) throw std::runtime_error("no sink today");
    return take(this, of, std::move(what));
  };
}

void storm::expect(bool holds, const char* rule, const std::string& sentence) {
  if (holds) return;
  violations_.push_back(fmt::format("{}: {}", rule, sentence));
  note("VIOLATED " + violations_.back());
}

void storm::note(const std::string& line) {
  if (!keeps_trace_) return;
  const auto& turns = sim_->trace();
  for (; seen_turns_ < turns.size(); ++seen_turns_) trace_.push_back("    " + turns[seen_turns_]);
  const auto at =
      std::chrono::duration_cast<std::chrono::milliseconds>(sim_->now().time_since_epoch());
  trace_.push_back(fmt::format("{:>8} ms  {}", at.count(), line));
}

storm::person* storm::find(std::size_t in, task_id id) {
  const auto found = houses_[in].people.find(id);
  return found == houses_[in].people.end() ? nullptr : &found->second;
}

// --- What bodies and sinks do

spec storm::some_spec(dice& luck, bool has_parent) {
  spec what;
  if (luck.one_in(2)) what.name = fmt::format("n{}", luck.below(4));
  if (luck.one_in(5)) what.timeout = ms(100 * (1 + luck.below(40)));
  if (luck.one_in(4)) what.inbox_capacity = 2;
  if (luck.one_in(4)) what.inbox = static_cast<inbox_policy>(luck.below(4));
  if (luck.one_in(12)) what.events = events_go::nowhere;
  if (luck.one_in(4)) what.run_id = fmt::format("run{}", luck.below(3));
  what.life = static_cast<lifetime>(luck.below(3));
  if (luck.one_in(12)) what.may_spawn = false;
  if (luck.one_in(16)) what.max_running = 1 + luck.below(5);
  if (has_parent && luck.one_in(6)) {
    what.in_parents_slot = true;
  } else if (luck.one_in(8)) {
    what.slot = luck.one_in(2) ? "left" : "right";
  }
  return what;
}

void storm::body_begins(std::size_t of, task_id id) {
  auto& in = houses_[seats_[of].house];
  const auto name = to_string(id);
  const auto* one = find(seats_[of].house, id);
  expect(one != nullptr, "ends", name + " runs and was not accepted");
  if (one == nullptr) return;
  expect(!one->told, "cancel", name + " was cancelled before its first step and takes it");
  expect(in.journal == nullptr || in.journal->records.contains(id), "journal",
         name + " runs and is not in the journal");
}

void storm::spawned(std::size_t of, const spec& what, task_id parent, bool parent_was_told,
                    const result<task_handle>& answer) {
  auto& in = houses_[seats_[of].house];
  if (!answer) {
    ++in.refused;
    if (answer.error().code == error_code::name_taken) {
      const bool is_taken = std::ranges::any_of(in.people, [of, &what](const auto& each) {
        const auto& [id, one] = each;
        return one.seat == of && one.what.name == what.name && !one.handle.has_ended();
      });
      expect(is_taken && in.options.names == taken_name::refuse, "names",
             "the name '" + what.name + "' is refused, and is free");
    }
    note(fmt::format("{} is refused a task: {}", seats_[of].name, answer.error().message));
    return;
  }
  ++in.accepted;
  const auto id = answer->id();
  note(fmt::format("{} of {}, under '{}'", to_string(id), seats_[of].name, to_string(parent)));
  auto& one = in.people.emplace(id, person{*answer, of, parent, what}).first->second;
  const auto name = to_string(id);
  if (const auto* above = find(seats_[of].house, parent)) {
    if (one.what.run_id.empty()) one.what.run_id = above->what.run_id;
    expect(above->what.may_spawn, "limits", name + " has a parent that may not have children");
  }
  if (in.options.names == taken_name::number) {
    one.what.name = answer->record().what.name;
    expect(one.what.name.starts_with(what.name.empty() ? "job_" : what.name), "names",
           name + " is called " + one.what.name);
  }
  const auto& run = one.what.run_id;
  expect(!parent_was_told && !is_told_above(in, one), "cancel",
         name + " appears below a task that was cancelled");
  expect(
      run.empty() || (!in.cancelled_runs.contains(run) && !seats_[of].cancelled_runs.contains(run)),
      "cancel", name + " appears in a run that was cancelled");
  expect(!in.at->is_paused() || what.in_parents_slot, "limits", name + " was accepted in a pause");
  expect(seats_[of].home.has_value() || parent, "ends", name + " has an owner that has left");
}

coroutine<json> storm::live(task_context self, storm* world, std::size_t of, std::uint64_t seed,
                            std::uint64_t levels) {
  world->body_begins(of, self.id());
  const auto in = world->seats_[of].house;
  dice luck(seed);
  std::vector<task_handle> children;
  const auto have_child = [&] {
    if (levels == 0) return;
    auto what = world->some_spec(luck, true);
    const bool told = self.is_cancelled();
    auto child = self.spawn(what, live, world, of, luck.next(), levels - 1);
    world->spawned(of, what, self.id(), told, child);
    if (child) children.push_back(*child);
  };
  const auto habits = 1 + luck.below(5);
  for (std::uint64_t i = 0; i < habits; ++i) {
    switch (luck.below(11)) {
      case 10:
        if (world->is_stormy_) world->meddle();
        break;
      case 0: co_await sleep_for(ms(luck.below(2000))); break;
      case 1: co_await yield(); break;
      case 2:
      case 3: self.emit("step", i); break;
      case 4: co_await self.inbox().next(ms(luck.below(500))); break;
      case 5:
        for (auto& message : self.inbox().drain()) message.reply(message.content);
        self.parent().send(i);
        break;
      case 6:
        if (!children.empty()) {
          auto question = children.back().ask(i, 200ms);
          static_cast<void>(co_await std::move(question));
        }
        break;
      case 7:
        if (!children.empty()) {
          struct entry {
            entry(storm& its, wait what) : at(its), key(++its.last_wait_) {
              at.waits_.emplace(key, std::move(what));
            }
            entry(const entry&) = delete;
            entry& operator=(const entry&) = delete;
            ~entry() { at.waits_.erase(key); }
            storm& at;
            std::size_t key;
          };
          const entry waiting(*world, {in, self.id(), children.back()});
          auto end = children.back().ended();
          static_cast<void>(co_await std::move(end));
        }
        break;
      default: have_child();
    }
  }
  switch (luck.below(10)) {
    case 0: throw std::runtime_error("an unlucky one");
    case 1: throw failure_with_result("an unlucky one", habits);
    case 2: co_await until_cancelled(); break;
    case 3: co_await shield(longest_life, nap_of(longest_life)); break;  // deaf
    case 4:
      co_await shield(20s, nap_of(ms(100 * luck.below(60))));
      have_child();
      break;
    case 5: try { co_await until_cancelled();
      } catch (const cancelled&) {
        self.emit("told");
        have_child();
      }
      break;
    default: break;
  }
  const auto* me = world->find(in, self.id());
  if (me != nullptr && me->handle.has_ended()) {
    world->expect(!self.emit("too late"), "events", to_string(self.id()) + " emits after its end");
  }
  co_return habits;
}

void storm::attempted(std::size_t of, const delivery& what) {
  const auto& at = seats_[of];
  note(fmt::format("{} is handed {}, attempt {}", at.name, what.what.id(), what.attempt));
  auto* one = find(at.house, what.what.task);
  expect(one != nullptr, "events", what.what.id() + " is of nobody");
  if (one == nullptr) return;
  expect(what.what.owner == at.name, "events", what.what.id() + " reaches " + at.name);
  expect(!at.busy, "events", what.what.id() + " is handed out in the middle of a turn");
  expect(at.how != kind::sink || at.sink != 0, "events",
         what.what.id() + " is handed to a sink that was taken away");
  expect(one->watches == 0, "events", what.what.id() + " is watched and handed out");
  const bool is_replay = one->was_letter;
  expect(!one->acknowledged || is_replay, "events",
         what.what.id() + " was acknowledged and is handed out");
  expect(!at.options.retry.max_attempts || what.attempt <= *at.options.retry.max_attempts, "bounds",
         what.what.id() + " is tried too often");
}

void storm::heard(std::size_t of, const event& what) {
  note(fmt::format("{} heard {}: {}", seats_[of].name, what.id(), to_string(what.kind)));
  auto* one = find(seats_[of].house, what.task);
  expect(one != nullptr, "events", what.id() + " is of nobody");
  if (one == nullptr) return;
  expect(seats_[of].name == seats_[one->seat].name, "events",
         what.id() + " reaches " + seats_[of].name);
  expect(
      !what.is_terminal() || (one->handle.has_ended() && one->handle.record().end == what.result()),
      "ends", what.id() + " does not tell the outcome");
  one->heard.push_back(what);
}

coroutine<result<void>> storm::take(storm* world, std::size_t of, delivery what) {
  world->attempted(of, what);
  if (world->is_stormy_) {
    switch (world->dice_.below(10)) {
      case 0: co_return error{error_code::closed, "not now"};
      case 1: throw std::runtime_error("the sink is broken");
      case 2: co_await sleep_for(1h); break;
      case 3: co_await sleep_for(ms(world->dice_.below(600))); break;
      case 4: co_await yield(); break;
      case 5: world->meddle(); break;
      default: break;
    }
  }
  world->heard(of, what.what);
  co_return result<void>();
}

// --- What happens from outside

std::size_t storm::some_seat() {
  for (;;) {
    const auto number = dice_.below(seats_.size());
    if (seats_[number].home) return number;
  }
}

storm::person* storm::someone() {
  auto& people = houses_[dice_.below(houses_.size())].people;
  if (people.empty()) return nullptr;
  // The latest are the most lively.
  const auto most = std::min<std::size_t>(people.size(), 12);
  return &std::prev(people.end(), static_cast<std::ptrdiff_t>(1 + dice_.below(most)))->second;
}

void storm::start_root() {
  const auto number = some_seat();
  const auto what = some_spec(dice_, false);
  const auto answer =
      seats_[number].home->spawn(what, live, this, number, dice_.next(), std::uint64_t{2});
  spawned(number, what, {}, false, answer);
}

bool storm::is_told_above(house& in, const person& one) {
  for (auto above = one.parent; above;) {
    const auto& parent = in.people.at(above);
    if (parent.told_below) return true;
    above = parent.parent;
  }
  return false;
}

void storm::mark_told(house& in, task_id root) {
  // Ids rise from parents to children, so one pass finds the whole tree.
  std::set<task_id> below{root};
  for (auto at = in.people.find(root); at != in.people.end(); ++at) {
    auto& [id, one] = *at;
    if (id != root && !below.contains(one.parent)) continue;
    below.insert(id);
    one.told = one.told_below = true;
  }
}

void storm::check_told(house& in) {
  for (auto& [id, one] : in.people) {
    if (!one.told || one.handle.has_ended()) continue;
    const auto now = one.handle.record();
    expect(now.state == task_state::running && now.phase != task_phase::active, "cancel",
           to_string(id) + " was to be told to stop, and was not");
  }
}

void storm::cancel_somebody() {
  auto* one = someone();
  if (one == nullptr) return;
  auto& in = houses_[seats_[one->seat].house];
  const auto id = one->handle.id();
  if (dice_.one_in(4)) {
    note("cancel " + to_string(id) + " alone");
    if (one->handle.cancel_one()) one->told = true;
  } else {
    note("cancel " + to_string(id));
    one->handle.cancel();
    mark_told(in, id);
  }
  check_told(in);
}

void storm::cancel_many() {
  const auto number = some_seat();
  auto& at = seats_[number];
  auto& in = houses_[at.house];
  const bool by_run = !dice_.one_in(3);
  const bool by_manager = by_run && dice_.one_in(3);
  const auto run = fmt::format("run{}", dice_.below(3));
  note(by_run ? fmt::format("{} cancels {}", by_manager ? "the manager" : at.name, run)
              : at.name + " cancels all");
  std::vector<task_id> meant;
  for (const auto& [id, one] : in.people) {
    if ((!by_manager && one.seat != number) || one.handle.has_ended()) continue;
    const bool is_top = !one.parent || in.people.at(one.parent).handle.has_ended();
    if (!by_run || (one.what.run_id == run && is_top)) meant.push_back(id);
  }
  if (!by_run) {
    at.home->cancel_all();
  } else if (by_manager) {
    in.at->cancel_run(run);
    in.cancelled_runs.insert(run);
  } else {
    at.home->cancel_run(run);
    at.cancelled_runs.insert(run);
  }
  for (const auto id : meant) mark_told(in, id);
  check_told(in);
}

void storm::cancel_selected() {
  const auto& at = seats_[some_seat()];
  auto& in = houses_[at.house];
  const selection any{.owner = dice_.one_in(3) ? at.name : "",
                      .run_id = fmt::format("run{}", dice_.below(3))};
  note(fmt::format("the manager cancels '{}' and {}", any.owner, any.run_id));
  in.at->cancel_matching(any);
  std::vector<task_id> meant;
  for (const auto& [id, one] : in.people) {
    if (seats_[one.seat].name == any.owner || one.what.run_id == any.run_id) meant.push_back(id);
  }
  for (const auto id : meant) {
    // An ended one that is not kept any more is not found, and nobody below it.
    const auto& one = in.people.at(id);
    if (!one.handle.has_ended()) mark_told(in, id);
  }
  check_told(in);
}

void storm::talk() {
  auto* one = someone();
  if (one == nullptr) return;
  const bool had_ended = one->handle.has_ended();
  const auto sent = one->handle.send("from outside");
  expect(!had_ended || !sent, "mail",
         "a message was taken by the ended task " + to_string(one->handle.id()));
}

void storm::post_something() {
  auto* one = someone();
  if (one == nullptr) return;
  const bool had_ended = one->handle.has_ended();
  const auto expiry = dice_.one_in(2) ? ms(dice_.below(2000)) : duration::max();
  auto letter = one->handle.send_with_receipt("with a receipt", expiry);
  const auto state = letter.state();
  note(fmt::format("a message to {} is {}", to_string(one->handle.id()), to_string(state)));
  expect(!had_ended || state == receipt_state::refused, "mail",
         "a message was taken by the ended task " + to_string(one->handle.id()));
  posts_.push_back({std::move(letter), state});
}

// Another owner's tasks do not exist.
void storm::intrude() {
  auto* one = someone();
  const auto& at = seats_[some_seat()];
  if (one == nullptr || &at == &seats_[one->seat]) return;
  if (at.house != seats_[one->seat].house) return;
  const auto id = one->handle.id();
  const bool found = at.home->find(id) || at.home->get(id) || at.home->cancel(id) != 0 ||
                     at.home->send(id, "hello") || at.home->watch({id}) != 0;
  expect(!found, "owners", fmt::format("{} reaches {}", at.name, to_string(id)));
}

void storm::dispose_of_somebody() {
  const auto number = some_seat();
  auto& at = seats_[number];
  if (at.how == kind::listener) return;
  auto& in = houses_[at.house];
  const auto home = *at.home;
  note(at.name + " is disposed of");
  at.busy.reset();
  at.claims.clear();
  const auto before = sim_->now();
  const auto patience = ms(dice_.below(6000));
  for (auto& [id, one] : in.people) {
    if (one.seat == number) one.told = one.told_below = true;
  }
  const bool is_clean = home.dispose(patience);
  expect(sim_->now() <= before + patience, "bounds", "to dispose of an owner took too long");
  for (const auto& [id, one] : in.people) {
    expect(!is_clean || one.seat != number || one.handle.has_ended(), "ends",
           at.name + " was disposed of, and " + to_string(id) + " lives");
  }
  const auto what = some_spec(dice_, false);
  const auto answer = home.spawn(what, live, this, number, dice_.next(), std::uint64_t{2});
  expect(!answer, "limits", "an owner that was disposed of starts a task");
  spawned(number, what, {}, false, answer);
  read(number);
  if (at.home) leave_and_return(number);
}

void storm::change_sink() {
  const auto number = some_seat();
  auto& at = seats_[number];
  if (at.how != kind::sink) return;
  const auto old = at.sink;
  if (old != 0 && dice_.one_in(2)) {
    note(at.name + " has no sink any more");
    for (const auto& each : houses_[at.house].at->dead_letters()) {
      auto* one = find(at.house, each.what.task);
      if (each.what.owner == at.name && one != nullptr) one->was_letter = true;
    }
    at.sink = 0;
    at.lost_sink = true;
    expect(at.home->remove_sink(old), "events", at.name + " cannot take its sink away");
  } else {
    note(at.name + " has another sink");
    at.sink = at.home->set_sink(make_sink(number));
    expect(at.sink != 0 && at.sink != old, "events", at.name + " gets no sink");
  }
  expect(!at.home->remove_sink(old), "events", at.name + " lost a sink to who set the one before");
}

void storm::stop_a_run() {
  const auto number = some_seat();
  auto& in = houses_[seats_[number].house];
  const auto home = *seats_[number].home;
  const auto run = fmt::format("run{}", dice_.below(3));
  const auto patience = ms(dice_.below(4000));
  note(fmt::format("{} stops {} within {} ms", seats_[number].name, run, patience / 1ms));
  std::vector<task_id> meant;
  for (const auto& [id, one] : in.people) {
    if (one.seat != number || one.handle.has_ended() || one.what.run_id != run) continue;
    if (!one.parent || in.people.at(one.parent).handle.has_ended()) meant.push_back(id);
  }
  for (const auto id : meant) mark_told(in, id);
  seats_[number].cancelled_runs.insert(run);
  const auto before = sim_->now();
  const bool is_clean = home.stop_run(run, patience).is_clean();
  expect(sim_->now() <= before + patience, "bounds", "to stop a run took too long");
  for (const auto id : meant) {
    expect(!is_clean || in.people.at(id).handle.has_ended(), "ends",
           run + " was stopped, and " + to_string(id) + " lives");
  }
}

void storm::wait_for_somebody() {
  auto* one = someone();
  if (one == nullptr || !seats_[one->seat].home) return;
  auto& at = seats_[one->seat];
  const auto id = one->handle.id();
  note("somebody waits for " + to_string(id));
  const bool by_delivery = at.how == kind::sink || at.how == kind::claims;
  if (by_delivery) ++one->watches;
  const auto home = *at.home;
  const bool is_known = home.find(id).has_value();
  const auto end = home.wait(id, ms(dice_.below(1500)));
  if (by_delivery && one->watches != 0) --one->watches;
  if (!end) return;
  expect(is_known && one->handle.record().end == end, "ends",
         "who waits for " + to_string(id) + " is told another end");
  if (by_delivery) one->acknowledged = true;
}

void storm::claim_something(std::size_t of) {
  auto& at = seats_[of];
  const auto consumer = fmt::format("c{}", ++last_consumer_);
  const auto lease = ms(100 + dice_.below(2000));
  const auto claimed = at.home->claim(consumer, lease);
  if (!claimed) return;
  attempted(of, *claimed);
  for (const auto& other : at.claims) {
    expect(other.what.what.task != claimed->what.task || other.until <= sim_->now(), "events",
           claimed->what.id() + " is handed out while " + other.consumer + " has one of its task");
  }
  at.claims.push_back({*claimed, consumer, sim_->now() + lease});
}

void storm::answer_claim(std::size_t of) {
  auto& at = seats_[of];
  if (at.claims.empty()) return;
  const auto which = dice_.below(at.claims.size());
  auto& one = at.claims[which];
  const bool holds = sim_->now() < one.until;
  bool answer = false;
  bool is_over = true;
  const auto choice = dice_.below(6);
  constexpr const char* words[] = {"fails", "releases", "renews", "completes"};
  const auto* word = words[std::min<std::uint64_t>(choice, 3)];
  note(fmt::format("{} {} {}", one.consumer, word, one.what.what.id()));
  switch (choice) {
    case 0: answer = at.home->fail(one.what, one.consumer, "not now"); break;
    case 1: answer = at.home->release(one.what, one.consumer); break;
    case 2:
      answer = at.home->renew(one.what, one.consumer);
      is_over = !answer;
      if (answer) one.until = sim_->now() + at.options.lease;
      break;
    default:
      answer = at.home->complete(one.what, one.consumer);
      if (answer) heard(of, one.what.what);
  }
  expect(answer == holds, "events",
         fmt::format("a claim of {} that {} is {}", one.what.what.id(), holds ? "holds" : "is over",
                     answer ? "accepted" : "refused"));
  if (is_over) at.claims.erase(at.claims.begin() + static_cast<std::ptrdiff_t>(which));
}

void storm::watch_somebody() {
  auto* one = someone();
  if (one == nullptr || !seats_[one->seat].home) return;
  auto& at = seats_[one->seat];
  const auto id = one->handle.id();
  switch (dice_.below(4)) {
    case 0: {
      const bool is_known = at.home->find(id).has_value();
      note("acknowledge " + to_string(id));
      at.home->acknowledge({id});
      if (is_known && (at.how == kind::sink || at.how == kind::claims)) one->acknowledged = true;
      break;
    }
    case 1:
    case 2:
      note("watch " + to_string(id));
      one->watches += at.home->watch({id});
      break;
    default:
      note("unwatch " + to_string(id));
      if (at.home->unwatch({id}) != 0) {
        expect(one->watches != 0, "events", to_string(id) + " was not watched and is unwatched");
        --one->watches;
      } else {
        expect(one->watches == 0, "loss", "a watch of " + to_string(id) + " was forgotten");
      }
  }
}

// What was not read, and what comes, is a dead letter, and whoever comes back asks for them.
void storm::leave_and_return(std::size_t number) {
  auto& at = seats_[number];
  if (at.how == kind::listener) return;
  note(at.name + " leaves and comes back");
  at.busy.reset();
  at.claims.clear();
  at.home.reset();
  for (auto& [id, one] : houses_[at.house].people) {
    if (one.seat == number) one.watches = 0;
  }
  open_seat(at.house, at.name, at.how);
}

void storm::read(std::size_t of) {
  auto& at = seats_[of];
  if (!at.home) return;
  if (at.listener) {
    const auto& all = at.listener->events();
    for (; at.heard_events < all.size(); ++at.heard_events) heard(of, all[at.heard_events]);
  } else if (at.how == kind::queue) {
    // Other things happen meanwhile; the owner may leave.
    const auto home = *at.home;
    while (auto happened = home.next_event(0s)) heard(of, *happened);
  } else if (at.how == kind::claims) {
    dice_.one_in(2) ? claim_something(of) : answer_claim(of);
  }
}

void storm::read_all() {
  for (std::size_t i = 0; i < seats_.size(); ++i) read(i);
}

// What anybody may do at any time, also from inside a body or a sink.
void storm::meddle() {
  switch (dice_.below(15)) {
    case 13:
      if (dice_.one_in(3)) change_sink();
      break;
    case 0:
    case 1:
    case 2: start_root(); break;
    case 3:
    case 4: cancel_somebody(); break;
    case 5:
      if (dice_.one_in(5)) cancel_many();
      break;
    case 6:
      if (dice_.one_in(8)) cancel_selected();
      break;
    case 7: talk(); break;
    case 8: post_something(); break;
    case 9: watch_somebody(); break;
    case 10: {
      auto& at = *houses_[dice_.below(houses_.size())].at;
      if (at.is_paused() || !dice_.one_in(3)) {
        at.resume();
      } else {
        note("pause");
        at.pause();
      }
      break;
    }
    case 11: intrude(); break;
    case 12: {
      auto& at = seats_[some_seat()];
      for (const auto& letter : houses_[at.house].at->dead_letters()) {
        auto* one = find(at.house, letter.what.task);
        if (letter.what.owner == at.name && one != nullptr) one->was_letter = true;
      }
      note(at.name + " asks for its dead letters");
      at.home->replay_dead_letters();
      break;
    }
    default:
      if (dice_.one_in(4)) leave_and_return(some_seat());
  }
}

void storm::do_something() {
  switch (dice_.below(20)) {
    case 0: {
      const auto time = ms(dice_.below(2500));
      note(fmt::format("{} ms pass", time / 1ms));
      sim_->advance(time);
      break;
    }
    case 1:
    case 2:
    case 3: read(some_seat()); break;
    case 4: {
      auto& at = seats_[some_seat()];
      if (dice_.one_in(4)) {
        note(at.name + " begins a turn");
        at.busy = at.home->begin_turn();
      } else {
        at.busy.reset();
      }
      break;
    }
    case 5:
      if (dice_.one_in(10)) dispose_of_somebody();
      if (dice_.one_in(4)) wait_for_somebody();
      if (dice_.one_in(8)) stop_a_run();
      break;
    case 6:
    case 7:
    case 8:
      for (auto steps = dice_.below(30); steps > 0 && sim_->step(); --steps) {
      }
      break;
    default: meddle();
  }
}

void storm::run() {
  const auto rounds = 20 + dice_.below(80);
  for (std::size_t i = 0; i < rounds && violations_.empty(); ++i) {
    do_something();
    check_now(i % 8 == 0);
  }
  is_stormy_ = false;
  if (!violations_.empty()) return;
  dice_.one_in(8) ? shut_down() : come_to_an_end();
}

// In the middle of it all. Whoever does not listen is given up.
void storm::shut_down() {
  const auto patience = ms(dice_.below(4000));
  note(fmt::format("--- the runtime has {} ms to end", patience / 1ms));
  const auto before = sim_->now();
  static_cast<void>(sim_->shutdown(patience));
  expect(sim_->now() <= before + patience, "bounds", "the shutdown took too long");
  read_all();
  check_now(true);
  for (auto& in : houses_) {
    const auto letters = in.at->dead_letters();
    for (const auto& [id, one] : in.people) {
      expect(one.handle.has_ended(), "ends", to_string(id) + " lives after the shutdown");
      std::size_t ends = 0;
      for (const auto& each : one.heard) ends += each.is_terminal() ? 1U : 0U;
      for (const auto& each : letters) ends += each.what.task == id ? 1U : 0U;
      const auto& at = seats_[one.seat];
      const bool by_delivery = at.how == kind::sink || at.how == kind::claims;
      const bool is_told = one.what.events == events_go::to_owner;
      // An actor that was stopped before its first step reads nothing.
      const bool is_deaf = at.listener && at.listener->events().empty();
      if (in.at->metrics().dead_letters > in.options.max_dead_letters) continue;
      expect(by_delivery || !at.home || is_deaf || ends == (is_told ? 1U : 0U), "ends",
             fmt::format("{} has {} terminal events", to_string(id), ends));
    }
  }
}

void storm::come_to_an_end() {
  const auto is_over = [this] { return !violations_.empty(); };
  note("--- the storm is over");
  for (auto& each : houses_) {
    if (each.journal) each.journal->is_calm = true;
    each.at->resume();
  }
  for (auto& at : seats_) at.busy.reset();
  if (dice_.one_in(2)) {
    sim_->run_until_quiet();
    check_now(true);
    check_calm();
    if (is_over()) return;
  }
  note("--- everybody is told to stop");
  for (auto& in : houses_) {
    in.at->cancel_all();
    for (auto& [id, one] : in.people) one.told = one.told_below = true;
    check_told(in);
  }
  sim_->advance(grace + 1s);
  check_now(true);
  for (auto& in : houses_) {
    for (const auto& [id, one] : in.people) {
      expect(one.handle.has_ended(), "ends", to_string(id) + " was cancelled and never ends");
    }
  }
  if (is_over()) return;
  for (auto& in : houses_) {
    for (auto& [id, one] : in.people) {
      const auto& at = seats_[one.seat];
      for (; one.watches != 0 && at.home; --one.watches) at.home->unwatch({id});
    }
  }
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    auto& at = seats_[i];
    at.claims.clear();
    if (!at.home || at.how != kind::claims) continue;
    // Leases run out, delays pass, and what is left is taken.
    for (int round = 0; round < 50 && at.home->deliveries().queued != 0; ++round) {
      sim_->advance(4s);
      while (auto claimed = at.home->claim("last")) {
        attempted(i, *claimed);
        const bool done = at.home->complete(*claimed, "last");
        expect(done, "events", claimed->what.id() + " cannot be completed");
        if (!done) return;
        heard(i, claimed->what);
      }
    }
  }
  sim_->run_until_quiet();
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    if (seats_[i].how != kind::claims) read(i);
  }
  check_now(true);
  check_calm();
  check_the_end();
}

// --- What must hold

std::string storm::place_of(house& in, const person& one) {
  if (one.what.in_parents_slot) return place_of(in, in.people.at(one.parent));
  if (one.what.slot.empty()) return to_string(one.handle.id());
  return fmt::format("{} of {}", one.what.slot, one.seat);
}

// Nobody waits longer, or runs longer, than was agreed on.
void storm::check_time(const house& in, person& one, task_state state) {
  const auto now = sim_->now();
  const auto name = to_string(one.handle.id());
  if (state == task_state::queued) {
    if (!one.queued_since) one.queued_since = now;
    for (const auto longest :
         {in.options.limits.max_wait, seats_[one.seat].options.limits.max_wait}) {
      expect(longest == duration::zero() || now <= *one.queued_since + longest, "limits",
             name + " waits for too long");
    }
  } else {
    if (!one.running_since) one.running_since = now;
    expect(one.what.timeout == duration::zero() ||
               now <= *one.running_since + one.what.timeout + grace,
           "ends", name + " outlives its time-out");
  }
}

void storm::check_children(house& in) {
  std::map<task_id, std::size_t> children;
  for (const auto& [id, one] : in.people) {
    if (one.parent && !one.handle.has_ended()) ++children[one.parent];
  }
  for (const auto& [id, count] : children) {
    const auto& own = seats_[in.people.at(id).seat].options.limits.max_children;
    for (const auto& most : {own, in.options.limits.max_children}) {
      expect(!most || count <= *most, "limits",
             fmt::format("{} has {} children", to_string(id), count));
    }
  }
}

void storm::check_receipts() {
  for (auto& [what, state] : posts_) {
    const auto now = what.state();
    expect(now == state || state == receipt_state::queued, "mail",
           fmt::format("a message that was {} is {}", to_string(state), to_string(now)));
    state = now;
  }
}

void storm::check_now(bool in_full) {
  check_receipts();
  for (auto& in : houses_) {
    const auto now = in.at->metrics();
    std::size_t running = 0;
    std::size_t queued = 0;
    std::size_t ended = 0;
    check_children(in);
    auto most_places = in.options.limits.max_running;
    std::set<std::string> places;
    std::map<std::size_t, std::set<std::string>> places_of_seat;
    std::set<std::pair<std::size_t, std::string>> names;
    for (auto& [id, one] : in.people) {
      const auto state = one.handle.state();
      // Who shares the place of such a task may hold it after its end.
      if (most_places && one.what.max_running) {
        most_places = std::max(most_places, one.what.max_running);
      }
      if (is_terminal(state)) {
        ++ended;
        expect(!one.state || *one.state == state, "ends",
               "the state of " + to_string(id) + " has changed after its end");
        if (!one.state || in_full) {
          const auto end = one.handle.record().end;
          expect(!one.end || one.end == end, "ends",
                 "the outcome of " + to_string(id) + " has changed");
          one.end = end;
        }
        one.state = state;
        continue;
      }
      expect(!one.state, "ends", to_string(id) + " has ended and lives");
      check_time(in, one, state);
      if (one.parent && one.what.life != lifetime::outlives) {
        expect(
            !in.people.at(one.parent).handle.has_ended(), "ends",
            fmt::format("{} has ended before its child {}", to_string(one.parent), to_string(id)));
      }
      ++(state == task_state::queued ? queued : running);
      if (state == task_state::running) {
        const auto place = place_of(in, one);
        places.insert(place);
        places_of_seat[one.seat].insert(place);
      }
      if (!one.what.name.empty()) {
        expect(names.emplace(one.seat, one.what.name).second, "names",
               "two live tasks of one owner are called " + one.what.name);
      }
    }
    expect(now.accepted == in.accepted && now.rejected == in.refused, "limits",
           fmt::format("{} accepted and {} refused are counted, {} and {} were", now.accepted,
                       now.rejected, in.accepted, in.refused));
    expect(now.running == running && now.queued == queued && now.ended == ended, "limits",
           fmt::format("{}, {} and {} are counted; {} run, {} wait and {} have ended", now.running,
                       now.queued, now.ended, running, queued, ended));
    const auto& limits = in.options.limits;
    expect(!most_places || places.size() <= *most_places, "limits",
           fmt::format("{} places are taken", places.size()));
    expect(!limits.max_queued || queued <= *limits.max_queued, "limits",
           fmt::format("{} wait", queued));
    for (const auto& [number, taken] : places_of_seat) {
      const auto& most = seats_[number].options.limits.max_running;
      expect(!most || taken.size() <= *most, "limits",
             fmt::format("{} places of {} are taken", taken.size(), seats_[number].name));
    }
    if (!in_full) continue;

    std::size_t unsettled = 0;
    for (auto& [id, one] : in.people) {
      auto& at = seats_[one.seat];
      const bool by_delivery = at.how == kind::sink || at.how == kind::claims;
      if (!one.end || !by_delivery || one.what.events == events_go::nowhere) continue;
      if (!one.heard.empty() && one.heard.back().is_terminal()) continue;
      ++unsettled;
      if (!at.home || one.acknowledged) continue;
      const auto letters = in.at->dead_letters();
      if (now.dead_letters > in.options.max_dead_letters) continue;
      const bool is_letter = one.was_letter || std::ranges::any_of(letters, [&](const auto& each) {
                               return each.what.task == id;
                             });
      expect(is_letter || at.home->find(id).has_value(), "loss",
             to_string(id) + " is forgotten before its end was delivered");
    }
    std::size_t kept = 0;
    for (const auto& each : in.at->list()) kept += each.end ? 1U : 0U;
    expect(kept <= in.options.max_finished + unsettled, "bounds",
           fmt::format("{} ended tasks are kept, {} of them not delivered", kept, unsettled));
    expect(in.at->dead_letters().size() <= in.options.max_dead_letters, "bounds",
           "too many dead letters are kept");
  }
}

// When nothing can happen any more, everything that could happen has.
void storm::check_calm() {
  for (const auto& [key, one] : waits_) {
    expect(!one.whom.has_ended(), "loss",
           fmt::format("{} waits for {}, which has ended", to_string(one.who),
                       to_string(one.whom.id())));
  }
  for (auto& at : seats_) {
    if (!at.home || at.how != kind::sink) continue;
    expect(at.home->deliveries().queued == 0, "loss", at.name + " is not handed what waits for it");
  }
  check_nobody_waits_without_need();
}

void storm::check_nobody_waits_without_need() {
  for (auto& in : houses_) {
    std::set<std::string> places;
    std::map<std::size_t, std::set<std::string>> held;
    std::set<std::size_t> waiting;
    for (auto& [id, one] : in.people) {
      if (one.handle.state() == task_state::queued) waiting.insert(one.seat);
      if (one.handle.state() != task_state::running) continue;
      places.insert(place_of(in, one));
      held[one.seat].insert(place_of(in, one));
    }
    const auto& most = in.options.limits.max_running;
    if (most && places.size() >= *most) continue;
    for (const auto number : waiting) {
      const auto& own = seats_[number].options.limits.max_running;
      expect(own && held[number].size() >= *own, "limits",
             "a task of " + seats_[number].name + " waits beside a free place");
    }
  }
}

void storm::check_events(house& in, const person& one,
                         const std::map<task_id, std::vector<dead_letter>>& letters) {
  const auto name = one.handle.id();
  const auto& at = seats_[one.seat];
  std::map<std::uint64_t, std::size_t> times;
  std::size_t ends = 0;
  bool is_letter = one.was_letter;
  bool in_order = true;
  std::uint64_t last = 0;
  for (const auto& each : one.heard) {
    ++times[each.seq];
    ends += each.is_terminal() ? 1U : 0U;
    in_order = in_order && each.seq > last;
    last = each.seq;
  }
  if (const auto found = letters.find(one.handle.id()); found != letters.end()) {
    is_letter = true;
    for (const auto& each : found->second) {
      ++times[each.what.seq];
      ends += each.what.is_terminal() ? 1U : 0U;
      if (at.home && !at.lost_sink) {
        const auto& most = at.options.retry.max_attempts;
        expect(most && each.attempts >= *most, "loss",
               each.what.id() + " was given up by an owner that is there");
      }
    }
  }
  const auto id = to_string(name);
  const bool stayed = at.home.has_value();
  const bool counts_letters = in.at->metrics().dead_letters <= in.options.max_dead_letters;
  expect(in_order || is_letter || !stayed, "events", id + " is heard in another order");
  if (one.what.events == events_go::nowhere) {
    expect(times.empty(), "events", id + " is heard and should not be");
    return;
  }
  const bool may_come_twice =
      at.lost_sink || (!stayed && (at.how == kind::sink || at.how == kind::claims));
  for (const auto& [seq, count] : times) {
    expect(count == 1 || may_come_twice, "ends",
           fmt::format("{}:{} is told {} times", id, seq, count));
  }
  if (one.acknowledged || !counts_letters) return;
  expect(ends == 1 || (may_come_twice && ends > 1), "ends",
         fmt::format("{} has {} terminal events", id, ends));
  if (stayed && !at.lost_sink && !times.empty()) {
    expect(times.begin()->first == 1 && times.rbegin()->first == times.size(), "events",
           id + " has a gap in what it tells");
  }
  if (ends == 1 && !is_letter) {
    expect(one.heard.back().is_terminal(), "events", "the end of " + id + " is not the last event");
  }
}

void storm::check_the_end() {
  for (const auto& [what, state] : posts_) {
    expect(is_final(state), "mail", "nobody says what became of a message");
  }
  for (auto& in : houses_) {
    std::map<task_id, std::vector<dead_letter>> letters;
    for (auto& each : in.at->dead_letters()) letters[each.what.task].push_back(each);
    for (const auto& [id, one] : in.people) {
      check_events(in, one, letters);
      if (!one.end) continue;
      expect(one.end->is_success() == one.end->error.empty(), "ends",
             to_string(id) + " does not say why");
      if (in.journal == nullptr) continue;
      const auto written = in.journal->ends.find(id);
      expect(written != in.journal->ends.end() && written->second == one.end, "journal",
             "the journal does not know the end of " + to_string(id));
    }
    const auto now = in.at->metrics();
    expect(now.unwritten_ends == 0, "journal", "an end was not offered again");
    expect(now.running == 0 && now.queued == 0 && now.ended == now.accepted, "limits",
           "not everything has ended for the manager");
    expect(in.at->drain(1s).is_clean(), "ends", "the drain left something");
  }
  for (auto& at : seats_) {
    if (!at.home) continue;
    for (int i = 0; i < 4; ++i) {
      expect(!at.home->find(fmt::format("n{}", i)), "names",
             fmt::format("n{} of {} is never freed", i, at.name));
    }
    expect(!at.home->has_running(), "ends", at.name + " believes that a task lives");
    at.home->drain_deliveries(0s);
    expect(at.home->deliveries().queued == 0, "loss", at.name + " has something left");
  }
  const auto before = sim_->now();
  sim_->run_until_quiet();
  expect(sim_->now() == before, "bounds", "a timer was left");
}

}  // namespace actors::test
