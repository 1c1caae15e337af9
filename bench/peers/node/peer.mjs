// The benchmarks in JavaScript: an async function is an actor. All of them share one thread.
//
// What was chosen, each time the fastest of the usual ways to write it:
//
// - A mailbox of an array and the resolver of a promise; there is none in the standard library, and
//   MessageChannel goes through the event loop. A receiver takes what is there before it awaits.
// - Promise.all where exactly one value comes back from each (skynet).
// - setTimeout and clearTimeout rather than an AbortSignal with a time-out.
// - A promise per task for trees that are cancelled. An AbortController per task took ten times as
//   long.
// - A Map for the registry.
// - The default sizes of the garbage collector, but for an old generation with room for a million tasks.

import { ask, big, counting, fanIn, fanOut, mailing, pingPong, skynet, threadRing } from "./messages.mjs";
import { Wrong } from "./outcome.mjs";
import { growth, supervisedDispatch } from "./registry.mjs";
import { bareTimers, cancelTree, idleCpu, idleMemory, timers } from "./waiting.mjs";

const benches = {
  skynet: [1_000_000, skynet],
  ping_pong: [1_000_000, pingPong],
  counting: [10_000_000, counting],
  fan_out: [1_000_000, fanOut],
  fan_in: [100_000, fanIn],
  big: [1_000, big],
  thread_ring: [1_000_000, threadRing],
  ask: [1_000_000, ask],
  mailing: [1_000_000, mailing],
  timers: [1_000_000, timers],
  bare_timers: [1_000_000, bareTimers],
  cancel_tree: [1_000_000, cancelTree],
  idle_memory: [1_000_000, idleMemory],
  idle_cpu: [100_000, idleCpu],
  supervised_dispatch: [1_000_000, supervisedDispatch],
  growth: [10_000_000, growth],
};

function parse([bench, ...rest]) {
  const options = { bench };
  for (let i = 0; i < rest.length; i += 2) {
    const value = Number(rest[i + 1]);
    if (!["--size", "--workers"].includes(rest[i]) || !Number.isSafeInteger(value) || value < 1) {
      return undefined;
    }
    options[rest[i].slice(2)] = value;
  }
  return bench && options;
}

const options = parse(process.argv.slice(2));
if (!options) {
  console.error("usage: peer <bench> [--size N] [--workers W]");
  process.exit(2);
}
if (!Object.hasOwn(benches, options.bench)) process.exit(3);
const [defaultSize, run] = benches[options.bench];
try {
  for await (const { name, size, operations, figures } of run(options.size ?? defaultSize)) {
    const line = { bench: options.bench, system: "node", case: name, workers: 1, size, operations };
    console.log(JSON.stringify({ ...line, ...figures }));
  }
} catch (failure) {
  console.error(`${options.bench}: ${failure instanceof Wrong ? failure.message : failure.stack}`);
  process.exit(1);
}
process.exit(0); // without waiting for what is left
