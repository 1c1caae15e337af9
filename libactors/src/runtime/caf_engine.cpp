#include "caf_engine.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/logger.hpp>
#include <cstdio>
#include <thread>

#include "actors/detail/caf_hook.hpp"
#include "actors/envelope.hpp"

namespace actors::detail {

namespace {

// A reference to a cell that may be on its way out; false when it is.
bool try_add_ref(caf::actor_control_block& block) noexcept {
  auto count = block.strong_refs.load(std::memory_order_relaxed);
  while (count != 0) {
    if (block.strong_refs.compare_exchange_weak(count, count + 1, std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

/// In the queue of the scheduler for an actor that is not made yet. Never destroyed: it lies in
/// memory of that actor's, which may be gone after begin().
class beginning final : public caf::resumable {
 public:
  explicit beginning(late_actor& one) noexcept : one_(one) {}

  resume_result resume(caf::execution_unit*, std::size_t) override {
    auto& home = static_cast<caf_engine&>(one_.home());
    if (auto* made = one_.begin()) home.launch(*made);
    home.late_began();
    return cell::reference_was_kept;
  }
  void intrusive_ptr_add_ref_impl() override {}
  void intrusive_ptr_release_impl() override { one_.give_up(); }

 private:
  late_actor& one_;
};
static_assert(sizeof(beginning) <= sizeof(late_actor::job));

}  // namespace

void caf_engine::start_system(const engine_options& options,
                              const std::function<void(caf::actor_system_config&)>& load) {
  config_ = std::make_unique<caf::actor_system_config>();
  config_->set("scheduler.max-threads", static_cast<std::size_t>(options.workers));
  config_->set("scheduler.max-throughput", static_cast<std::size_t>(options.budget));
  config_->set("logger.verbosity", caf::atom("quiet"));
  config_->add_message_type<envelope>("actors.envelope");
  load(*config_);
  if (options.caf != nullptr) options.caf->configure(*config_);
  system_ = std::make_unique<caf::actor_system>(*config_);
  scheduler_ = &system_->scheduler();
  // CAF leaves a reference to the system's logger with this thread, and waits for it to be dropped
  // when the system ends: for ever where another thread ends it, in vain after this thread's end.
  caf::logger::set_current_actor_system(nullptr);
}

void caf_engine::stop_system(time_point deadline) {
  auto& others = system_->registry();
  if (system_->await_actors_before_shutdown() && others.running() != 0) {
    const auto ended = std::make_shared<gate>();
    // CAF waits without a limit: on a thread that can be left behind as well.
    std::thread([&others, ended] {
      others.await_running_count_equal(0);
      ended->open();
    }).detach();
    if (!ended->wait_until(deadline)) {
      static_cast<void>(system_.release());
      static_cast<void>(config_.release());
      return;
    }
  }
  system_.reset();
}

strand& caf_engine::make_cell(const cell_options& options, std::size_t frame_bytes, void** frame) {
  return cell::make(*this, options, frame_bytes, frame);
}

void caf_engine::launch(strand& host) noexcept { static_cast<cell&>(host).launch(); }

void caf_engine::launch_late(late_actor& one) noexcept {
  scheduler().enqueue(::new (one.job) beginning(one));
}

void caf_engine::report_failure(const char* name, std::uint64_t id, const char* what) noexcept {
  try {
    const auto line = std::string(name) + " #" + std::to_string(id) + " failed: " + what;
    if (on_failure_) {
      on_failure_(line);
    } else {
      std::fprintf(stderr, "actors: %s\n", line.c_str());
    }
  } catch (...) {
    std::fprintf(stderr, "actors: an actor failed, and so did the report of it\n");
  }
}

void caf_engine::enter(cell& one) noexcept {
  if (one.observer_ == nullptr) return;
  const auto reason = stopping_.load(std::memory_order_seq_cst);
  if (reason != cancel_reason::none) one.request_stop(reason);
}

void caf_engine::begins(cell& one) noexcept {
  one.stage_ = cell::stage::listed;
  one.shard_ = static_cast<std::uint8_t>(thread_number() % shard_count);
  auto& list = shards_[one.shard_];
  {
    const std::lock_guard lock(list.mutex);
    one.insert_before(list.cells);
  }
  const auto reason = stopping_.load(std::memory_order_seq_cst);
  if (reason != cancel_reason::none) one.request_stop(reason);
  if (abandoning_.load(std::memory_order_seq_cst)) one.request_abandon();
}

void caf_engine::leave(cell& one) noexcept {
  const auto before = std::exchange(one.stage_, cell::stage::left);
  if (before == cell::stage::listed) {
    auto& list = shards_[one.shard_];
    // To the end under the lock: this may be any thread, and whoever waits for the last cell takes
    // the engine apart as soon as it has had each lock.
    const std::lock_guard lock(list.mutex);
    one.unlink();
    count_end(actors_);
  } else {
    // On a thread of the engine, or of somebody who is using it: it is not taken apart meanwhile.
    count_end(one.observer_ != nullptr ? tasks_ : actors_);
  }
}

template <class Action>
std::uint64_t caf_engine::for_each_cell(Action action) const {
  std::uint64_t listed = 0;
  for (const auto& list : shards_) {
    std::vector<cell*> held;
    {
      const std::lock_guard lock(list.mutex);
      for (auto* link = list.cells.next; link != &list.cells; link = link->next) {
        auto& one = *static_cast<cell*>(link);
        ++listed;
        if (try_add_ref(one.block())) held.push_back(&one);
      }
    }
    for (auto* one : held) {
      action(*one);
      one->release();
    }
  }
  return listed;
}

bool caf_engine::is_empty() const {
  if (!tasks_.is_zero() || !actors_.is_zero()) return false;
  // Nobody is left; wait for those who are on their way out.
  for (const auto& list : shards_) const std::lock_guard lock(list.mutex);
  return true;
}

void caf_engine::stop_all(cancel_reason reason) noexcept {
  auto expected = cancel_reason::none;
  // A cell enters its list first and looks at this then; this is set first and the lists are
  // walked then. Each cell is found by one or the other. abandon_all() works in the same way.
  stopping_.compare_exchange_strong(expected, reason, std::memory_order_seq_cst);
  for_each_cell([reason](cell& one) { one.request_stop(reason); });
}

void caf_engine::abandon_all() noexcept {
  abandoning_.store(true, std::memory_order_seq_cst);
  for_each_cell([](cell& one) { one.request_abandon(); });
}

live_report caf_engine::live_actors() const {
  live_report report;
  // Before the walk: whoever begins meanwhile is in it.
  const auto live = actors_.live();
  const auto listed = for_each_cell(
      [&report](cell& one) { report.begun.push_back({one.number(), one.name(), one.awaiting()}); });
  report.not_begun = live > listed ? live - listed : 0;
  return report;
}

bool caf_engine::wait_until_empty(time_point deadline) {
  watched_.store(true, std::memory_order_seq_cst);
  bool in_time = true;
  while (!is_empty()) {
    if (!in_time) return false;
    emptied_.close();
    // Whoever was the last before the gate was closed will not open it again.
    in_time = is_empty() || wait(emptied_, deadline);
  }
  emptied_.open();  // for others who wait for the same
  return true;
}

}  // namespace actors::detail
