#include "actors/detail/list.hpp"

#include <memory>
#include <vector>

#include "catch.hpp"

namespace actors::test {

namespace {

using detail::list_link;

struct item : list_link {
  explicit item(int what) : number(what) {}
  int number;
};

std::vector<int> forwards(const list_link& head) {
  std::vector<int> numbers;
  for (const auto* link = head.next; link != &head; link = link->next) {
    numbers.push_back(static_cast<const item*>(link)->number);
  }
  return numbers;
}

std::vector<int> backwards(const list_link& head) {
  std::vector<int> numbers;
  for (const auto* link = head.previous; link != &head; link = link->previous) {
    numbers.push_back(static_cast<const item*>(link)->number);
  }
  return numbers;
}

}  // namespace

TEST_CASE("links stand in the order in which they were put at the end", "[list]") {
  list_link head;
  CHECK_FALSE(head.is_linked());
  item one(1);
  item two(2);
  one.insert_before(head);
  two.insert_before(head);
  CHECK(head.is_linked());
  CHECK(forwards(head) == std::vector{1, 2});
  CHECK(backwards(head) == std::vector{2, 1});
}

TEST_CASE("a link can be put before another", "[list]") {
  list_link head;
  item one(1);
  item two(2);
  two.insert_before(head);
  one.insert_before(two);
  CHECK(forwards(head) == std::vector{1, 2});
}

TEST_CASE("a link that was taken out is alone and can be put in again", "[list]") {
  list_link head;
  item one(1);
  item two(2);
  one.insert_before(head);
  two.insert_before(head);
  one.unlink();
  one.unlink();
  CHECK_FALSE(one.is_linked());
  CHECK(forwards(head) == std::vector{2});
  one.insert_before(head);
  CHECK(forwards(head) == std::vector{2, 1});
}

TEST_CASE("a link that is destroyed leaves its list", "[list]") {
  list_link head;
  item one(1);
  auto two = std::make_unique<item>(2);
  item three(3);
  one.insert_before(head);
  two->insert_before(head);
  three.insert_before(head);
  two.reset();
  CHECK(forwards(head) == std::vector{1, 3});
  CHECK(backwards(head) == std::vector{3, 1});
}

TEST_CASE("links whose head was destroyed can still be taken out", "[list]") {
  auto head = std::make_unique<list_link>();
  item one(1);
  item two(2);
  one.insert_before(*head);
  two.insert_before(*head);
  head.reset();
  one.unlink();
  CHECK_FALSE(one.is_linked());
  CHECK_FALSE(two.is_linked());
}

}  // namespace actors::test
