#include "change_history.hpp"

#include <fmt/format.h>

#include <utility>

#include "manager_core.hpp"

namespace actors::detail {

void change_history::add(change&& happened) {
  std::vector<std::shared_ptr<gate>> told;
  {
    const std::lock_guard lock(mutex_);
    happened.number = ++last_;
    kept_.push_back(std::move(happened));
    if (kept_.size() > size_) kept_.pop_front();
    told.swap(readers_);
  }
  for (const auto& reader : told) reader->open();
}

std::uint64_t change_history::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

result<std::vector<change>> change_history::after(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  if (number > last_) {
    return error{error_code::invalid_argument,
                 fmt::format("there is no change {} yet; the last one is {}", number, last_)};
  }
  const auto missing = last_ - number;
  if (missing > kept_.size()) {
    return error{error_code::not_found,
                 fmt::format("change {} is no longer kept; the first one is {}", number + 1,
                             last_ - kept_.size() + 1)};
  }
  return std::vector<change>(kept_.end() - static_cast<std::ptrdiff_t>(missing), kept_.end());
}

void change_history::watch(std::uint64_t number, const std::shared_ptr<gate>& told) {
  {
    const std::lock_guard lock(mutex_);
    if (last_ == number) {
      readers_.push_back(told);
      return;
    }
  }
  told->open();
}

void change_history::unwatch(const std::shared_ptr<gate>& told) {
  const std::lock_guard lock(mutex_);
  std::erase(readers_, told);
}

}  // namespace actors::detail

namespace actors {

result<std::vector<change>> subscription::next(duration patience) {
  auto* history = manager_->history();
  if (history == nullptr) {
    return error{error_code::invalid_argument,
                 "the manager keeps no changes: manager_options.history is 0"};
  }
  auto found = history->after(number_);
  if (found && found->empty() && patience > duration::zero() && !manager_->is_detached()) {
    auto& where = manager_->where();
    const auto told = std::make_shared<detail::gate>();
    history->watch(number_, told);
    where.wait(*told, later(where.now(), patience));
    history->unwatch(told);
    found = history->after(number_);
  }
  if (found && !found->empty()) number_ = found->back().number;
  return found;
}

}  // namespace actors
