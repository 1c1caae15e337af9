#pragma once

#include <cstdint>
#include <exception>
#include <typeinfo>
#include <utility>

// Where the library knows how an exception can go straight to its handler.
#if defined(__GLIBCXX__) && defined(__x86_64__) && defined(__LP64__) && defined(__linux__)
#define ACTORS_HAS_DIRECT_RAISE 1
#else
#define ACTORS_HAS_DIRECT_RAISE 0
#endif

// And where it may: a processor that guards the return addresses on the stack would have to be
// told.
#if ACTORS_HAS_DIRECT_RAISE && !(defined(__CET__) && (__CET__ & 2))
#define ACTORS_RAISES_DIRECTLY 1
#else
#define ACTORS_RAISES_DIRECTLY 0
#endif

namespace actors::detail {

#if ACTORS_HAS_DIRECT_RAISE

/// What is known of one call of raise_again() in the program. Zeroes: nothing yet.
///
/// Any thread. The first that comes by writes it. `returns_to` is for atomic access, and the rest
/// is there for whoever has read, with acquire, an address from it.
struct raise_site {
  static constexpr std::uintptr_t unknown = 0;
  static constexpr std::uintptr_t not_direct = 1;  ///< Also while somebody looks.

  std::uintptr_t returns_to;   ///< The address behind the call, or one of those above.
  const std::type_info* type;  ///< Of the exception.
  void* handler;               ///< Where the function goes on.
  const void* table;           ///< These three are noted for the handler, as ever.
  const void* action;
  std::intptr_t choice;
};

/// What raise_again() calls. Takes what `raised` holds, and leaves it empty.
extern "C" [[noreturn]] void actors_raise(raise_site* site, std::exception_ptr* raised);

#endif

/// Raises what `raised` holds, which must not be null, and leaves it empty; like
/// `std::rethrow_exception`, but made for the body of a coroutine, which handles all its exceptions
/// itself. Any thread.
///
/// The ordinary way looks for the handler through tables, twice at each frame of the stack that it
/// leaves: 7,000 instructions and more. But where a function handles what it calls this with, the
/// handler of one type is always the same. So it is looked up once for each call in the program,
/// by the language's own means, and from then on the thread goes straight there; it is inlined for
/// that. Where the handler is in another function, where somebody else holds the exception too, or
/// on another platform or with a shadow stack (`-fcf-protection`), the ordinary way is taken.
/// Debuggers, and others who watch for `__cxa_throw`, do not notice what goes directly.
[[noreturn, gnu::always_inline]] inline void raise_again(std::exception_ptr&& raised) {
#if ACTORS_RAISES_DIRECTLY
  // Each copy of this code has its own: what is known goes with the code when that is unloaded.
  raise_site* site = nullptr;
  asm volatile(
      ".pushsection .bss.actors_raise_sites, \"aw\", @nobits\n\t"
      ".balign %c2\n"
      ".Lactors_raise_site%=:\t.skip %c1\n\t"
      ".popsection\n\t"
      "{leaq .Lactors_raise_site%=(%%rip), %0|lea %0, .Lactors_raise_site%=[rip]}"
      : "=r"(site)
      : "i"(sizeof(raise_site)), "i"(alignof(raise_site)));
  actors_raise(site, &raised);
#else
  std::rethrow_exception(std::move(raised));
#endif
}

}  // namespace actors::detail
