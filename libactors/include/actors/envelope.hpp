#pragma once

#include <string>

namespace actors {

/// JSON on its way between CAF systems, as text: the one message type of ours that CAF knows. Every
/// runtime registers it as `actors.envelope`; a plain CAF program that wants to talk to a published
/// task does the same with `config.add_message_type<actors::envelope>("actors.envelope")`.
struct envelope {
  std::string json_text;
};

/// For CAF's serialisation.
template <class Inspector>
typename Inspector::result_type inspect(Inspector& inspector, envelope& value) {
  return inspector(value.json_text);
}

}  // namespace actors
