#pragma once

#include "model/atomic.hpp"

// Headers and sources of the library that are included inside `namespace modelled`, after this one,
// are compiled a second time, unchanged, with the model's atomics for `std::atomic`: there,
// `modelled::std` is what `std` means. Whatever of the standard library they include must have been
// included before; so must runtime/semaphore.hpp, whose place the model's semaphore takes.

namespace modelled::std {

using namespace ::std;

template <class T>
using atomic = ::actors::model::atomic<T>;
using ::actors::model::atomic_thread_fence;

namespace this_thread {
using ::actors::model::yield;
}

}  // namespace modelled::std

namespace modelled::actors::detail {

using semaphore = ::actors::model::semaphore;

}  // namespace modelled::actors::detail
