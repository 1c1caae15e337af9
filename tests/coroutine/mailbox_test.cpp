#include "actors/detail/mailbox.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "catch.hpp"

namespace actors::test {

namespace {

using detail::mailbox;
using detail::mailbox_node;

struct letter : mailbox_node {
  int sender = 0;
  int number = 0;
};

/// A mailbox whose receiver is the test.
class open_mailbox final : public mailbox {
 public:
  using mailbox::close;
  using mailbox::has_mail;
  using mailbox::start_asleep;
  using mailbox::take_batch;
  using mailbox::try_sleep;
  using mailbox::wake_up;

  int wakes() const { return wakes_; }

  /// Sleeps until a push wakes it; does nothing when there is mail already.
  void sleep_until_mail() {
    if (!try_sleep()) return;
    awake_.wait(false, std::memory_order_acquire);
    awake_.store(false, std::memory_order_relaxed);
    ++sleeps_;
  }
  int sleeps() const { return sleeps_; }

 private:
  void wake() noexcept override {
    ++wakes_;  // not atomic: wakes never overlap, and TSan tells when they do
    awake_.store(true, std::memory_order_release);
    awake_.notify_one();
  }

  std::atomic<bool> awake_{false};
  int wakes_ = 0;
  int sleeps_ = 0;
};

std::vector<int> numbers_of(const mailbox_node* node) {
  std::vector<int> numbers;
  for (; node != nullptr; node = node->next) {
    numbers.push_back(static_cast<const letter*>(node)->number);
  }
  return numbers;
}

using letters = std::vector<std::unique_ptr<letter>>;

letters make_letters(int sender, int count) {
  letters all;
  for (int i = 0; i < count; ++i) {
    all.push_back(std::make_unique<letter>());
    all.back()->sender = sender;
    all.back()->number = i;
  }
  return all;
}

}  // namespace

TEST_CASE("mail is taken oldest first and once", "[mailbox]") {
  open_mailbox box;
  CHECK(box.take_batch().oldest == nullptr);
  const auto mail = make_letters(0, 3);
  for (const auto& one : mail) CHECK(box.push(*one));
  CHECK(box.has_mail());
  CHECK(numbers_of(box.take_batch().oldest) == std::vector{0, 1, 2});
  CHECK_FALSE(box.has_mail());
  CHECK(box.take_batch().oldest == nullptr);
  CHECK(box.wakes() == 0);
}

TEST_CASE("only the push that finds the receiver asleep wakes it", "[mailbox]") {
  open_mailbox box;
  const auto mail = make_letters(0, 3);
  CHECK(box.try_sleep());
  CHECK_FALSE(box.has_mail());
  CHECK(box.take_batch().oldest == nullptr);
  for (const auto& one : mail) box.push(*one);
  CHECK(box.wakes() == 1);
  CHECK(numbers_of(box.take_batch().oldest) == std::vector{0, 1, 2});
}

TEST_CASE("a mailbox that starts asleep is woken by the first push", "[mailbox]") {
  open_mailbox box;
  box.start_asleep();
  const auto mail = make_letters(0, 1);
  box.push(*mail[0]);
  CHECK(box.wakes() == 1);
}

TEST_CASE("a receiver with mail does not fall asleep", "[mailbox]") {
  open_mailbox box;
  const auto mail = make_letters(0, 1);
  box.push(*mail[0]);
  CHECK_FALSE(box.try_sleep());
  CHECK(box.wakes() == 0);
}

TEST_CASE("a receiver that woke by itself is not woken", "[mailbox]") {
  open_mailbox box;
  const auto mail = make_letters(0, 1);
  CHECK(box.try_sleep());
  box.wake_up();
  box.push(*mail[0]);
  CHECK(box.wakes() == 0);
  box.wake_up();
  CHECK(numbers_of(box.take_batch().oldest) == std::vector{0});
}

TEST_CASE("closing hands out what was left and refuses what comes", "[mailbox]") {
  open_mailbox box;
  const auto mail = make_letters(0, 3);
  box.push(*mail[0]);
  box.push(*mail[1]);
  CHECK_FALSE(box.is_closed());
  CHECK(numbers_of(box.close()) == std::vector{0, 1});
  CHECK(box.is_closed());
  CHECK_FALSE(box.push(*mail[2]));
  CHECK(mail[2]->next == nullptr);
  CHECK(box.take_batch().oldest == nullptr);
  CHECK_FALSE(box.try_sleep());
  CHECK(box.close() == nullptr);
}

TEST_CASE("closing a sleeping mailbox wakes nobody", "[mailbox]") {
  open_mailbox box;
  const auto mail = make_letters(0, 1);
  CHECK(box.try_sleep());
  CHECK(box.close() == nullptr);
  CHECK_FALSE(box.push(*mail[0]));
  CHECK(box.wakes() == 0);
}

TEST_CASE("mail of many threads arrives once, in the order of each, and every sleep is ended once",
          "[mailbox]") {
  constexpr int sender_count = 3;
  constexpr int letter_count = 50'000;
  open_mailbox box;
  std::vector<letters> mail;
  for (int i = 0; i < sender_count; ++i) mail.push_back(make_letters(i, letter_count));

  std::vector<std::thread> senders;
  for (const auto& of_one : mail) {
    senders.emplace_back([&box, &of_one] {
      for (const auto& one : of_one) box.push(*one);
    });
  }

  std::vector<int> next(sender_count, 0);
  int mistakes = 0;
  for (int received = 0; received < sender_count * letter_count;) {
    box.sleep_until_mail();
    for (const auto* node = box.take_batch().oldest; node != nullptr; node = node->next) {
      const auto& one = *static_cast<const letter*>(node);
      auto& expected = next[static_cast<std::size_t>(one.sender)];
      if (one.number != expected) ++mistakes;
      ++expected;
      ++received;
    }
  }
  for (auto& sender : senders) sender.join();

  CHECK(mistakes == 0);
  CHECK(box.wakes() == box.sleeps());
}

TEST_CASE("what is pushed while a mailbox closes is either handed out or refused", "[mailbox]") {
  constexpr int sender_count = 2;
  constexpr int letter_count = 100;
  for (int round = 0; round < 200; ++round) {
    open_mailbox box;
    std::vector<letters> mail;
    std::vector<int> accepted(sender_count, 0);
    for (int i = 0; i < sender_count; ++i) mail.push_back(make_letters(i, letter_count));
    std::vector<std::thread> senders;
    for (std::size_t i = 0; i < mail.size(); ++i) {
      senders.emplace_back([&box, &mail, &accepted, i] {
        for (const auto& one : mail[i]) {
          if (!box.push(*one)) return;
          ++accepted[i];
        }
      });
    }

    std::vector<int> received(sender_count, 0);
    const auto count = [&received](const mailbox_node* node) {
      for (; node != nullptr; node = node->next) {
        ++received[static_cast<std::size_t>(static_cast<const letter*>(node)->sender)];
      }
    };
    while (!box.has_mail()) std::this_thread::yield();
    for (int i = 0; i < round % 7; ++i) count(box.take_batch().oldest);
    count(box.close());
    for (auto& sender : senders) sender.join();

    REQUIRE(received == accepted);
  }
}

}  // namespace actors::test
