#pragma once

#include "model/atomic.hpp"

// Headers and sources of the library that are included inside `namespace modelled`, after this one,
// are compiled a second time, unchanged, with the model's atomics for `std::atomic`: there,
// `modelled::std` is what `std` means. Whatever of the standard library they include must have been
// included before.

namespace modelled::std {

using namespace ::std;

template <class T>
using atomic = ::actors::model::atomic<T>;
using ::actors::model::atomic_thread_fence;
template <ptrdiff_t Most = 0>
using counting_semaphore = ::actors::model::counting_semaphore<Most>;

namespace this_thread {
using ::actors::model::yield;
}

}  // namespace modelled::std
