#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "actors/envelope.hpp"

// The other side of middleman_test: a program that knows CAF, and of ours only the envelope.
// Connects to the actor and to the task that are published on two loopback ports, talks to both,
// and sees the actor end. Its exit status says how far it came: 0 for the whole way.

namespace {

constexpr auto patience = std::chrono::seconds(30);

enum step : int { all_done, connected, was_answered, saw_error, talked_to_task, saw_end };

caf::expected<caf::actor> connect(caf::actor_system& system, const char* port) {
  const auto number = static_cast<std::uint16_t>(std::strtoul(port, nullptr, 10));
  return system.middleman().remote_actor("127.0.0.1", number);
}

template <class Answer, class... Values>
bool answers(caf::scoped_actor& self, const caf::actor& whom, const Answer& expected,
             Values... values) {
  bool right = false;
  self->request(whom, patience, std::move(values)...)
      .receive([&](const Answer& got) { right = got == expected; }, [](const caf::error&) {});
  return right;
}

bool refuses(caf::scoped_actor& self, const caf::actor& whom) {
  bool right = false;
  self->request(whom, patience, std::string("nonsense"))
      .receive([](int) {},
               [&](const caf::error& why) { right = why == caf::sec::invalid_argument; });
  return right;
}

bool echoes_json(caf::scoped_actor& self, const caf::actor& task) {
  const std::string text = R"({"key":[1,2]})";
  bool right = false;
  self->request(task, patience, actors::envelope{text})
      .receive([&](const actors::envelope& got) { right = got.json_text == text; },
               [](const caf::error&) {});
  return right;
}

bool sees_end(caf::scoped_actor& self, const caf::actor& whom) {
  self->monitor(whom);
  self->send(whom, caf::atom("end"));
  bool right = false;
  self->receive([&](const caf::down_msg& down) { right = down.source == whom.address(); },
                caf::after(patience) >> [] {});
  return right;
}

int talk(caf::actor_system& system, const char* actor_port, const char* task_port) {
  const auto actor = connect(system, actor_port);
  const auto task = connect(system, task_port);
  if (!actor || !task) return connected;
  caf::scoped_actor self(system);
  if (!answers(self, *actor, 42, 20, 22)) return was_answered;
  if (!refuses(self, *actor)) return saw_error;
  if (!echoes_json(self, *task)) return talked_to_task;
  if (!sees_end(self, *actor)) return saw_end;
  return all_done;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return EXIT_FAILURE + 100;
  caf::actor_system_config config;
  config.set("logger.verbosity", caf::atom("quiet"));
  config.load<caf::io::middleman>();
  config.add_message_type<actors::envelope>("actors.envelope");
  caf::actor_system system(config);
  return talk(system, argv[1], argv[2]);
}
