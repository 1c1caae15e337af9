#include "actors/detail/into_coroutine.hpp"

#include "actors/completion.hpp"
#include "actors/inbox.hpp"
#include "actors/sleep.hpp"
#include "actors/when_all.hpp"
#include "actors/when_any.hpp"
#include "catch.hpp"
#include "support/local_strand.hpp"

using namespace actors;
using namespace std::chrono_literals;

namespace {

coroutine<int> seven() { co_return 7; }

coroutine<std::size_t> mail_or_time(inbox<int> mail) {
  const auto first = co_await when_any(mail.next(), sleep_for(1s));
  co_return first.index();
}

coroutine<int> all_kinds(inbox<int> mail, const completion<int>& done) {
  const auto [a, b, c, d] = co_await when_all(mail.next(), done.wait(), sleep_for(1s), seven());
  co_return *a + b + d;
}

coroutine<bool> until_stopped() {
  co_await when_any(until_cancelled(), sleep_for(1s));
  co_return true;
}

}  // namespace

TEST_CASE("a combinator takes plain waits beside coroutines", "[when_any]") {
  test::local_strand<std::size_t> strand;
  SECTION("the message comes first") {
    strand.start(mail_or_time(strand.mail()));
    CHECK_FALSE(strand.run());
    strand.send(1);
    REQUIRE(strand.run());
    CHECK(strand.result() == 0);
  }
  SECTION("the time comes first") {
    strand.start(mail_or_time(strand.mail()));
    CHECK_FALSE(strand.run());
    REQUIRE(strand.advance(1s));
    CHECK(strand.result() == 1);
  }
}

TEST_CASE("a combinator waits for plain waits of every kind", "[when_all]") {
  const completion<int> done;
  test::local_strand<int> strand;
  strand.start(all_kinds(strand.mail(), done));
  CHECK_FALSE(strand.run());

  strand.send(1);
  done.get_completer().set_value(20);
  CHECK_FALSE(strand.run());
  REQUIRE(strand.advance(1s));

  CHECK(strand.result() == 28);
}

TEST_CASE("a wait for a cancel loses against the time", "[when_any]") {
  test::local_strand<bool> strand(until_stopped());
  CHECK_FALSE(strand.run());
  REQUIRE(strand.advance(1s));
  CHECK(strand.result());
}
