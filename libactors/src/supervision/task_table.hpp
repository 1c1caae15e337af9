#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "../runtime/small_mutex.hpp"
#include "task_core.hpp"

namespace actors::detail {

/// The tasks of one manager by id.
///
/// Ids are handed out in order, so neighbours share a chunk of slots: whoever spawns works on the
/// newest chunk, whoever evicts on an old one, and neither waits for the other. Each entry is a
/// reference. Any thread may call the members.
class task_table {
 public:
  task_table() = default;
  task_table(const task_table&) = delete;
  task_table& operator=(const task_table&) = delete;
  ~task_table() { clear(); }

  void insert(task_ptr task);
  task_ptr find(task_id id) const;
  /// What was there, to be dropped where no lock is held.
  task_ptr remove(task_id id);
  /// The same for the first of `ids` and those behind it in the same chunk; answers how many that
  /// were, at most as many as `gone` has room for. Neither is empty.
  std::size_t remove_some(std::span<const task_id> ids, std::span<task_ptr> gone);
  void clear();

  /// `use` is called under a lock, in no particular order: it must not call the table.
  template <class Use>
  void for_each(Use use) const;

 private:
  static constexpr std::uint64_t chunk_size = 256;
  static constexpr std::size_t bucket_count = 256;

  struct chunk {
    explicit chunk(std::uint64_t its_number) noexcept : number(its_number) {}
    std::uint64_t number;
    std::uint64_t present = 0;
    std::unique_ptr<chunk> next;
    std::array<task_core*, chunk_size> slots{};
  };
  struct alignas(64) bucket {
    mutable small_mutex mutex;
    std::unique_ptr<chunk> first;
  };

  static std::uint64_t chunk_of(task_id id) noexcept { return id.number() / chunk_size; }
  bucket& home_of(std::uint64_t number) noexcept { return buckets_[number % bucket_count]; }
  const bucket& home_of(std::uint64_t number) const noexcept {
    return buckets_[number % bucket_count];
  }
  static chunk* find_chunk(const bucket& home, std::uint64_t number) noexcept;
  static std::unique_ptr<chunk> take_if_empty(bucket& home, std::uint64_t number) noexcept;
  void begin_chunk(std::uint64_t number);

  std::array<bucket, bucket_count> buckets_;
  // The chunk of the newest id: kept although it may be empty for a moment.
  std::atomic<std::uint64_t> newest_{0};
};

template <class Use>
void task_table::for_each(Use use) const {
  for (const auto& each : buckets_) {
    const std::lock_guard lock(each.mutex);
    for (auto* group = each.first.get(); group != nullptr; group = group->next.get()) {
      for (auto* task : group->slots) {
        if (task != nullptr) use(*task);
      }
    }
  }
}

}  // namespace actors::detail
