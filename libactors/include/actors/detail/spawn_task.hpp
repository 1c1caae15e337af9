#pragma once

#include <cstddef>
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
  virtual ~unbegun() = default;
  static void* operator new(std::size_t bytes) { return allocate(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    deallocate(memory, bytes);
  }
  static void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return ::operator new(bytes, alignment);
  }
  static void operator delete(void* memory, std::size_t bytes,
                              std::align_val_t alignment) noexcept {
    ::operator delete(memory, bytes, alignment);
  }
  /// Calls the body, once; the coroutine is the caller's.
  virtual promise_base& call(task_core& task, spawn_request& request) = 0;
};

template <class Body, class... Args>
class unbegun_body final : public unbegun {
 public:
  explicit unbegun_body(Body& body, Args&... args) : body_(body), args_(std::move(args)...) {}

  promise_base& call(task_core& task, spawn_request& request) override {
    auto work = std::apply(
        [this, &task, &request](Args&... args) {
          return body_(task_context(task, request), std::move(args)...);
        },
        args_);
    return *work.detach();
  }

 private:
  [[no_unique_address]] Body body_;
  [[no_unique_address]] std::tuple<Args...> args_;
};

/// A task between "may it be?" and "it is": whatever is not committed leaves nothing behind.
class task_draft {
 public:
  /// Checks the spec; see refusal().
  task_draft(owner_core& owner, task_core* parent, spec&& what);
  task_draft(const task_draft&) = delete;
  task_draft& operator=(const task_draft&) = delete;
  ~task_draft();

  const error& refusal() const noexcept { return refusal_; }
  /// Admission, name, id, tree, journal, and start.
  result<task_handle> commit(std::unique_ptr<unbegun> body, collect_function collect);

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
    task_draft draft(owner, parent, std::move(what));
    if (draft.refusal().code != error_code::none) return draft.refusal();
    using value_type = typename std::invoke_result_t<Body&, task_context, Args...>::value_type;
    return draft.commit(std::make_unique<unbegun_body<Body, Args...>>(body, args...),
                        &collect<value_type>);
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
