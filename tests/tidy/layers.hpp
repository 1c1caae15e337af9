#pragma once

#include <map>
#include <string>

namespace actors::tidy {

/// Which layer a public header belongs to, by its path below libactors/include/actors/.
const std::map<std::string, std::string>& public_layers();

}  // namespace actors::tidy
