#pragma once

namespace actors::detail {

class strand;

/// The strand that is ready, and that no thread but the calling one can run: until it does, or
/// leaves it to others, the strand is its own. Null when there is none.
///
/// Kept by whoever schedules strands. Never read inside a coroutine, where its address might be
/// kept across a change of threads.
extern constinit thread_local strand* next_here;

}  // namespace actors::detail
