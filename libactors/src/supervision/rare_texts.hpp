#pragma once

#include <memory>
#include <string>
#include <utility>

#include "actors/detail/hints.hpp"
#include "actors/detail/memory.hpp"
#include "policy.hpp"

namespace actors::detail {

/// The texts of an end or an event, which most leave empty: those are kept as null. What a cancel
/// leaves to say is the same for all, who share it.
class rare_texts : public in_own_memory {
 public:
  struct release {
    void operator()(rare_texts* texts) const noexcept {
      if (texts != &of_cancel()) delete texts;
    }
  };
  using pointer = std::unique_ptr<rare_texts, release>;

  static pointer of(std::string&& type, std::string&& error) {
    if (type.empty() && error.empty()) return nullptr;
    auto& shared = of_cancel();
    if (type.empty() && error == shared.error_) return pointer(&shared);
    return pointer(new rare_texts(std::move(type), std::move(error)));
  }

  const std::string& type() const noexcept { return type_; }
  const std::string& error() const noexcept { return error_; }
  /// A hint to the processor: they will be used soon. What is shared stays where it is.
  void fetch() const noexcept {
    if (this != &of_cancel()) prefetch(this, sizeof(*this));
  }
  /// Assigned to these. Once.
  void open(std::string& type, std::string& error) {
    if (this == &of_cancel()) {
      error = error_;
    } else {
      type = std::move(type_);
      error = std::move(error_);
    }
  }

 private:
  rare_texts(std::string&& type, std::string&& error) noexcept
      : type_(std::move(type)), error_(std::move(error)) {}

  static rare_texts& of_cancel() {
    // Never destroyed: it may be asked for until everything else has gone.
    static auto* texts = new rare_texts({}, policy::stop_text(cancel_reason::requested));
    return *texts;
  }

  std::string type_;
  std::string error_;
};

}  // namespace actors::detail
