#include "tidy/layers.hpp"

namespace actors::tidy {

const std::map<std::string, std::string>& public_layers() {
  static const std::map<std::string, std::string> layers{
      {"admission.hpp", "vocabulary"},
      {"cancel.hpp", "vocabulary"},
      {"clock.hpp", "vocabulary"},
      {"envelope.hpp", "vocabulary"},
      {"error.hpp", "vocabulary"},
      {"event.hpp", "vocabulary"},
      {"detail/memory.hpp", "vocabulary"},
      {"json.hpp", "vocabulary"},
      {"kept_spec.hpp", "vocabulary"},
      {"mail.hpp", "vocabulary"},
      {"outcome.hpp", "vocabulary"},
      {"query.hpp", "vocabulary"},
      {"record.hpp", "vocabulary"},
      {"result.hpp", "vocabulary"},
      {"spec.hpp", "vocabulary"},
      {"stall.hpp", "vocabulary"},
      {"task_id.hpp", "vocabulary"},
      {"task_state.hpp", "vocabulary"},

      {"blocking.hpp", "coroutine"},
      {"completion.hpp", "coroutine"},
      {"coroutine.hpp", "coroutine"},
      {"detail/branch.hpp", "coroutine"},
      {"detail/frame_memory.hpp", "coroutine"},
      {"detail/hints.hpp", "coroutine"},
      {"detail/into_coroutine.hpp", "coroutine"},
      {"detail/list.hpp", "coroutine"},
      {"detail/mailbox.hpp", "coroutine"},
      {"detail/promise.hpp", "coroutine"},
      {"detail/raise.hpp", "coroutine"},
      {"detail/scope.hpp", "coroutine"},
      {"detail/sending.hpp", "coroutine"},
      {"detail/strand.hpp", "coroutine"},
      {"detail/suspension.hpp", "coroutine"},
      {"detail/timer_heap.hpp", "coroutine"},
      {"inbox.hpp", "coroutine"},
      {"sleep.hpp", "coroutine"},
      {"timeout.hpp", "coroutine"},
      {"when_all.hpp", "coroutine"},
      {"when_any.hpp", "coroutine"},

      {"actor.hpp", "runtime"},
      {"detail/body.hpp", "runtime"},
      {"detail/caf_hook.hpp", "runtime"},
      {"detail/engine.hpp", "runtime"},

      {"journal.hpp", "ports"},

      {"batch.hpp", "supervision"},
      {"changes.hpp", "supervision"},
      {"delivery.hpp", "supervision"},
      {"detail/spawn_task.hpp", "supervision"},
      {"detail/task_ptr.hpp", "supervision"},
      {"manager.hpp", "supervision"},
      {"owner.hpp", "supervision"},
      {"presets.hpp", "supervision"},
      {"receipt.hpp", "supervision"},
      {"runtime.hpp", "supervision"},
      {"task.hpp", "supervision"},
      {"tools.hpp", "supervision"},

      {"caf.hpp", "interop"},

      {"testing/recorder.hpp", "testing"},
      {"testing/simulated_runtime.hpp", "testing"},

      {"actors.hpp", "outside"},
  };
  return layers;
}

}  // namespace actors::tidy
