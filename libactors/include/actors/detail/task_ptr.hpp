#pragma once

#include <utility>

namespace actors::detail {

class task_core;
class owner_core;

void add_ref(task_core& task) noexcept;
void release(task_core& task) noexcept;

/// Keeps a task's core alive.
class task_ptr {
 public:
  task_ptr() = default;
  explicit task_ptr(task_core* shared) noexcept : core_(shared) {
    if (core_ != nullptr) add_ref(*core_);
  }
  task_ptr(const task_ptr& other) noexcept : task_ptr(other.core_) {}
  task_ptr(task_ptr&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  task_ptr& operator=(task_ptr other) noexcept {
    std::swap(core_, other.core_);
    return *this;
  }
  ~task_ptr() {
    if (core_ != nullptr) release(*core_);
  }

  /// Takes over a reference that the caller has.
  static task_ptr adopt(task_core* owned) noexcept {
    task_ptr taken;
    taken.core_ = owned;
    return taken;
  }
  /// Gives up the reference without dropping it.
  task_core* detach() noexcept { return std::exchange(core_, nullptr); }

  task_core* get() const noexcept { return core_; }
  task_core& operator*() const noexcept { return *core_; }
  task_core* operator->() const noexcept { return core_; }
  explicit operator bool() const noexcept { return core_ != nullptr; }
  friend bool operator==(const task_ptr&, const task_ptr&) = default;

 private:
  task_core* core_ = nullptr;
};

}  // namespace actors::detail
