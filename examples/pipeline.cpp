// A pipeline that prepares documents for retrieval. Its stages are bare actors: typed inboxes, no
// names, no records, no JSON, as cheap as an actor gets. One supervised task feeds them.
//
//   librarian ──text──▶ splitter ──sentence──▶ cleaner ──sentence──▶ indexer
//       ▲                                                                │
//       └──────────────────────────── summary ───────────────────────────┘
//
// The messages of one sender arrive in the order in which they were sent. So a request that follows
// the data down the pipeline is answered when all the data before it has arrived.
#include <fmt/format.h>

#include <actors/actor.hpp>
#include <actors/runtime.hpp>
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <variant>

using namespace std::chrono_literals;

struct summary {
  std::size_t sentences = 0;
  std::size_t repeated = 0;
  std::string most_frequent = {};
};

/// What travels from stage to stage: a piece of text, or the question for the summary.
using item = std::variant<std::string, actors::completer<summary>>;
using stage = actors::actor_ref<item>;
/// Messages that may wait for a stage: the one before it waits when it is too slow.
constexpr std::uint32_t room = 64;

actors::coroutine<> splitter(actors::actor_context<item> self, stage next) {
  while (auto received = co_await self.receive()) {
    const auto* text = std::get_if<std::string>(&*received);
    if (text == nullptr) {
      co_await next.async_send(std::move(*received));
      continue;
    }
    for (std::size_t from = 0, stop = 0; from < text->size(); from = stop + 1) {
      stop = std::min(text->find('.', from), text->size());
      co_await next.async_send(text->substr(from, stop - from));
    }
  }
}

actors::coroutine<> cleaner(actors::actor_context<item> self, stage next) {
  while (auto received = co_await self.receive()) {
    if (auto* text = std::get_if<std::string>(&*received)) {
      text->erase(0, text->find_first_not_of(' '));
      std::ranges::transform(*text, text->begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
      });
      if (text->empty()) continue;
    }
    co_await next.async_send(std::move(*received));
  }
}

actors::coroutine<> indexer(actors::actor_context<item> self) {
  std::map<std::string, std::size_t> seen;
  while (auto received = co_await self.receive()) {
    if (const auto* text = std::get_if<std::string>(&*received)) {
      ++seen[*text];
      continue;
    }
    summary found{.sentences = seen.size()};
    std::size_t most = 0;
    for (const auto& [text, count] : seen) {
      if (count > 1) ++found.repeated;
      if (count > most) found.most_frequent = text;
      most = std::max(most, count);
    }
    std::get<actors::completer<summary>>(*received).set_value(std::move(found));
  }
}

actors::coroutine<> librarian(actors::task_context self, stage first) {
  co_await first.async_send("Actors share nothing. Messages are values. A task ends once.");
  co_await first.async_send("A task ends once. Its owner is told.");
  co_await first.async_send("Messages are values. a task ends once.");
  constexpr auto to_the_end = [](actors::completer<summary> answer) { return item(answer); };
  const auto found = co_await actors::ask<summary>(first, to_the_end, 5s);
  self.emit("indexed", {{"sentences", found->sentences}, {"repeated", found->repeated}});
  self.emit("most frequent", found->most_frequent);
}

int main() {
  actors::runtime runtime;
  // Built from the end, because each stage is given the next. Nobody stops the stages: when the
  // last reference to one is gone, it can get no more messages and goes away.
  auto last = runtime.spawn_bounded<item>(room, indexer);
  auto middle = runtime.spawn_bounded<item>(room, cleaner, std::move(last));
  auto first = runtime.spawn_bounded<item>(room, splitter, std::move(middle));
  const auto owner = runtime.open_owner("library");
  owner.spawn({.name = "librarian"}, librarian, std::move(first)).value();
  for (const auto& event : owner.events_until_idle()) fmt::print("{}\n", to_string(event));
}
