#include <actors/runtime.hpp>
#include <cstdio>

actors::coroutine<actors::json> greet(actors::task_context, std::string who) {
  co_return "hello, " + who;
}

int main() {
  actors::runtime runtime;
  auto owner = runtime.open_owner("consumer");
  owner.spawn({.name = "greet"}, greet, "world").value();
  for (const auto& event : owner.events_until_idle()) std::puts(to_string(event).c_str());
}
