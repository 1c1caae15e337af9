#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>

#include "actors/actor.hpp"
#include "actors/detail/body.hpp"
#include "actors/task.hpp"

namespace actors::detail {

/// Reads the value of a task's body out of its promise, as JSON.
using collect_function = json (*)(promise_base& body);

/// Throws `failure` for a result that nests too deeply: it is copied into records and events, which
/// such a value does not survive.
void require_writable(const json& result);

template <class T>
json collect(promise_base& body) {
  auto& promise = static_cast<typename coroutine<T>::promise_type&>(body);
  if constexpr (std::is_void_v<T>) {
    promise.take();
    return nullptr;
  } else {
    json result(promise.take());
    if (result.is_structured()) require_writable(result);
    return result;
  }
}

/// A task's body with its arguments, until it begins.
class unbegun {
 public:
  /// Calls the body, once; the coroutine is the caller's.
  virtual promise_base& call(task_core& task, spawn_request& request) = 0;
  /// Destroys it, and gives back its memory if that is its own.
  virtual void dispose() noexcept = 0;

 protected:
  ~unbegun() = default;
};

struct dispose_unbegun {
  void operator()(unbegun* body) const noexcept { body->dispose(); }
};
using unbegun_ptr = std::unique_ptr<unbegun, dispose_unbegun>;

/// Memory behind a task's core, where a small body lies until it begins.
struct body_room {
  static constexpr std::size_t alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
  static constexpr std::size_t most = 64;

  template <class Body>
  static constexpr bool fits = sizeof(Body) <= most && alignof(Body) <= alignment;
  template <class Body>
  static constexpr body_room of() noexcept {
    return {fits<Body> ? static_cast<std::uint8_t>((sizeof(Body) - 1) / alignment + 1)
                       : std::uint8_t{0}};
  }

  std::size_t bytes() const noexcept { return steps * alignment; }

  std::uint8_t steps = 0;
};

template <class Body, class... Args>
class unbegun_body final : public unbegun {
 public:
  /// `room`: of body_room::of(), unused when that is none.
  static unbegun_ptr make(void* room, Body& body, Args&... args) {
    if constexpr (body_room::fits<unbegun_body>) {
      return unbegun_ptr(::new (room) unbegun_body(body, args...));
    } else {
      return unbegun_ptr(new unbegun_body(body, args...));
    }
  }

  promise_base& call(task_core& task, spawn_request& request) override {
    auto work = std::apply(
        [this, &task, &request](Args&... args) {
          return body_(task_context(task, request), std::move(args)...);
        },
        args_);
    return *work.detach();
  }

  void dispose() noexcept override {
    if constexpr (body_room::fits<unbegun_body>) {
      this->~unbegun_body();
    } else {
      delete this;
    }
  }

 private:
  unbegun_body(Body& body, Args&... args) : body_(body), args_(std::move(args)...) {}
  ~unbegun_body() = default;

  [[no_unique_address]] Body body_;
  [[no_unique_address]] std::tuple<Args...> args_;
};

/// A task between "may it be?" and "it is": whatever is not committed leaves nothing behind.
class task_draft {
 public:
  /// Checks the spec; see refusal().
  task_draft(owner_core& owner, task_core* parent, spec&& what, body_room room);
  task_draft(const task_draft&) = delete;
  task_draft& operator=(const task_draft&) = delete;
  ~task_draft();

  const error& refusal() const noexcept { return refusal_; }
  /// For the body; not after a refusal.
  void* room() const noexcept;
  /// Admission, name, id, tree, journal, and start.
  result<task_handle> commit(unbegun_ptr body, collect_function collect);

 private:
  task_ptr task_;
  error refusal_;
};

/// Does a value of this type turn into JSON?
template <class T>
constexpr bool gives_json = std::is_void_v<T> || std::is_constructible_v<json, T>;

/// Can a task begin with this body? Asserted, as is_plain_body() is.
template <class Body, class... Args>
constexpr bool is_task_body() {
  if constexpr (is_plain_body<Body>()) {
    constexpr bool fits = std::is_invocable_v<Body&, task_context, Args...>;
    static_assert(fits,
                  "a task's body takes a task_context and the arguments given to spawn, by value");
    if constexpr (fits) {
      using returned = std::invoke_result_t<Body&, task_context, Args...>;
      static_assert(is_coroutine<returned>::value,
                    "a task's body is a coroutine: it returns actors::coroutine<T>");
      if constexpr (is_coroutine<returned>::value) {
        constexpr bool has_result = gives_json<typename returned::value_type>;
        static_assert(has_result,
                      "the value of a task's body must turn into actors::json: return json, or "
                      "give its type a to_json function, or return nothing");
        return has_result;
      }
    }
  }
  return false;
}

template <class Body, class... Args>
result<task_handle> spawn_task(owner_core& owner, task_core* parent, spec&& what, Body body,
                               Args... args) {
  if constexpr (is_task_body<Body, Args...>()) {
    using kept = unbegun_body<Body, Args...>;
    task_draft draft(owner, parent, std::move(what), body_room::of<kept>());
    if (draft.refusal().code != error_code::none) return draft.refusal();
    using value_type = typename std::invoke_result_t<Body&, task_context, Args...>::value_type;
    return draft.commit(kept::make(draft.room(), body, args...), &collect<value_type>);
  } else {
    std::terminate();  // never compiled: an assertion has failed
  }
}

owner_core& owner_of(task_core& task) noexcept;

}  // namespace actors::detail

namespace actors {

template <class Body, class... Args>
result<task_handle> task_context::spawn(actors::spec what, Body body, Args... args) const {
  return detail::spawn_task(detail::owner_of(*self_), self_, std::move(what), body,
                            std::move(args)...);
}

}  // namespace actors
