// A library that may be unloaded, with an exception of a type of its own.
#include <exception>

namespace {

struct plugin_failure {};

}  // namespace

extern "C" void make_plugin_failure(std::exception_ptr* made) {
  *made = std::make_exception_ptr(plugin_failure());
}
