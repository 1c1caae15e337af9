#include "actors/detail/raise.hpp"

#include <dlfcn.h>

#include <array>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "actors/detail/scope.hpp"
#include "catch.hpp"
#include "support/counted.hpp"

namespace actors::test {

namespace {

using detail::raise_again;

// Where exceptions can go directly, the first of a call goes there only after it was looked up, and
// what a call is first met with decides which type goes directly.
constexpr int times = 3;

template <class Exception>
std::exception_ptr hold(Exception value) {
  return std::make_exception_ptr(std::move(value));
}

/// Which of its handlers a function goes on with, and what that is given.
[[gnu::noinline]] std::string caught(std::exception_ptr raised) {
  try {
    raise_again(std::move(raised));
  } catch (const cancelled& why) {
    return "cancelled: " + std::string(to_string(why.reason()));
  } catch (const std::invalid_argument& why) {
    return std::string("invalid: ") + why.what();
  } catch (const std::exception& why) {
    return std::string("exception: ") + why.what();
  } catch (...) {
    return "something";
  }
}

struct left {
  int number;
};

struct right {
  int number;
};

struct both : left, right {
  both() : left{1}, right{2} {}
};

int caught_right(std::exception_ptr raised) {
  try {
    raise_again(std::move(raised));
  } catch (const right& part) {
    return part.number;
  }
}

/// Notes its end, and how many exceptions are on their way then.
struct witness {
  ~witness() { notes.push_back(name + std::to_string(std::uncaught_exceptions())); }
  std::string name;
  std::vector<std::string>& notes;
};

[[gnu::noinline]] void pass_through(std::exception_ptr raised, std::vector<std::string>& notes) {
  const witness passed{"passed", notes};
  raise_again(std::move(raised));
}

/// Handles it, and raises it once more where it handles nothing.
[[gnu::noinline]] void pass_on(std::exception_ptr raised) {
  std::exception_ptr kept;
  try {
    raise_again(std::move(raised));
  } catch (...) {
    kept = std::current_exception();
  }
  raise_again(std::move(kept));
}

/// Each `Number` is a call of its own.
template <int Number>
int raised_in_threads() {
  std::array<int, 4> sums{};
  std::vector<std::thread> threads;
  for (auto& sum : sums) {
    threads.emplace_back([&sum] {
      for (int i = 1; i <= 10; ++i) {
        try {
          raise_again(hold(i));
        } catch (int number) {
          sum += number;
        }
      }
    });
  }
  for (auto& each : threads) each.join();
  return sums[0] + sums[1] + sums[2] + sums[3];
}

}  // namespace

TEST_CASE("an exception that is raised again meets the handler for its type", "[raise]") {
  SECTION("each type often") {
    for (int i = 0; i < times; ++i) {
      CHECK(caught(detail::make_cancelled(cancel_reason::deadline)) == "cancelled: deadline");
    }
    for (int i = 0; i < times; ++i) {
      CHECK(caught(hold(std::invalid_argument("a"))) == "invalid: a");
    }
  }
  SECTION("in turns") {
    for (int i = 0; i < times; ++i) {
      CHECK(caught(hold(std::runtime_error("b"))) == "exception: b");
      CHECK(caught(detail::make_cancelled(cancel_reason::shutdown)) == "cancelled: shutdown");
      CHECK(caught(hold(1)) == "something");
      CHECK(caught(hold(std::invalid_argument("c"))) == "invalid: c");
    }
  }
}

TEST_CASE("a handler for a base of an exception gets that part of it", "[raise]") {
  for (int i = 0; i < times; ++i) CHECK(caught_right(hold(both())) == 2);
}

TEST_CASE("what an exception leaves is destroyed while it is on its way", "[raise]") {
  std::vector<std::string> notes;
  for (int i = 0; i < times; ++i) {
    notes.clear();
    try {
      const witness first{"first", notes};
      const witness second{"second", notes};
      raise_again(hold(i));
    } catch (int number) {
      CHECK(number == i);
      CHECK(std::uncaught_exceptions() == 0);
      notes.emplace_back("caught");
    }
    CHECK(notes == std::vector<std::string>{"second1", "first1", "caught"});
  }
}

TEST_CASE("an exception that its function does not handle reaches the caller's handler",
          "[raise]") {
  std::vector<std::string> notes;
  for (int i = 0; i < times; ++i) {
    notes.clear();
    CHECK_THROWS_AS(pass_through(hold(1), notes), int);
    CHECK(notes == std::vector<std::string>{"passed1"});
  }
}

TEST_CASE("a function that has handled an exception can let it pass through", "[raise]") {
  for (int i = 0; i < times; ++i) CHECK_THROWS_AS(pass_on(hold(1)), int);
}

TEST_CASE("an exception that was raised again can be raised on, and kept", "[raise]") {
  for (int i = 0; i < times; ++i) {
    std::exception_ptr kept;
    try {
      try {
        raise_again(hold(std::runtime_error("d")));
      } catch (const std::logic_error&) {
        FAIL("the wrong type");
      } catch (...) {
        kept = std::current_exception();
        throw;
      }
    } catch (const std::runtime_error& why) {
      CHECK(why.what() == std::string("d"));
    }
    CHECK(std::current_exception() == nullptr);
    CHECK(caught(kept) == "exception: d");
    CHECK(caught(std::move(kept)) == "exception: d");
  }
}

TEST_CASE("an exception that is raised in a handler leaves the other alone", "[raise]") {
  for (int i = 0; i < times; ++i) {
    try {
      raise_again(hold(std::string("outer")));
    } catch (const std::string& outer) {
      try {
        raise_again(hold(i));
      } catch (int inner) {
        CHECK(inner == i);
      }
      CHECK(outer == "outer");
      CHECK(std::current_exception() != nullptr);
    }
  }
}

TEST_CASE("an exception can be raised again while it is handled", "[raise]") {
  for (int i = 0; i < times; ++i) {
    try {
      raise_again(hold(std::string("outer")));
    } catch (const std::string& outer) {
      auto again = std::current_exception();
      try {
        raise_again(hold(i));
      } catch (int inner) {
        try {
          raise_again(std::move(again));
        } catch (const std::string& same) {
          CHECK(&same == &outer);
        }
        CHECK(caught(std::current_exception()) == "something");
        CHECK(inner == i);
      }
      CHECK(outer == "outer");
      CHECK_THROWS_AS(raise_again(std::current_exception()), std::string);
    }
    CHECK(std::current_exception() == nullptr);
  }
}

TEST_CASE("exceptions that are raised again are destroyed once", "[raise]") {
  ledger exceptions;
  for (int i = 0; i < times; ++i) {
    auto raised = hold(counted(exceptions));
    const auto another = i == 1 ? raised : nullptr;
    try {
      raise_again(std::move(raised));
    } catch (const counted&) {
      CHECK(exceptions.alive() == 1);
    }
    CHECK(exceptions.alive() == (another ? 1 : 0));
  }
  CHECK(exceptions.alive() == 0);
  CHECK(exceptions.mistakes() == 0);
}

TEST_CASE("an exception that was handled before is over when it is handled again", "[raise]") {
  ledger exceptions;
  for (int i = 0; i < times; ++i) {
    std::exception_ptr raised;
    try {
      throw counted(exceptions);
    } catch (...) {
      raised = std::current_exception();
    }
    for (int level = 0; level < times; ++level) {
      try {
        raise_again(std::move(raised));
      } catch (const counted&) {
        raised = std::current_exception();
      }
      CHECK(std::current_exception() == nullptr);
      CHECK(std::uncaught_exceptions() == 0);
    }
    CHECK(exceptions.alive() == 1);
  }
  CHECK(exceptions.alive() == 0);
  CHECK(exceptions.mistakes() == 0);
}

TEST_CASE("a handler for pointers gets the pointer", "[raise]") {
  const auto caught_pointer = [](std::exception_ptr raised) -> const void* {
    try {
      raise_again(std::move(raised));
    } catch (const void* pointer) {
      return pointer;
    }
  };
  int numbers[2] = {};
  for (auto& each : numbers) CHECK(caught_pointer(hold(&each)) == &each);
}

TEST_CASE("threads that come to a call at the same time all meet its handler", "[raise]") {
  const auto all = []<int... Number>(std::integer_sequence<int, Number...>) {
    return std::vector<int>{raised_in_threads<Number>()...};
  }(std::make_integer_sequence<int, 20>{});
  CHECK(all == std::vector<int>(20, 4 * 55));
}

#if ACTORS_RAISES_DIRECTLY

namespace {

[[gnu::noinline]] int number_raised_at(detail::raise_site& site, std::exception_ptr raised) {
  try {
    detail::actors_raise(&site, &raised);
  } catch (int number) {
    return number;
  } catch (...) {
    return -1;
  }
}

[[gnu::noinline]] int twice_the_number_raised_at(detail::raise_site& site,
                                                 std::exception_ptr raised) {
  try {
    detail::actors_raise(&site, &raised);
  } catch (int number) {
    return 2 * number;
  }
}

[[gnu::noinline]] void pass_through_at(detail::raise_site& site, std::exception_ptr raised) {
  detail::actors_raise(&site, &raised);
}

}  // namespace

TEST_CASE("an exception whose type may be unloaded does not go directly", "[raise]") {
  const auto path =
      std::filesystem::read_symlink("/proc/self/exe").replace_filename("raise_plugin.so");
  const std::unique_ptr<void, int (*)(void*)> plugin(dlopen(path.c_str(), RTLD_NOW), dlclose);
  REQUIRE(plugin != nullptr);
  auto* make = dlsym(plugin.get(), "make_plugin_failure");
  REQUIRE(make != nullptr);
  detail::raise_site site{};
  for (int i = 0; i < times; ++i) {
    std::exception_ptr raised;
    reinterpret_cast<void (*)(std::exception_ptr*)>(make)(&raised);
    CHECK(number_raised_at(site, std::move(raised)) == -1);
    CHECK(site.returns_to == detail::raise_site::not_direct);
  }
}

TEST_CASE("a call that handles its exceptions is known after the first", "[raise]") {
  detail::raise_site site{};
  CHECK(number_raised_at(site, hold(1)) == 1);
  const auto returns_to = site.returns_to;
  CHECK(returns_to > detail::raise_site::not_direct);
  CHECK(*site.type == typeid(int));
  CHECK(number_raised_at(site, hold(2)) == 2);
  CHECK(number_raised_at(site, hold('x')) == -1);
  // Code that was compiled twice.
  CHECK(twice_the_number_raised_at(site, hold(3)) == 6);
  CHECK(site.returns_to == returns_to);

  detail::raise_site of_other{};
  CHECK_THROWS_AS(pass_through_at(of_other, hold(1)), int);
  CHECK(of_other.returns_to == detail::raise_site::not_direct);
  CHECK_THROWS_AS(pass_through_at(of_other, hold(2)), int);
}

#endif

}  // namespace actors::test
