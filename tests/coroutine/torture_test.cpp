#include <chrono>
#include <deque>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "actors/blocking.hpp"
#include "actors/completion.hpp"
#include "actors/inbox.hpp"
#include "actors/sleep.hpp"
#include "actors/timeout.hpp"
#include "actors/when_all.hpp"
#include "actors/when_any.hpp"
#include "catch.hpp"
#include "support/bodies.hpp"
#include "support/counted.hpp"
#include "support/local_strand.hpp"

using namespace std::chrono_literals;

// Every way in which a coroutine can end, at every point at which it can: no object is left behind,
// none is destroyed twice.

namespace actors::test {

namespace {

enum class blow { never, raise, stop, abandon };

/// What the bodies share with the test.
struct world {
  /// Called before and after every suspension; at the chosen one, it does what was asked for.
  void step() {
    if (++steps != fuse) return;
    if (how == blow::raise) throw std::runtime_error("the fuse blew");
    if (how == blow::stop) host->request_stop(cancel_reason::requested);
    if (how == blow::abandon) host->request_abandon();
  }

  ledger book;
  detail::strand* host = nullptr;
  std::deque<completer<counted>> open;  ///< Of the completions that were waited for, oldest first.
  int steps = 0;
  int fuse = 0;
  blow how = blow::never;
};

using mail = inbox<counted>;

coroutine<counted> sleeper(world* all, duration time) {
  const counted local(all->book);
  all->step();
  co_await sleep_for(time);
  all->step();
  co_return local;
}

coroutine<counted> yielder(world* all) {
  const counted local(all->book);
  all->step();
  co_await yield();
  all->step();
  co_return local;
}

coroutine<counted> receiver(world* all, mail in) {
  const counted local(all->book);
  all->step();
  const auto message = co_await in.next();
  all->step();
  co_return message.value_or(local);
}

coroutine<void> patient_receiver(world* all, mail in) {
  const counted local(all->book);
  all->step();
  const auto message = co_await in.next(1s);
  all->step();
}

coroutine<counted> asker(world* all) {
  const completion<counted> answer;
  all->open.push_back(answer.get_completer());
  const counted local(all->book);
  all->step();
  auto value = co_await answer.wait();
  all->step();
  co_return value;
}

coroutine<void> impatient_asker(world* all) {
  const completion<counted> answer;
  all->open.push_back(answer.get_completer());
  all->step();
  const auto value = co_await answer.wait_for(1s);
  all->step();
}

coroutine<counted> blocker(world* all, on_cancel policy) {
  const counted local(all->book);
  const auto work = [local] { return local; };
  all->step();
  auto value = co_await blocking(work, policy);
  all->step();
  co_return value;
}

coroutine<void> cleaner(world* all, mail in) {
  const counted local(all->book);
  bool is_cancelled = false;
  try {
    co_await receiver(all, in);
  } catch (const cancelled&) {
    is_cancelled = true;
  }
  all->step();
  if (is_cancelled) co_await shield(2s, sleeper(all, 1s));
  all->step();
}

coroutine<counted> three_together(world* all, mail in) {
  const counted local(all->book);
  all->step();
  const auto values = co_await when_all(sleeper(all, 1s), receiver(all, in), asker(all));
  all->step();
  co_return std::get<1>(values);
}

coroutine<counted> first_of_list(world* all, mail in) {
  std::vector<coroutine<counted>> work;
  work.push_back(sleeper(all, 2s));
  work.push_back(receiver(all, in));
  work.push_back(blocker(all, on_cancel::abandon));
  work.push_back(three_together(all, in));
  all->step();
  auto first = co_await when_any(std::move(work));
  all->step();
  co_return std::move(first.value);
}

coroutine<void> in_time(world* all, mail in) {
  const counted local(all->book);
  all->step();
  const auto value = co_await with_timeout(2s, three_together(all, in));
  all->step();
}

coroutine<int> everything(world* all, mail in) {
  const counted local(all->book);
  co_await yielder(all);
  co_await in_time(all, in);
  co_await first_of_list(all, in);
  std::vector<coroutine<void>> work;
  work.push_back(cleaner(all, in));
  work.push_back(in_time(all, in));
  work.push_back(patient_receiver(all, in));
  work.push_back(impatient_asker(all));
  all->step();
  co_await when_all(std::move(work));
  all->step();
  auto waiting = blocker(all, on_cancel::wait);
  const auto late = co_await with_timeout(1s, std::move(waiting));
  all->step();
  co_await when_any(cleaner(all, in), in_time(all, in), yielder(all));
  all->step();
  co_return 1;
}

/// One run of `everything`, with a world that moves on bit by bit.
class performance {
 public:
  explicit performance(blow how = blow::never, int fuse = 0) {
    all_.host = &strand_;
    all_.how = how;
    all_.fuse = fuse;
    strand_.hold_blocking_work();
    strand_.start(everything(&all_, strand_.mail()));
  }

  /// One thing happens, or the strand has a short turn; false when it has ended.
  bool move_on() {
    switch (++moves_ % 10) {
      case 3: strand_.send(counted(all_.book)); break;
      case 5: strand_.move_clock(500ms); break;
      case 7: answer_oldest(); break;
      case 9: strand_.run_blocking_work(); break;
      default: strand_.run_once(1);
    }
    return !strand_.has_ended();
  }
  void play_to_the_end() {
    for (int i = 0; move_on(); ++i) REQUIRE(i < 10'000);
  }
  void stop() { strand_.request_stop(cancel_reason::requested); }
  /// Destroys what there is, and checks that nothing is left.
  void take_down() {
    strand_.end();
    strand_.discard_blocking_work();
    all_.open.clear();
    REQUIRE(strand_.references() == 0);
    REQUIRE(all_.book.alive() == 0);
    REQUIRE(all_.book.mistakes() == 0);
  }

  int steps() const { return all_.steps; }
  int moves() const { return moves_; }
  int result() { return strand_.result(); }

 private:
  void answer_oldest() {
    if (all_.open.empty()) return;
    all_.open.front().set_value(all_.book);
    all_.open.pop_front();
  }

  world all_;
  local_strand<int, counted> strand_{3};
  int moves_ = 0;
};

// How often step() is called, and how many moves it takes, when nothing goes wrong.
struct size_of_play {
  int steps = 0;
  int moves = 0;
};

size_of_play measure() {
  performance undisturbed;
  undisturbed.play_to_the_end();
  REQUIRE(undisturbed.result() == 1);
  const size_of_play size{undisturbed.steps(), undisturbed.moves()};
  undisturbed.take_down();
  return size;
}

coroutine<long> nested(long depth, coroutine<long> (*innermost)()) {
  if (depth == 0) co_return co_await innermost();
  co_return 1 + co_await nested(depth - 1, innermost);
}

coroutine<long> at_once() { co_return 0; }
coroutine<long> never() {
  co_await until_cancelled();
  co_return 0;
}
coroutine<long> broken() {
  throw std::runtime_error("broken");
  co_return 0;
}

coroutine<long> nested_deadlines(long depth) {
  if (depth == 0) co_return co_await never();
  const auto value = co_await with_timeout(depth * 1s, nested_deadlines(depth - 1));
  co_return 1 + value.value_or(0);
}

coroutine<long> call_often(long count) {
  long sum = 0;
  for (long i = 0; i < count; ++i) sum += co_await give(1);
  co_return sum;
}

coroutine<long> receive_often(inbox<int> in) {
  long sum = 0;
  while (auto message = co_await in.next()) sum += *message;
  co_return sum;
}

coroutine<long> wait_often(completion<int>* answer, long count) {
  long sum = 0;
  for (long i = 0; i < count; ++i) sum += co_await answer->wait();
  co_return sum;
}

coroutine<long> combine_often(long count) {
  long sum = 0;
  for (long i = 0; i < count; ++i) {
    const auto first = co_await when_any(give(1), give(1));
    sum += std::get<0>(first);
  }
  co_return sum;
}

coroutine<long> pass_back(inbox<int> in, local_strand<long>* other, long count) {
  long sum = 0;
  for (long i = 0; i < count; ++i) {
    const auto message = co_await in.next();
    sum += *message;
    other->send(1);
  }
  co_return sum;
}

constexpr long a_million = 1'000'000;

}  // namespace

TEST_CASE("an exception at any point frees everything once", "[torture]") {
  const auto size = measure();
  REQUIRE(size.steps > 40);
  for (int fuse = 1; fuse <= size.steps; ++fuse) {
    CAPTURE(fuse);
    performance play(blow::raise, fuse);
    play.play_to_the_end();
    play.take_down();
  }
}

TEST_CASE("a stop at any point ends the work and frees everything once", "[torture]") {
  const auto size = measure();
  for (int fuse = 1; fuse <= size.steps; ++fuse) {
    CAPTURE(fuse);
    performance play(blow::stop, fuse);
    play.play_to_the_end();
    play.take_down();
  }
}

TEST_CASE("an abandon at any point frees everything once", "[torture]") {
  const auto size = measure();
  for (int fuse = 1; fuse <= size.steps; ++fuse) {
    CAPTURE(fuse);
    performance play(blow::abandon, fuse);
    play.play_to_the_end();
    play.take_down();
  }
}

TEST_CASE("destruction at any time frees everything once", "[torture]") {
  const auto size = measure();
  for (int last = 0; last <= size.moves; ++last) {
    CAPTURE(last);
    performance play;
    for (int i = 0; i < last; ++i) play.move_on();
    play.take_down();
  }
}

TEST_CASE("a stop from outside at any time ends the work and frees everything once", "[torture]") {
  const auto size = measure();
  for (int last = 0; last <= size.moves; ++last) {
    CAPTURE(last);
    performance play;
    for (int i = 0; i < last; ++i) play.move_on();
    play.stop();
    play.play_to_the_end();
    play.take_down();
  }
}

TEST_CASE("destruction at any time after a stop frees everything once", "[torture]") {
  const auto size = measure();
  for (int last = 0; last <= size.moves; last += 3) {
    for (int more = 0; more < 12; ++more) {
      CAPTURE(last, more);
      performance play;
      for (int i = 0; i < last; ++i) play.move_on();
      play.stop();
      for (int i = 0; i < more; ++i) play.move_on();
      play.take_down();
    }
  }
}

TEST_CASE("a million calls that do not wait need no deeper stack", "[torture]") {
  local_strand<long> strand(call_often(a_million));
  CHECK(strand.run());
  CHECK(strand.result() == a_million);
}

TEST_CASE("a million messages that are there need no deeper stack", "[torture]") {
  local_strand<long> strand;
  strand.start(receive_often(strand.mail()));
  for (long i = 0; i < a_million; ++i) strand.send(1);
  strand.close_input();
  CHECK(strand.run(2 * a_million));
  CHECK(strand.turns() == 1);
  CHECK(strand.result() == a_million);
}

TEST_CASE("a million waits for what is done need no deeper stack", "[torture]") {
  completion<int> answer;
  answer.get_completer().set_value(1);
  local_strand<long> strand(wait_often(&answer, a_million));
  CHECK(strand.run(2 * a_million));
  CHECK(strand.result() == a_million);
}

TEST_CASE("a hundred thousand races in turn need no deeper stack", "[torture]") {
  local_strand<long> strand(combine_often(100'000));
  CHECK(strand.run());
  CHECK(strand.result() == 100'000);
}

TEST_CASE("a million nested calls need no deeper stack", "[torture]") {
  local_strand<long> strand(nested(a_million, at_once));
  CHECK(strand.run());
  CHECK(strand.result() == a_million);
}

TEST_CASE("a million nested calls that wait are destroyed without a deep stack", "[torture]") {
  local_strand<long> strand(nested(a_million, never));
  CHECK_FALSE(strand.run());
  strand.destroy();
}

TEST_CASE("an exception travels through a hundred thousand nested calls", "[torture]") {
  local_strand<long> strand(nested(100'000, broken));
  CHECK(strand.run());
  CHECK_THROWS_WITH(strand.result(), "broken");
}

TEST_CASE("a cancel travels through a hundred thousand nested calls", "[torture]") {
  local_strand<long> strand(nested(100'000, never));
  CHECK_FALSE(strand.run());
  strand.request_stop(cancel_reason::requested);
  CHECK(strand.run());
  CHECK_THROWS_AS(strand.result(), cancelled);
}

TEST_CASE("a hundred thousand nested deadlines need no deep stack", "[torture]") {
  constexpr long depth = 100'000;
  local_strand<long> strand(nested_deadlines(depth));
  CHECK_FALSE(strand.run());
  SECTION("when the nearest passes") {
    CHECK(strand.advance(1s));
    CHECK(strand.result() == depth);
  }
  SECTION("when all are cancelled") {
    strand.request_stop(cancel_reason::requested);
    CHECK(strand.run());
    CHECK_THROWS_AS(strand.result(), cancelled);
  }
  SECTION("when they are destroyed") { strand.destroy(); }
}

TEST_CASE("two strands on two threads wake each other", "[torture]") {
  constexpr long count = 5'000;
  local_strand<long> left;
  local_strand<long> right;
  left.start(pass_back(left.mail(), &right, count));
  right.start(pass_back(right.mail(), &left, count));
  left.send(1);
  std::thread other([&right] { right.serve(); });
  left.serve();
  other.join();
  CHECK(left.result() == count);
  CHECK(right.result() == count);
  left.end();
  right.end();
}

}  // namespace actors::test
