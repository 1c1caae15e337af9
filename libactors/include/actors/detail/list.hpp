#pragma once

namespace actors::detail {

/// A link of a circular, intrusive, doubly linked list. Unlinks itself when it is destroyed.
///
/// Invariant: a lone link points at itself. Not thread safe.
struct list_link {
  list_link() noexcept = default;
  list_link(const list_link&) = delete;
  list_link& operator=(const list_link&) = delete;
  ~list_link() { unlink(); }

  bool is_linked() const noexcept { return next != this; }

  void unlink() noexcept {
    if (!is_linked()) return;
    previous->next = next;
    next->previous = previous;
    next = previous = this;
  }

  /// Puts this link, which must be alone, before `place`: at the end when `place` is a list's head.
  void insert_before(list_link& place) noexcept {
    previous = place.previous;
    next = &place;
    place.previous->next = this;
    place.previous = this;
  }

  list_link* next = this;
  list_link* previous = this;
};

}  // namespace actors::detail
