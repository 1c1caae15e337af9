// A topic: publishers send to it, it sends to whoever has subscribed.
//
//   newsroom ──publish──▶ topic ──▶ archive     reads everything
//                              ──▶ visitor      unsubscribes after a while
//                              ──▶ commuter     reads slowly, with room for two
//
// One slow reader must neither hold up the others nor make memory grow. Its inbox has a bound that
// its spec names; what does not fit comes back to the topic, which counts it.
#include <fmt/format.h>

#include <actors/runtime.hpp>
#include <variant>

using namespace std::chrono_literals;
using actors::json;

struct subscribe {
  actors::task_handle who;
};
struct unsubscribe {
  actors::task_id who;
};
struct publish {
  json what;
};
struct count_missed {
  actors::completer<json> answer;
};
using request = std::variant<subscribe, unsubscribe, publish, count_missed>;

/// The state of the topic: plain data and a function per request, testable without an actor.
struct subscribers {
  struct subscriber {
    actors::task_handle who;
    int missed = 0;
  };
  std::vector<subscriber> all = {};

  void handle(const subscribe& it) { all.push_back({it.who}); }
  void handle(const unsubscribe& it) {
    std::erase_if(all, [&it](const auto& one) { return one.who.id() == it.who; });
  }
  void handle(const publish& it) {
    for (auto& one : all) {
      if (!one.who.send(it.what)) ++one.missed;
    }
    std::erase_if(all, [](const auto& one) { return one.who.has_ended(); });
  }
  void handle(const count_missed& it) const {
    json missed = json::object();
    for (const auto& one : all) missed[one.who.name()] = one.missed;
    it.answer.set_value(std::move(missed));
  }
};

actors::coroutine<> topic(actors::actor_context<request> self) {
  subscribers state;
  while (auto received = co_await self.receive()) {
    std::visit([&state](const auto& it) { state.handle(it); }, *received);
  }
}

actors::coroutine<json> reader(actors::task_context self) {
  json seen = json::array();
  while (auto mail = co_await self.inbox().next()) seen.push_back(mail->content);
  co_return seen;
}

// Does something else first: here, it waits until the newsroom tells it to go on. value() throws
// when no answer came, and the task ends as failed.
actors::coroutine<json> slow_reader(actors::task_context self) {
  (co_await self.parent().ask("may I read now?", 10s)).value();
  co_return co_await reader(self);
}

actors::coroutine<json> newsroom(actors::task_context self, actors::actor_ref<request> to) {
  const std::vector<actors::task_handle> readers = {
      self.spawn({.name = "archive"}, reader).value(),
      self.spawn({.name = "visitor"}, reader).value(),
      self.spawn({.name = "commuter", .inbox_capacity = 2}, slow_reader).value()};
  for (const auto& who : readers) to.send(subscribe{who});
  for (const auto* news : {"rain", "storm"}) to.send(publish{news});
  to.send(unsubscribe{readers[1].id()});
  for (const auto* news : {"flood", "sun"}) to.send(publish{news});

  // One sender's messages stay in order: when this is answered, all of the above was dealt with.
  constexpr auto to_count = [](actors::completer<json> answer) -> request {
    return count_missed{answer};
  };
  const auto missed = co_await actors::ask<json>(to, to_count, 5s);
  const auto question = co_await self.inbox().next();
  question->reply("yes");
  for (const auto& who : readers) {
    who.close_inbox();
    const auto end = co_await who.ended();
    fmt::print("{:<9} read {}\n", who.name() + ":", actors::dump_json(end.result));
  }
  co_return *missed;
}

int main() {
  actors::runtime runtime;
  const auto owner = runtime.open_owner("publisher");
  const auto task =
      owner.spawn({.name = "newsroom", .timeout = 30s}, newsroom, runtime.spawn<request>(topic));
  fmt::print("missed:   {}\n", actors::dump_json(task->wait()->result));
}
