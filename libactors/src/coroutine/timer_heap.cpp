#include "actors/detail/timer_heap.hpp"

namespace actors::detail {

timer* timer_heap::meld(timer* left, timer* right) noexcept {
  if (left == nullptr) return right;
  if (right == nullptr) return left;
  if (right->deadline_ < left->deadline_) {
    timer* swapped = left;
    left = right;
    right = swapped;
  }
  right->previous_ = left;
  right->sibling_ = left->child_;
  if (left->child_ != nullptr) left->child_->previous_ = right;
  left->child_ = right;
  return left;
}

// The two passes of a pairing heap, without recursion: meld neighbours from left to right, then
// meld the pairs from right to left.
timer* timer_heap::combine(timer* first) noexcept {
  timer* pairs = nullptr;
  while (first != nullptr) {
    timer* left = first;
    timer* right = left->sibling_;
    first = right == nullptr ? nullptr : right->sibling_;
    left->sibling_ = left->previous_ = nullptr;
    if (right != nullptr) right->sibling_ = right->previous_ = nullptr;
    timer* pair = meld(left, right);
    pair->sibling_ = pairs;
    pairs = pair;
  }
  timer* root = nullptr;
  while (pairs != nullptr) {
    timer* next = pairs->sibling_;
    pairs->sibling_ = nullptr;
    root = meld(root, pairs);
    pairs = next;
  }
  return root;
}

void timer_heap::arm(timer& item, time_point deadline) noexcept {
  item.deadline_ = deadline;
  item.heap_ = this;
  item.child_ = item.sibling_ = item.previous_ = nullptr;
  // The older timer stays on top of an equal one, so the root never moves without need.
  root_ = meld(root_, &item);
}

void timer_heap::remove(timer& item) noexcept {
  timer* orphans = combine(item.child_);
  if (&item == root_) {
    root_ = orphans;
  } else {
    if (item.previous_->child_ == &item) {
      item.previous_->child_ = item.sibling_;
    } else {
      item.previous_->sibling_ = item.sibling_;
    }
    if (item.sibling_ != nullptr) item.sibling_->previous_ = item.previous_;
    root_ = meld(root_, orphans);
  }
  item.heap_ = nullptr;
  item.child_ = item.sibling_ = item.previous_ = nullptr;
}

void timer_heap::fire_due(time_point now) {
  while (root_ != nullptr && root_->deadline_ <= now) {
    timer& due = *root_;
    remove(due);
    due.fire_(due);
  }
}

}  // namespace actors::detail
