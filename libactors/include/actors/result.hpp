#pragma once

#include <utility>
#include <variant>

#include "actors/error.hpp"

namespace actors {

/// Either a `T` or the `error` that explains why there is none.
///
/// Using the value of a failed result throws `failure` with that error, so a body that does not
/// look at errors ends as failed with the right text instead of going on with nothing.
template <class T>
class [[nodiscard]] result {
 public:
  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}          // NOLINT: implicit
  result(actors::error why) : state_(std::in_place_index<1>, std::move(why)) {}  // NOLINT: implicit

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & { return require(), std::get<0>(state_); }
  const T& value() const& { return require(), std::get<0>(state_); }
  T&& value() && { return require(), std::get<0>(std::move(state_)); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// The error; one with code `none` when there is a value.
  actors::error error() const { return has_value() ? actors::error{} : std::get<1>(state_); }

 private:
  void require() const {
    if (!has_value()) throw failure(std::get<1>(state_));
  }

  std::variant<T, actors::error> state_;
};

/// Success without a value, or the `error`.
template <>
class [[nodiscard]] result<void> {
 public:
  result() = default;
  result(actors::error why) : why_(std::move(why)) {}  // NOLINT: implicit

  bool has_value() const noexcept { return why_.code == error_code::none; }
  explicit operator bool() const noexcept { return has_value(); }

  /// Throws `failure` when this is an error.
  void value() const {
    if (!has_value()) throw failure(why_);
  }

  actors::error error() const { return why_; }

 private:
  actors::error why_;
};

}  // namespace actors
