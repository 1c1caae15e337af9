#include "task_table.hpp"

#include <algorithm>
#include <utility>

namespace actors::detail {

task_table::chunk* task_table::find_chunk(const bucket& home, std::uint64_t number) noexcept {
  auto* group = home.first.get();
  while (group != nullptr && group->number != number) group = group->next.get();
  return group;
}

std::unique_ptr<task_table::chunk> task_table::take_if_empty(bucket& home,
                                                             std::uint64_t number) noexcept {
  auto* link = &home.first;
  while (*link != nullptr && (*link)->number != number) link = &(*link)->next;
  if (*link == nullptr || (*link)->present != 0) return nullptr;
  auto gone = std::move(*link);
  *link = std::move(gone->next);
  return gone;
}

// An empty chunk goes when it is not the newest, so the newest ones go when they have become older.
// Either the last to leave a chunk sees that there is a newer one, or whoever begins the newer one
// sees the empty chunk: both look under the chunk's lock.
void task_table::begin_chunk(std::uint64_t number) {
  auto before = newest_.load(std::memory_order_relaxed);
  while (before < number) {
    if (!newest_.compare_exchange_weak(before, number, std::memory_order_seq_cst)) continue;
    for (auto old = before; old < number; ++old) {
      auto& home = home_of(old);
      std::unique_ptr<chunk> gone;
      const std::lock_guard lock(home.mutex);
      gone = take_if_empty(home, old);
    }
    return;
  }
}

void task_table::insert(task_ptr task) {
  const auto id = task->id.number();
  const auto number = id / chunk_size;
  if (number > newest_.load(std::memory_order_relaxed)) begin_chunk(number);
  auto& home = home_of(number);
  const std::lock_guard lock(home.mutex);
  auto* group = find_chunk(home, number);
  if (group == nullptr) {
    auto fresh = std::make_unique<chunk>(number);
    fresh->next = std::move(home.first);
    home.first = std::move(fresh);
    group = home.first.get();
  }
  group->slots[id % chunk_size] = task.detach();
  ++group->present;
}

task_ptr task_table::find(task_id id) const {
  if (!id) return {};
  const auto& home = home_of(chunk_of(id));
  const std::lock_guard lock(home.mutex);
  const auto* group = find_chunk(home, chunk_of(id));
  auto* task = group == nullptr ? nullptr : group->slots[id.number() % chunk_size];
  // The number alone may be that of another manager's id.
  return task == nullptr || task->id != id ? task_ptr() : task_ptr(task);
}

task_ptr task_table::remove(task_id id) {
  task_ptr gone;
  remove_some({&id, 1}, {&gone, 1});
  return gone;
}

std::size_t task_table::remove_some(std::span<const task_id> ids, std::span<task_ptr> gone) {
  const auto number = chunk_of(ids.front());
  auto& home = home_of(number);
  const auto most = std::min(ids.size(), gone.size());
  std::size_t count = 0;
  std::unique_ptr<chunk> empty;
  const std::lock_guard lock(home.mutex);
  auto* group = find_chunk(home, number);
  for (; count < most && chunk_of(ids[count]) == number; ++count) {
    task_core* task = nullptr;
    if (group != nullptr) std::swap(task, group->slots[ids[count].number() % chunk_size]);
    if (task != nullptr) --group->present;
    gone[count] = task_ptr::adopt(task);
  }
  if (group != nullptr && group->present == 0 &&
      number != newest_.load(std::memory_order_seq_cst)) {
    empty = take_if_empty(home, number);
  }
  return count;
}

void task_table::clear() {
  for (auto& each : buckets_) {
    std::unique_ptr<chunk> gone;
    {
      const std::lock_guard lock(each.mutex);
      gone = std::move(each.first);
    }
    while (gone != nullptr) {
      for (auto* task : gone->slots) {
        if (task != nullptr) task->drop_ref();
      }
      gone = std::move(gone->next);
    }
  }
}

}  // namespace actors::detail
