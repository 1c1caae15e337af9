#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "catch.hpp"
#include "model/modelled.hpp"

namespace modelled {
#include "actors/detail/mailbox.hpp"
}  // namespace modelled

// The mailbox itself, with the model's atomics.

namespace actors::model {

namespace {

using modelled::actors::detail::mailbox;
using modelled::actors::detail::mailbox_node;

struct letter : mailbox_node {
  checked<int> content;
  int number = 0;  // of the sender's letters
  int sender = 0;
};

/// How the receiver lies down: as it must, or without a second look.
enum class lying_down : std::uint8_t { right, unchecked };

/// How letters are put in place by a thread that runs the receiver next: as they must, or without a
/// look at what was pushed before.
enum class putting : std::uint8_t { right, unchecked };

/// A receiver that a semaphore wakes. What it has is its own while it is awake, also when somebody
/// else wakes it: whoever does takes it over.
class box final : public mailbox {
 public:
  explicit box(lying_down how = lying_down::right) : how_(how) {}

  using mailbox::close;
  using mailbox::push;
  using mailbox::take_batch;
  using mailbox::wake_up;

  /// As strand::push().
  bool push_or_hand_over(letter& one) {
    const auto how = push_or_wake(one);
    if (how != pushed::receiver) return how == pushed::taken;
    handed_.set(&one);
    wake();
    return true;
  }
  /// As strand::push_message() on a worker. `is_next`: does this thread run the receiver next? If
  /// so, it does so by hand_on().
  bool push_or_put(letter& one, bool& is_next, putting how) {
    if (is_next && (how == putting::unchecked || !has_mail())) {
      auto* first = handed_.get();
      mailbox_node* last = first;
      while (last->next != nullptr) last = last->next;
      one.next = nullptr;
      last->next = &one;
      handed_.set(first);
      return true;
    }
    const auto pushed_how = push_or_wake(one);
    if (pushed_how != pushed::receiver) return pushed_how == pushed::taken;
    handed_.set(&one);
    is_next = true;
    return true;
  }
  void hand_on() { wake(); }
  /// What woke it, and what was put behind that.
  letter* take_handed() {
    auto* first = handed_.get();
    if (first != nullptr) handed_.set(nullptr);
    return first;
  }

  bool lie_down() {
    state_.set(state_.get() + 1);
    if (how_ == lying_down::right) return try_sleep();
    if (has_mail()) return false;
    start_asleep();
    return true;
  }
  void sleep() { woken_.acquire(); }
  void work() { state_.set(state_.get() + 1); }

  int wakes = 0;

 private:
  void wake() noexcept override {
    state_.set(state_.get() + 1);  // it belongs to the waker until that hands it on
    ++wakes;
    woken_.release();
  }

  lying_down how_;
  checked<int> state_;
  checked<letter*> handed_;
  semaphore woken_{0};
};

/// Some senders, and a receiver that keeps what it gets.
struct post {
  explicit post(std::vector<int> letters_of, lying_down how = lying_down::right) : at(how) {
    for (const int count : letters_of) {
      auto& mine = letters.emplace_back(static_cast<std::size_t>(count));
      for (int i = 0; i < count; ++i) {
        mine[static_cast<std::size_t>(i)].number = i;
        mine[static_cast<std::size_t>(i)].sender = static_cast<int>(letters.size()) - 1;
        ++total;
      }
    }
    next.resize(letters.size());
    refused.resize(letters.size());
  }

  void send(std::size_t sender, bool handing) {
    for (auto& one : letters[sender]) {
      one.content.set(one.number);
      if (!(handing ? at.push_or_hand_over(one) : at.push(one))) {
        require(one.content.get() == one.number, "a refused letter is not the sender's any more");
        ++refused[sender];
      }
    }
  }
  void keep(letter& one) {
    require(one.content.get() == one.number, "a letter has changed on its way");
    require(one.number == next[static_cast<std::size_t>(one.sender)]++, "the order is wrong");
    ++received;
  }
  void keep_all(mailbox_node* node) {
    while (node != nullptr) {
      auto& one = static_cast<letter&>(*node);
      node = node->next;
      keep(one);
    }
  }
  void receive_everything(bool handing) {
    while (received < total) {
      if (handing) keep_all(at.take_handed());
      keep_all(at.take_batch().oldest);
      if (received == total || !at.lie_down()) continue;
      ++sleeps;
      at.sleep();
      at.work();
    }
  }

  std::vector<std::vector<letter>> letters;
  box at;
  int total = 0;
  std::vector<int> next;
  std::vector<int> refused;
  int received = 0;
  int sleeps = 0;
};

scenario all_arrives(std::vector<int> letters_of, bool handing,
                     lying_down how = lying_down::right) {
  const auto all = std::make_shared<post>(letters_of, how);
  scenario made;
  for (std::size_t i = 0; i < letters_of.size(); ++i) {
    made.threads.emplace_back([=] { all->send(i, handing); });
  }
  made.threads.emplace_back([=] { all->receive_everything(handing); });
  made.at_end = [=] {
    require(all->received == all->total, "a letter was lost");
    require(all->at.wakes == all->sleeps, "a sleep was not ended once");
  };
  return made;
}

/// A sender that has sent one letter on one worker goes on on another one, which has sent something
/// itself, and may be the one that runs the receiver next.
scenario sender_moves(putting how = putting::right) {
  const auto all = std::make_shared<post>(std::vector<int>{1, 2});
  const auto moved = std::make_shared<semaphore>(0);
  const auto fill = [all](std::size_t sender, std::size_t number) -> letter& {
    auto& one = all->letters[sender][number];
    one.content.set(one.number);
    return one;
  };
  scenario made;
  made.threads.emplace_back([=] {
    bool is_next = false;
    require(all->at.push_or_put(fill(0, 0), is_next, how), "it has closed");
    moved->acquire();
    require(all->at.push_or_put(fill(1, 1), is_next, how), "it has closed");
    if (is_next) all->at.hand_on();
  });
  made.threads.emplace_back([=] {
    require(all->at.push_or_hand_over(fill(1, 0)), "it has closed");
    moved->release();
  });
  made.threads.emplace_back([=] { all->receive_everything(true); });
  made.at_end = [=] {
    require(all->received == all->total, "a letter was lost");
    require(all->at.wakes == all->sleeps, "a sleep was not ended once");
  };
  return made;
}

/// The receiver takes what there is, wakes by itself once, and closes.
scenario closes(std::vector<int> letters_of, bool sleeps_first) {
  const auto all = std::make_shared<post>(letters_of);
  scenario made;
  for (std::size_t i = 0; i < letters_of.size(); ++i) {
    made.threads.emplace_back([=] { all->send(i, false); });
  }
  made.threads.emplace_back([=] {
    if (sleeps_first) {
      if (all->at.lie_down()) all->at.wake_up();
      all->keep_all(all->at.take_batch().oldest);
    }
    all->keep_all(all->at.close());
    require(all->at.take_batch().oldest == nullptr, "a closed mailbox has mail");
  });
  made.at_end = [=] {
    int refused = 0;
    for (const int some : all->refused) refused += some;
    require(all->received + refused == all->total, "a letter is neither refused nor received");
    require(all->at.is_closed(), "it has opened again");
  };
  return made;
}

limits with(flaws broken) {
  limits made;
  made.broken = broken;
  return made;
}

}  // namespace

TEST_CASE("model: mail arrives whole, once and in order, and every sleep is ended once",
          "[mailbox_model]") {
  for (const bool handing : {false, true}) {
    for (const auto& letters_of : std::vector<std::vector<int>>{{1}, {2}, {3}, {1, 1}}) {
      const auto found = explore([&] { return all_arrives(letters_of, handing); });
      CAPTURE(handing, letters_of, found.runs);
      INFO(found.failure);
      CHECK(found.is_fine());
    }
  }
}

TEST_CASE("model: letters that are put in place keep their order", "[mailbox_model]") {
  const auto found = explore([] { return sender_moves(); });
  CAPTURE(found.runs);
  INFO(found.failure);
  CHECK(found.is_fine());
}

TEST_CASE("model: letters that are put before others of their sender are found",
          "[mailbox_model]") {
  CHECK_FALSE(explore([] { return sender_moves(putting::unchecked); }).is_fine());
}

TEST_CASE("model: what is pushed while a mailbox closes is received or refused",
          "[mailbox_model]") {
  for (const auto& letters_of : std::vector<std::vector<int>>{{2}, {1, 1}, {2, 1}}) {
    const auto found = explore([&] { return closes(letters_of, false); });
    CAPTURE(letters_of, found.runs);
    INFO(found.failure);
    CHECK(found.is_fine());
  }
}

TEST_CASE("model: a receiver that lies down without a second look is found", "[mailbox_model]") {
  for (const bool handing : {false, true}) {
    const auto found = explore([=] { return all_arrives({1}, handing, lying_down::unchecked); });
    CHECK_FALSE(found.is_fine());
  }
}

TEST_CASE("model: a mailbox on a broken machine is found", "[mailbox_model]") {
  for (const bool handing : {false, true}) {
    const auto make = [=] { return all_arrives({1, 1}, handing); };
    CHECK_FALSE(explore(make, with({.no_orders = true})).is_fine());
    CHECK_FALSE(explore(make, with({.split_updates = true})).is_fine());
  }
  const auto moves = [] { return sender_moves(); };
  CHECK_FALSE(explore(moves, with({.no_orders = true})).is_fine());
  CHECK_FALSE(explore(moves, with({.split_updates = true})).is_fine());
}

}  // namespace actors::model
