"""The benchmarks in Python.

What was chosen, each time the fastest of the usual ways to write it:

- An asyncio task is an actor and an asyncio.Queue its mailbox where there are many; `put_nowait` on
  unbounded queues, which does not wait.
- Two threads and SimpleQueue, which is in C, where there are two actors, or a hundred that only send.
- `gather` where exactly one value comes back from each task (skynet), a TaskGroup in each task for
  trees that are cancelled.
- A ThreadPoolExecutor for the registry, as services use it, with as many threads as there are
  workers. All else says one worker: one thread at a time has the interpreter.
- The collector of cyclic garbage is off.
"""

import argparse
import gc
import json
import os
import sys

import messages
import registry
import waiting
from outcome import Wrong

BENCHES = {
    # name: (default size, function that gives outcomes, whether it has a pool of workers)
    "skynet": (1_000_000, messages.skynet, False),
    "ping_pong": (1_000_000, messages.ping_pong, False),
    "counting": (10_000_000, messages.counting, False),
    "fan_out": (1_000_000, messages.fan_out, False),
    "fan_in": (100_000, messages.fan_in, False),
    "big": (1_000, messages.big, False),
    "thread_ring": (1_000_000, messages.thread_ring, False),
    "ask": (1_000_000, messages.ask, False),
    "mailing": (1_000_000, messages.mailing, False),
    "timers": (1_000_000, waiting.timers, False),
    "bare_timers": (1_000_000, waiting.bare_timers, False),
    "cancel_tree": (1_000_000, waiting.cancel_tree, False),
    "idle_memory": (1_000_000, waiting.idle_memory, False),
    "idle_cpu": (100_000, waiting.idle_cpu, False),
    "supervised_dispatch": (1_000_000, registry.supervised_dispatch, True),
    "growth": (1_000_000, registry.growth, True),
}


def print_outcome(bench, workers, outcome):
    line = {"bench": bench, "system": "python", "case": outcome.case, "workers": workers}
    line |= {"size": outcome.size, "operations": outcome.operations}
    line |= {name: round(value, 6) for name, value in outcome.figures.items()}
    print(json.dumps(line, separators=(",", ":")), flush=True)


def positive(text):
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def main():
    parser = argparse.ArgumentParser(prog="peer")
    parser.add_argument("bench")
    parser.add_argument("--size", type=positive)
    parser.add_argument("--workers", type=positive, default=os.cpu_count())
    options = parser.parse_args()
    if options.bench not in BENCHES:
        sys.exit(3)
    default, run, pooled = BENCHES[options.bench]
    size = options.size or default
    gc.disable()
    try:
        outcomes = run(size, options.workers) if pooled else run(size)
        for outcome in outcomes:
            print_outcome(options.bench, options.workers if pooled else 1, outcome)
    except Wrong as wrong:
        print(f"{options.bench}: {wrong}", file=sys.stderr)
        sys.exit(1)
    sys.stdout.flush()
    os._exit(0)  # without waiting for tasks that are left


if __name__ == "__main__":
    main()
