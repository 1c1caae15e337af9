#include <dlfcn.h>

#include <actors/runtime.hpp>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// The framework brings an allocator of its own; the program around it keeps the usual one.
int main() {
  actors::runtime runtime;
  Dl_info home{};
  dladdr(reinterpret_cast<void*>(&std::malloc), &home);
  std::printf("malloc comes from %s\n", home.dli_fname);
  return std::string_view(home.dli_fname).find("/libc.so") == std::string_view::npos;
}
