// What one more of each costs while nothing happens, in bytes of resident memory: a bare actor and
// a supervised task that wait for a message, and the record of a task that has ended.
#include <sys/wait.h>

#include <actors/runtime.hpp>
#include <algorithm>
#include <latch>
#include <vector>

#include "bench.hpp"

namespace {

using number = std::int64_t;

actors::coroutine<> wait_as_actor(actors::actor_context<number> self, std::latch* waiting) {
  waiting->count_down();
  co_await self.receive();
}

actors::coroutine<> wait_as_task(actors::task_context self, std::latch* waiting) {
  waiting->count_down();
  co_await self.inbox().next();
}

actors::coroutine<> end_at_once(actors::task_context) { co_return; }

number grown_by_actors(actors::runtime& runtime, number count) {
  std::latch waiting(count);
  // Filled before the first look at the memory, so that it does not count.
  std::vector<actors::actor_ref<number>> kept(static_cast<std::size_t>(count));
  const auto before = bench::resident_bytes();
  for (auto& one : kept) one = runtime.spawn<number>(wait_as_actor, &waiting);
  waiting.wait();
  return bench::resident_bytes() - before;
}

number grown_by_tasks(actors::runtime& runtime, number count) {
  std::latch waiting(count);
  const auto owner = runtime.open_owner("bench");
  const auto before = bench::resident_bytes();
  for (number i = 0; i < count; ++i) owner.spawn({}, wait_as_task, &waiting).value();
  waiting.wait();
  const auto after = bench::resident_bytes();
  owner.cancel_all();
  return after - before;
}

number grown_by_records(actors::runtime& runtime, number count) {
  // Few at a time, so that what is left behind is records, not room for a crowd of live tasks.
  constexpr number wave = 1'000;
  const auto owner = runtime.open_owner("bench");
  const auto before = bench::resident_bytes();
  for (number done = 0; done < count;) {
    const auto stop = std::min(done + wave, count);
    for (auto i = done; i < stop; ++i) owner.spawn({}, end_at_once).value();
    for (; done < stop; ++done) owner.next_event();
  }
  const auto after = bench::resident_bytes();
  bench::check("records", static_cast<number>(owner.list().size()), count);
  return after - before;
}

/// In a process of its own, because memory that is free again would hide the growth of the next.
void measure(const bench::setup& how, const char* name_of_case,
             number (*grow)(actors::runtime&, number)) {
  const auto child = fork();
  if (child == 0) {
    actors::runtime_options options{.workers = how.workers};
    options.manager.max_finished = static_cast<std::size_t>(how.size);
    actors::runtime runtime(options);
    const auto grown = static_cast<double>(grow(runtime, how.size));
    bench::report(how, name_of_case, how.size,
                  {{"bytes_each", grown / static_cast<double>(how.size)}});
    std::_Exit(0);  // taking millions of them apart is not the question
  }
  int status = 1;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
    bench::fail("the case " + std::string(name_of_case) + " failed");
  }
}

}  // namespace

int main(int, char** argv) {
  const auto how = bench::parse(argv + 1, "idle_memory", 1'000'000);
  measure(how, "actor", grown_by_actors);
  measure(how, "task", grown_by_tasks);
  measure(how, "record", grown_by_records);
}
