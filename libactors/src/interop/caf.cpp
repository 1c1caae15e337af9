#include "actors/caf.hpp"

#include <caf/actor_cast.hpp>
#include <caf/default_attachable.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include "../runtime/caf_engine.hpp"
#include "../supervision/task_core.hpp"
#include "foreign_mail.hpp"
#include "foreign_promise.hpp"

namespace actors {

struct caf_message::promise : detail::foreign_promise {
  using foreign_promise::foreign_promise;
};

caf_message::caf_message(caf::mailbox_element& delivered)
    : content_(delivered.move_content_to_message()),
      promise_(std::make_shared<promise>(delivered)) {}

const caf::strong_actor_ptr& caf_message::sender() const noexcept { return promise_->sender(); }
bool caf_message::is_request() const noexcept { return promise_->is_request(); }
bool caf_message::respond(caf::message answer) const { return promise_->fulfil(std::move(answer)); }
bool caf_message::fail(caf::error why) const { return promise_->fail(std::move(why)); }

caf::actor to_caf(const task_handle& task) {
  auto* cell = task.core()->cell();
  if (cell == nullptr) return {};
  auto handle = detail::caf_actor_of(*cell);
  cell->release();
  return handle;
}

caf::actor_system& caf_system(runtime& home) {
  return static_cast<detail::caf_engine&>(home.engine()).system();
}

namespace {

class function_hook final : public caf_hook {
 public:
  explicit function_hook(std::function<void(caf::actor_system_config&)> how)
      : how_(std::move(how)) {}
  void configure(caf::actor_system_config& config) override { how_(config); }

 private:
  std::function<void(caf::actor_system_config&)> how_;
};

detail::cell& cell_of(const detail::context_base& self) {
  return static_cast<detail::cell&>(self.host());
}

}  // namespace

void configure_caf(runtime_options& options, std::function<void(caf::actor_system_config&)> how) {
  options.caf = std::make_shared<function_hook>(std::move(how));
}

void monitor_caf(const detail::context_base& self, const caf::actor& watched) {
  auto* target = caf::actor_cast<caf::abstract_actor*>(watched);
  target->attach(caf::default_attachable::make_monitor(
      target->address(), caf::actor_cast<caf::actor_addr>(cell_of(self).shown_to_caf())));
}

void link_caf(const detail::context_base& self, const caf::actor& other) {
  auto& cell = cell_of(self);
  cell.shown_to_caf();
  cell.add_link(caf::actor_cast<caf::abstract_actor*>(other));
}

namespace detail {

mailbox_node* foreign_message<caf_message>::accept(void* element) {
  auto& delivered = *static_cast<caf::mailbox_element_ptr*>(element);
  return message_node<caf_message>::make(caf_message(*delivered));
}

caf::actor caf_actor_of(strand& host) {
  return caf::actor_cast<caf::actor>(static_cast<cell&>(host).shown_to_caf());
}

void deliver_to_caf(strand& from, const caf::actor& to, caf::message content) {
  auto& self = static_cast<cell&>(from);
  caf::actor_cast<caf::abstract_actor*>(to)->enqueue(self.shown_to_caf(), caf::make_message_id(),
                                                     std::move(content), nullptr);
}

coroutine<result<caf::message>> await_caf(strand& self, caf::actor from, duration patience,
                                          caf::message question) {
  completion<result<caf::message>> answer;
  auto& asking = static_cast<cell&>(self);
  auto& calls = asking.calls();
  const auto reply = answer.get_completer();
  const auto id = calls.add([reply](caf::mailbox_element& got) {
    auto content = got.move_content_to_message();
    if (content.match_elements<caf::error>()) {
      const auto& why = content.get_as<caf::error>(0);
      reply.set_value(error{error_code::unanswered, "CAF answered with " + caf::to_string(why)});
    } else {
      reply.set_value(std::move(content));
    }
  });
  caf::actor_cast<caf::abstract_actor*>(from)->enqueue(asking.shown_to_caf(), id,
                                                       std::move(question), nullptr);
  /// Forgets the request when this ends without an answer.
  struct call_guard {
    foreign_calls& table;
    std::uint64_t number;
    call_guard(foreign_calls& from, std::uint64_t of) noexcept : table(from), number(of) {}
    call_guard(const call_guard&) = delete;
    call_guard& operator=(const call_guard&) = delete;
    ~call_guard() { table.take(number); }
  };
  const call_guard guard(calls, id.request_id().integer_value());
  auto got = co_await answer.wait_for(patience, "CAF answer");
  if (!got) co_return error{error_code::timed_out, "no answer came from the CAF actor in time"};
  co_return std::move(*got);
}

}  // namespace detail

}  // namespace actors
