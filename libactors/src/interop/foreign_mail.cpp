#include "foreign_mail.hpp"

#include <caf/all.hpp>
#include <cstdint>
#include <limits>
#include <optional>

#include "actors/caf.hpp"
#include "actors/inbox.hpp"
#include "actors/mail.hpp"
#include "foreign_promise.hpp"

namespace actors::detail {

namespace {

template <class T>
bool read_as(const caf::message& content, std::size_t i, json& value) {
  if (!content.match_element<T>(i)) return false;
  value = content.get_as<T>(i);
  return true;
}

template <class... Ts>
bool read_any(const caf::message& content, std::size_t i, json& value) {
  return (read_as<Ts>(content, i, value) || ...);
}

std::optional<json> element_to_json(const caf::message& content, std::size_t i) {
  json value;
  if (content.match_element<envelope>(i)) {
    auto parsed = parse_json(content.get_as<envelope>(i).json_text);
    if (!parsed) return std::nullopt;
    return std::move(*parsed);
  }
  if (read_any<std::string, bool, std::int8_t, std::int16_t, std::int32_t, std::int64_t,
               std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, float, double>(content, i,
                                                                                         value)) {
    return value;
  }
  if (content.match_element<caf::atom_value>(i)) {
    return json(caf::to_string(content.get_as<caf::atom_value>(i)));
  }
  return std::nullopt;
}

std::optional<json> to_json(const caf::message& content) {
  if (content.size() == 1) return element_to_json(content, 0);
  auto values = json::array();
  for (std::size_t i = 0; i < content.size(); ++i) {
    auto value = element_to_json(content, i);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  return values;
}

caf::message to_caf_message(const json& value) {
  if (value.is_string()) return caf::make_message(value.get<std::string>());
  if (value.is_boolean()) return caf::make_message(value.get<bool>());
  // JSON keeps whole numbers as signed or not by the way they came in: CAF's side sees one type,
  // and the other only for what does not fit.
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
    return caf::make_message(value.get<std::uint64_t>());
  }
  if (value.is_number_integer()) return caf::make_message(value.get<std::int64_t>());
  if (value.is_number_float()) return caf::make_message(value.get<double>());
  return caf::make_message(envelope{dump_json(value)});
}

/// Answers in kind: text as text, numbers as numbers, anything else as an `envelope`.
class caf_reply_port final : public reply_port {
 public:
  explicit caf_reply_port(const caf::mailbox_element& request) : promise_(request) {}
  bool fulfil(result<json> answer) override {
    if (answer) return promise_.fulfil(to_caf_message(*answer));
    return promise_.fail(caf::make_error(caf::sec::runtime_error, answer.error().message));
  }

 private:
  foreign_promise promise_;
};

}  // namespace

mailbox_node* accept_foreign_mail(void* element) {
  auto& delivered = *static_cast<caf::mailbox_element_ptr*>(element);
  auto content = to_json(delivered->copy_content_to_message());
  if (!content) return nullptr;
  mail message;
  message.content = std::move(*content);
  if (delivered->mid.is_request()) message.answer = std::make_shared<caf_reply_port>(*delivered);
  return message_node<mail>::make(std::move(message));
}

}  // namespace actors::detail
