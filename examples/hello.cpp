#include <actors/runtime.hpp>
#include <cstdio>

using namespace std::chrono_literals;

actors::coroutine<actors::json> critic(actors::task_context self) {
  while (auto mail = co_await self.inbox().next())  // ends when the inbox is closed
    self.parent().send({{"doubt", mail->content}, {"reason", "go outside and look"}});
  co_return "done";
}

actors::coroutine<actors::json> lead(actors::task_context self, std::string claim) {
  auto child = self.spawn({.name = "critic", .goal = "challenge the claim"}, critic);
  child->send(claim);
  auto answer = co_await self.inbox().next(2s);  // waits two seconds at most
  child->cancel();                               // and everything below it
  co_await child->ended();
  co_return answer ? answer->content : "no answer";
}

int main() {
  actors::runtime runtime;
  auto owner = runtime.open_owner("main");
  owner.spawn({.name = "lead", .timeout = 10s}, lead, "the sky is green").value();
  for (const auto& event : owner.events_until_idle()) std::puts(to_string(event).c_str());
}
