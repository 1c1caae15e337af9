#pragma once

#include <cstddef>
#include <unordered_set>

namespace actors::test {

/// Knows which `counted` objects live, so that a test can say that none was left behind and none
/// was destroyed twice. Not thread safe.
class ledger {
 public:
  ledger() = default;
  ledger(const ledger&) = delete;
  ledger& operator=(const ledger&) = delete;

  std::size_t alive() const noexcept { return alive_.size(); }
  /// How often an object was made where one lived, or destroyed where none did.
  int mistakes() const noexcept { return mistakes_; }
  /// How many objects were ever made, copies included.
  int made() const noexcept { return made_; }

 private:
  friend class counted;

  void enter(const void* object) {
    ++made_;
    if (!alive_.insert(object).second) ++mistakes_;
  }
  void leave(const void* object) noexcept {
    if (alive_.erase(object) == 0) ++mistakes_;
  }

  std::unordered_set<const void*> alive_;
  int mistakes_ = 0;
  int made_ = 0;
};

/// A value whose life is on record; carries a number so that it can be told from others.
class counted {
 public:
  explicit counted(ledger& book, int number = 0) : book_(&book), number_(number) {
    book_->enter(this);
  }
  counted(const counted& other) : book_(other.book_), number_(other.number_) { book_->enter(this); }
  counted& operator=(const counted& other) noexcept {
    number_ = other.number_;
    return *this;
  }
  ~counted() { book_->leave(this); }

  int number() const noexcept { return number_; }

 private:
  ledger* book_;
  int number_;
};

}  // namespace actors::test
