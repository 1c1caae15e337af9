#include "actors/mail.hpp"

namespace actors {

send_result::send_result(actors::error why, json content) {
  if (why.code == error_code::none) return;
  refused_ = std::make_unique<refusal>(refusal{std::move(why), std::move(content)});
}

const error& send_result::error() const noexcept {
  static const actors::error none;
  return refused_ == nullptr ? none : refused_->why;
}

const json& send_result::returned() const& noexcept {
  static const json nothing;
  return refused_ == nullptr ? nothing : refused_->returned;
}

json send_result::returned() && noexcept {
  return refused_ == nullptr ? json() : std::move(refused_->returned);
}

}  // namespace actors
