#include "scenarios/village.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <set>

#include "actors/task.hpp"
#include "actors/timeout.hpp"
#include "support/task_bodies.hpp"

namespace actors::test {

using namespace std::chrono_literals;

std::uint64_t seeds_to_try() {
  const auto* text = std::getenv("ACTORS_SIM_SEEDS");  // NOLINT(concurrency-mt-unsafe)
  return text == nullptr ? 50 : std::strtoull(text, nullptr, 10);
}

namespace {

duration ms(std::uint64_t count) { return std::chrono::milliseconds(count); }

spec some_spec(dice& luck, bool named) {
  spec what;
  if (named && luck.one_in(2)) what.name = "n" + std::to_string(luck.below(5));
  if (luck.one_in(4)) what.timeout = ms(100 * (1 + luck.below(40)));
  if (luck.one_in(4)) what.inbox_capacity = 2;
  what.life = static_cast<lifetime>(luck.below(3));
  return what;
}

/// Sleeps; when it is told to stop it says so, and goes on as if nothing had happened.
coroutine<void> sleep_stubbornly(task_context self) {
  try {
    co_await sleep_for(2s);
  } catch (const cancelled&) {
    self.emit("told");
  }
}

/// A body with random habits: it works, emits, talks, has children, fails, or does not listen.
coroutine<json> villager(task_context self, std::uint64_t seed, std::uint64_t levels, bool named,
                         std::size_t* requests) {
  dice luck(seed);
  std::vector<task_handle> children;
  const auto habits = 1 + luck.below(6);
  for (std::uint64_t i = 0; i < habits; ++i) {
    switch (luck.below(10)) {
      case 0: co_await sleep_for(ms(luck.below(3000))); break;
      case 1: co_await yield(); break;
      case 2: self.emit("step", i); break;
      case 3: self.parent().send(i); break;
      case 4: co_await self.inbox().next(ms(luck.below(500))); break;
      case 5:
        for (auto& message : self.inbox().drain()) message.reply(message.content);
        break;
      case 6:
        if (!children.empty()) {
          auto question = children.back().ask(i, 200ms);
          static_cast<void>(co_await std::move(question));
        }
        break;
      case 7:
        if (!children.empty() && luck.one_in(2)) {
          children.back().cancel();
        } else if (!children.empty()) {
          co_await with_timeout(300ms, children.front().ended());
        }
        break;
      default:
        if (levels > 0) {
          ++*requests;
          auto what = some_spec(luck, named);
          auto child = self.spawn(what, villager, luck.next(), levels - 1, named, requests);
          if (child) {
            children.push_back(*child);
            child->send("welcome");
          }
        }
    }
  }
  switch (luck.below(8)) {
    case 0: throw std::runtime_error("an unlucky one");
    case 1: co_await until_cancelled(); break;
    // Deaf, maybe for too long.
    case 2: co_await shield(20s, nap_of(ms(1000 * luck.below(12)))); break;
    case 3: co_await sleep_stubbornly(self); break;
    default: break;
  }
  co_return habits;
}

}  // namespace

village::village(std::uint64_t seed, const village_options& how)
    : dice_(seed),
      how_(how),
      journal_(std::make_shared<memory_journal>()),
      sim_(seed, {.manager = {.limits = how.limits,
                              .grace = 5s,
                              .max_finished = 1'000'000,
                              .max_dead_letters = 1'000'000,
                              .journal = journal_}}),
      manager_(sim_.default_manager()) {
  sim_.keep_trace();
  for (std::size_t i = 0; i < how.owners; ++i) {
    auto& seat = seats_.emplace_back();
    seat.name = "owner" + std::to_string(i);
    if (i % 2 == 0) {
      seat.listener.emplace(sim_, seat.name, owner_options{.started_events = true});
      seat.home = seat.listener->get();
    } else {
      seat.home = sim_.open_owner(seat.name);
    }
  }
}

void village::expect(bool holds, const std::string& sentence) {
  if (!holds) violations_.push_back(sentence);
}

const owner& village::someone() {
  for (;;) {
    const auto& seat = seats_[dice_.below(seats_.size())];
    if (seat.home) return *seat.home;
  }
}

std::optional<task_handle> village::some_task() {
  const auto& from = someone();
  const auto list = from.list();
  if (list.empty()) return std::nullopt;
  return from.find(list[dice_.below(list.size())].id);
}

void village::start_root() {
  ++requests_;
  auto what = some_spec(dice_, how_.names);
  // Refused or not: the requests are counted, and the manager counts the rest.
  static_cast<void>(
      someone().spawn(what, villager, dice_.next(), how_.levels, how_.names, &requests_));
}

void village::read_events(household& from) {
  if (!from.home || from.listener) return;
  while (auto happened = from.home->next_event(0s)) from.heard.push_back(std::move(*happened));
}

// Only those that read a queue can leave; what they did not read, and what comes, is a dead letter.
void village::leave() {
  auto& seat = seats_[dice_.below(seats_.size())];
  if (!seat.listener) seat.home.reset();
}

void village::do_something() {
  switch (dice_.below(how_.leaving_owners ? 10 : 9)) {
    case 0: start_root(); break;
    case 1: sim_.advance(ms(dice_.below(2000))); break;
    case 2:
      if (auto task = some_task()) {
        task->cancel();
        check_cancelled(*task);
      }
      break;
    case 3:
      if (auto task = some_task()) {
        const bool had_ended = task->has_ended();
        const auto sent = task->send("from outside");
        expect(!had_ended || !sent,
               "a message was taken by the ended task " + to_string(task->id()));
      }
      break;
    case 4:
      if (dice_.one_in(8)) someone().cancel_all();
      break;
    case 5: read_events(seats_[dice_.below(seats_.size())]); break;
    case 9:
      if (dice_.one_in(4)) leave();
      break;
    default:
      for (auto steps = dice_.below(40); steps > 0 && sim_.step(); --steps) {
      }
  }
}

void village::run() {
  for (std::size_t i = 0; i < how_.roots; ++i) start_root();
  for (std::size_t i = 0; i < how_.rounds; ++i) {
    do_something();
    check_now();
  }
  std::set<std::string> present;
  for (const auto& seat : seats_) {
    if (!seat.home) continue;
    present.insert(seat.name);
    seat.home->cancel_all();
  }
  sim_.run_until_quiet();
  for (const auto& task : there().list()) {
    expect(is_terminal(task.state) || !present.contains(task.owner),
           to_string(task.id) + " was cancelled and never ends");
  }
  check_now();
  for (auto& seat : seats_) read_events(seat);
  expect(sim_.shutdown(60s).is_clean(), "the shutdown left something");
  for (auto& seat : seats_) read_events(seat);
  check_now();
  check_at_the_end();
}

// Below a task that was cancelled everybody was told, and nobody can be born any more.
void village::check_cancelled(const task_handle& root) {
  std::set<std::string> below{to_string(root.id())};
  for (const auto& task : there().list()) {
    // Ids rise from parents to children, so one pass finds the whole tree.
    const auto id = to_string(task.id);
    if (!below.contains(id) && !below.contains(task.from.task_id)) continue;
    below.insert(id);
    expect(is_terminal(task.state) || task.phase != task_phase::active,
           fmt::format("{} was cancelled and {} below it was not told", to_string(root.id()), id));
  }
  told_.merge(below);
}

void village::check_now() {
  const auto now = there().metrics();
  const auto list = there().list();
  expect(now.accepted + now.rejected == requests_,
         fmt::format("{} accepted and {} rejected do not make {} requests", now.accepted,
                     now.rejected, requests_));
  expect(list.size() == now.accepted, "the list does not show every accepted task");

  std::size_t running = 0;
  std::size_t queued = 0;
  std::set<std::pair<std::string, std::string>> names;
  std::map<task_id, task_state> states;
  for (const auto& task : list) {
    states.emplace(task.id, task.state);
    if (is_terminal(task.state)) continue;
    ++(task.state == task_state::queued ? queued : running);
    if (task.what.name.empty()) continue;
    expect(names.emplace(task.owner, task.what.name).second,
           "two live tasks of one owner are called " + task.what.name);
  }
  expect(now.running == running && now.queued == queued,
         fmt::format("{} and {} are counted, {} run and {} wait", now.running, now.queued, running,
                     queued));
  if (how_.limits.max_running) {
    expect(running <= *how_.limits.max_running, fmt::format("{} run at once", running));
  }
  if (how_.limits.max_queued) {
    expect(queued <= *how_.limits.max_queued, fmt::format("{} wait at once", queued));
  }
  for (const auto& task : list) {
    expect(!told_.contains(task.from.task_id) || told_.contains(to_string(task.id)),
           to_string(task.id) + " appeared below a task that was cancelled");
  }
  for (const auto& task : list) {
    if (is_terminal(task.state) || task.what.life == lifetime::outlives) continue;
    const auto parent = task_id::parse(task.from.task_id);
    expect(!parent || !is_terminal(states.at(*parent)),
           fmt::format("{} has ended before its child {}", task.from.task_id, to_string(task.id)));
  }
  for (const auto& [id, end] : ended_) {
    expect(list[id.number()].end == end, "the outcome of " + to_string(id) + " has changed");
  }
  ended_.clear();
  for (const auto& task : list) {
    if (task.end) ended_.emplace_back(task.id, *task.end);
  }
}

// What was heard has no gap; the end is heard, or is a dead letter, once and last.
void village::check_events(const record& task, const std::vector<event>& letters) {
  const auto id = to_string(task.id);
  std::vector<event> events;
  bool has_left = false;
  for (const auto& seat : seats_) {
    if (seat.name == task.owner) has_left = !seat.home;
    const auto& all = seat.listener ? seat.listener->events() : seat.heard;
    for (const auto& one : all) {
      if (one.task != task.id) continue;
      expect(seat.name == task.owner, "an event of " + id + " reached " + seat.name);
      expect(one.seq == events.size() + 1,
             fmt::format("event {} of {} has the number {}", events.size() + 1, id, one.seq));
      events.push_back(one);
    }
  }
  expect(letters.empty() || has_left, id + " has a dead letter and a living owner");
  for (const auto& letter : letters) {
    expect(letter.seq > events.size(), "the dead letter of " + id + " has a number twice");
    events.push_back(letter);
  }
  std::size_t ends = 0;
  for (const auto& one : events) ends += one.is_terminal() ? 1U : 0U;
  expect(ends == 1, fmt::format("{} has {} terminal events", id, ends));
  expect(!events.empty() && events.back().is_terminal() && events.back().result() == task.end,
         "the last event of " + id + " does not tell its outcome");
}

void village::check_at_the_end() {
  std::map<task_id, std::vector<event>> letters;
  for (auto& letter : there().dead_letters()) letters[letter.what.task].push_back(letter.what);
  std::map<task_id, record> written;
  for (auto& entry : journal_->records()) written.emplace(entry.id, entry);

  for (const auto& task : there().list()) {
    const auto id = to_string(task.id);
    expect(is_terminal(task.state), id + " has not ended");
    if (!task.end) continue;
    check_events(task, letters[task.id]);
    expect(written.contains(task.id) && written[task.id].end == task.end,
           "the journal does not know the end of " + id);
    expect(task.end->is_success() == task.end->error.empty(), id + " does not say why");
  }
  const auto before = sim_.now();
  sim_.run_until_quiet();
  expect(sim_.now() == before, "a timer was left");
}

std::size_t village::ended_as(task_state state) const {
  std::size_t count = 0;
  for (const auto& task : there().list()) count += task.state == state ? 1U : 0U;
  return count;
}

}  // namespace actors::test
