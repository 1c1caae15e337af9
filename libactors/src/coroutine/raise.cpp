#include "actors/detail/raise.hpp"

#if ACTORS_HAS_DIRECT_RAISE

#include <cxxabi.h>
#include <dlfcn.h>
#include <unwind.h>

#include <atomic>
#include <cstddef>

namespace actors::detail {

namespace {

// The layout is the Itanium C++ ABI's (Exception Handling, 2.2.1 and 2.2.2), with the count in
// front that libstdc++ keeps for std::exception_ptr. What depends on it is compared with what the
// library itself says before it is relied on: see is_as_expected().

/// In front of the exception.
struct exception_header {
  int references;
  alignas(16) const std::type_info* type;
  void (*destroy)(void* exception);
  void (*unexpected)();
  void (*terminate)();
  void* next_caught;
  int handlers;
  int choice;
  const void* action;
  const void* table;
  void* handler;
  void* caught;
  _Unwind_Exception unwinding;
};

struct exceptions_of_thread {
  void* caught;
  unsigned uncaught;
};

/// "GNUCC++" and a zero: one that this library has made, and no copy of a reference to it.
constexpr _Unwind_Exception_Class made_here = 0x474e5543432b2b00;

/// All that it consists of.
void*& exception_in(std::exception_ptr& holder) noexcept {
  static_assert(sizeof(holder) == sizeof(void*));
  return *reinterpret_cast<void**>(&holder);
}

exception_header& header_of(void* exception) noexcept {
  return *(static_cast<exception_header*>(exception) - 1);
}

/// And does nobody else hold it? Acquire: whoever has let go of it is done with it. The thread
/// sanitizer does not see how the language's library lets go.
__attribute__((no_sanitize("thread"))) bool is_as_expected(
    const exception_header& header, const std::exception_ptr& holder) noexcept {
  return header.unwinding.exception_class == made_here &&
         header.type == holder.__cxa_exception_type() &&
         __atomic_load_n(&header.references, __ATOMIC_ACQUIRE) == 1;
}

/// Where what holds this address, a program or a library, was loaded. Null when that is not known.
const void* image_of(const void* address) noexcept {
  Dl_info image;
  return dladdr(address, &image) != 0 ? image.dli_fbase : nullptr;
}

/// Does the type stay as long as the code that raises it? Another type could have its address
/// later.
bool stays_with(std::uintptr_t code, const std::type_info& type) noexcept {
  const auto* image = image_of(&type);
  return image != nullptr && (image == image_of(reinterpret_cast<const void*>(code)) ||
                              image == image_of(reinterpret_cast<const void*>(&actors_raise)) ||
                              image == image_of(&typeid(std::exception)));
}

struct search {
  std::uintptr_t returns_to;
  exception_header& header;
  bool has_found = false;
};

// NOLINTNEXTLINE(bugprone-reserved-identifier): the name of the language's own
extern "C" _Unwind_Reason_Code __gxx_personality_v0(int version, _Unwind_Action actions,
                                                    _Unwind_Exception_Class kind,
                                                    _Unwind_Exception* raised,
                                                    _Unwind_Context* frame);

/// For each frame from here outwards, up to the caller of actors_raise(): does that handle the
/// exception? Then its header says how.
_Unwind_Reason_Code look(_Unwind_Context* frame, void* argument) {
  auto& wanted = *static_cast<search*>(argument);
  if (_Unwind_GetIP(frame) != wanted.returns_to) return _URC_NO_REASON;
  auto& header = wanted.header;
  auto& raised = header.unwinding;
  const void* table = _Unwind_GetLanguageSpecificData(frame);
  if (table == nullptr) return _URC_NORMAL_STOP;
  const auto answer =
      __gxx_personality_v0(1, _UA_SEARCH_PHASE, raised.exception_class, &raised, frame);
  // Not for one that ends the program, nor for one that is given a part of the exception, or what a
  // pointer points to.
  wanted.has_found = answer == _URC_HANDLER_FOUND && header.handler != nullptr &&
                     header.choice > 0 && header.caught == &header + 1 && header.table == table &&
                     !header.type->__is_pointer_p();
  return _URC_NORMAL_STOP;
}

/// The first exception at `site`.
void learn(raise_site& site, exception_header& header, std::uintptr_t returns_to) noexcept {
  const std::atomic_ref known(site.returns_to);
  auto state = raise_site::unknown;
  if (!known.compare_exchange_strong(state, raise_site::not_direct, std::memory_order_relaxed)) {
    return;
  }
  if (!stays_with(returns_to, *header.type)) return;
  search wanted{returns_to, header};
  _Unwind_Backtrace(&look, &wanted);
  if (!wanted.has_found) return;
  site.type = header.type;
  site.handler = header.handler;
  site.table = header.table;
  site.action = header.action;
  site.choice = header.choice;
  known.store(returns_to, std::memory_order_release);
}

bool is_known(raise_site& site, exception_header& header, std::uintptr_t returns_to) noexcept {
  const std::atomic_ref known(site.returns_to);
  if (known.load(std::memory_order_relaxed) == raise_site::unknown) learn(site, header, returns_to);
  return known.load(std::memory_order_acquire) == returns_to && site.type == header.type;
}

struct landing {
  _Unwind_Exception* raised;
  void* handler;
};

}  // namespace

/// What is to be done for `actors_raise(site, raised)`, which returns to `returns_to` with the
/// stack at `stack`: does what `throw` would, and gives the rest. Raises the exception in the
/// ordinary way where that is not known.
extern "C" landing actors_prepare_raise(raise_site* site, std::exception_ptr* raised,
                                        std::uintptr_t returns_to, std::uintptr_t stack) {
  void* const exception = exception_in(*raised);
  auto& header = header_of(exception);
  if (!is_as_expected(header, *raised) || !is_known(*site, header, returns_to)) {
    std::rethrow_exception(std::move(*raised));
  }

  exception_in(*raised) = nullptr;  // the reference is the raised exception's from now on
  header.terminate = std::get_terminate();
  header.handlers = 0;  // the library leaves 1 behind when one that is held has been handled
  header.choice = static_cast<int>(site->choice);
  header.action = site->action;
  header.table = site->table;
  header.handler = site->handler;
  header.caught = exception;
  header.unwinding.private_1 = 0;
  header.unwinding.private_2 = stack;  // the frame that handles it
  ++reinterpret_cast<exceptions_of_thread*>(abi::__cxa_get_globals())->uncaught;
  return {&header.unwinding, site->handler};
}

// A function that handles an exception goes on with its own stack and saved registers, the
// exception in rax and the handler's choice in rdx. That is how things are at its call of this, but
// for the address that the call has put on the stack.
extern "C" [[gnu::naked, noreturn]] void actors_raise(raise_site*, std::exception_ptr*) {
  asm("endbr64\n\t"
      "movq (%rsp), %rdx\n\t"
      "leaq 8(%rsp), %rcx\n\t"
      "subq $8, %rsp\n\t"
      ".cfi_adjust_cfa_offset 8\n\t"
      "call actors_prepare_raise@PLT\n\t"
      "movq %rdx, %rcx\n\t"
      "movslq -36(%rax), %rdx\n\t"
      "addq $16, %rsp\n\t"
      ".cfi_adjust_cfa_offset -16\n\t"
      "jmp *%rcx");
}
static_assert(offsetof(exception_header, unwinding) - offsetof(exception_header, choice) == 36);

}  // namespace actors::detail

#endif
