#include <spawn.h>
#include <sys/wait.h>

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <csignal>
#include <optional>
#include <string>
#include <thread>

#include "actors/caf.hpp"
#include "catch.hpp"
#include "support/caf_story.hpp"

using namespace std::chrono_literals;

// Our actors, published by CAF's middleman and reached by another process.

extern char** environ;

namespace actors::test {

namespace {

/// Adds for whoever asks, until it is told to end.
coroutine<void> calculator(actor_context<caf_message> self, told* heard) {
  while (const auto message = co_await self.receive()) {
    const auto& content = message->content();
    if (content.match_elements<int, int>()) {
      message->reply(content.get_as<int>(0) + content.get_as<int>(1));
    } else if (content.match_elements<caf::atom_value>()) {
      heard->add(caf::to_string(content.get_as<caf::atom_value>(0)));
      co_return;
    } else {
      message->fail(caf::make_error(caf::sec::invalid_argument));
    }
  }
}

coroutine<json> echo(task_context self) {
  while (const auto mail = co_await self.inbox().next()) mail->reply(mail->content);
  co_return nullptr;
}

/// A second process, ended with the test if it does not end before.
class process {
 public:
  process(const std::string& program, const std::string& first, const std::string& second) {
    const std::string* words[] = {&program, &first, &second};
    char* arguments[4] = {};
    for (int i = 0; i < 3; ++i) arguments[i] = const_cast<char*>(words[i]->c_str());
    if (posix_spawn(&id_, program.c_str(), nullptr, nullptr, arguments, environ) != 0) return;
    waiter_ = std::thread([this] {
      int status = 0;
      waitpid(id_, &status, 0);
      status_ = status;
      ended_.add();
    });
  }
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  ~process() {
    if (!waiter_.joinable()) return;
    if (ended_.count() == 0) kill(id_, SIGKILL);
    waiter_.join();
  }

  /// Its exit status; empty when it was not started, crashed, or did not end.
  std::optional<int> exit_status() {
    if (!waiter_.joinable() || !ended_.reaches(1) || !WIFEXITED(status_)) return std::nullopt;
    return WEXITSTATUS(status_);
  }

 private:
  pid_t id_ = 0;
  int status_ = 0;
  tally ended_;
  std::thread waiter_;
};

std::string publish(runtime& home, const caf::actor& actor) {
  const auto port = caf_system(home).middleman().publish(actor, 0, "127.0.0.1");
  return port ? std::to_string(*port) : std::string();
}

runtime_options with_middleman() {
  runtime_options options;
  configure_caf(options,
                [](caf::actor_system_config& config) { config.load<caf::io::middleman>(); });
  return options;
}

}  // namespace

TEST_CASE("a second process reaches an actor and a task over CAF's network", "[middleman]") {
  told heard;
  runtime home(with_middleman());
  const auto owner = home.open_owner("main");
  const auto task = owner.spawn(spec{}, echo);
  REQUIRE(task);
  const auto task_port = publish(home, to_caf(*task));
  const auto actor_port = publish(home, to_caf(home.spawn<caf_message>(calculator, &heard)));
  REQUIRE_FALSE(task_port.empty());
  REQUIRE_FALSE(actor_port.empty());
  process peer(ACTORS_REMOTE_PEER, actor_port, task_port);
  // Which step it did not manage is in remote_peer.cpp.
  CHECK(peer.exit_status() == 0);
  CHECK(heard.count() == 1);
  CHECK(heard.only() == "end");
  CHECK_FALSE(task->has_ended());
}

TEST_CASE("a runtime with a middleman closes cleanly while something is published", "[middleman]") {
  told heard;
  runtime home(with_middleman());
  const auto actor = home.spawn<caf_message>(calculator, &heard);
  REQUIRE_FALSE(publish(home, to_caf(actor)).empty());
  CHECK(home.shutdown(patience).is_clean());
}

}  // namespace actors::test
