#include "actors/runtime.hpp"

// A runtime that is a global variable: made before main() begins, gone after it has ended.

namespace {

const actors::runtime home;

}  // namespace

int main() {}
