// Tasks that wait: for a time, for a cancel, for a message that does not come.

import { readFileSync } from "node:fs";
import { Mailbox } from "./mailbox.mjs";
import { check, timed } from "./outcome.mjs";

const LONG = 3_600_000;

// --- timers --------------------------------------------------------------------------------------

/** A time to wait that can be cut short. */
class Sleep {
  #timer;
  #resolve;

  /** Whether the time is over. */
  ended = new Promise((resolve) => {
    this.#resolve = resolve;
    this.#timer = setTimeout(resolve, LONG, true);
  });

  cancel() {
    clearTimeout(this.#timer);
    this.#resolve(false);
  }
}

const sleepUntilTold = async (sleep) => (await sleep.ended) ? 0 : 1;

/** A task for each timer; every second one is cancelled. */
export async function* timers(count) {
  const start = performance.now();
  const sleeps = [];
  const tasks = [];
  for (let i = 0; i < count; ++i) {
    const sleep = new Sleep();
    const task = sleepUntilTold(sleep);
    sleeps.push(sleep);
    if (i % 2 === 0) tasks.push(task);
  }
  for (let i = 0; i < count; i += 2) sleeps[i].cancel();
  let cancelled = 0;
  for (const one of await Promise.all(tasks)) cancelled += one;
  const outcome = timed(count, count, start);
  check("cancelled", cancelled, Math.ceil(count / 2));
  yield outcome;
}

/** Timers that would call a function, and no task for each. */
export async function* bareTimers(count) {
  const start = performance.now();
  const handles = [];
  for (let i = 0; i < count; ++i) handles.push(setTimeout(() => {}, LONG));
  for (let i = 0; i < count; i += 2) clearTimeout(handles[i]);
  yield timed(count, count, start);
}

// --- cancel_tree ---------------------------------------------------------------------------------

class Cancellation {
  #cancel;
  requested = new Promise((resolve) => {
    this.#cancel = resolve;
  });

  cancel() {
    this.#cancel();
  }
}

async function cancel(name, tasks, arity) {
  let waiting = 0;
  let ended = 0;
  let allWait;
  const everybody = new Promise((resolve) => (allWait = resolve));

  /** Task number `me`, counted level by level, and all below it. */
  async function grow(me, cancellation) {
    await undefined; // a task of its own, not a call
    const first = me * arity + 1;
    const below = [];
    const children = [];
    for (let child = first; child < Math.min(first + arity, tasks); ++child) {
      const each = new Cancellation();
      below.push(each);
      children.push(grow(child, each));
    }
    if (++waiting === tasks) allWait();
    await cancellation.requested;
    for (const each of below) each.cancel();
    await Promise.all(children);
    ++ended;
  }

  const cancellation = new Cancellation();
  const root = grow(0, cancellation);
  await everybody;
  const start = performance.now();
  cancellation.cancel();
  await root;
  const outcome = timed(tasks, tasks, start, name);
  check("ended", ended, tasks);
  return outcome;
}

export async function* cancelTree(tasks) {
  yield await cancel("tree", tasks, 10);
  yield await cancel("chain", Math.max(1, Math.floor(tasks / 100)), 1);
}

// --- idle ----------------------------------------------------------------------------------------

async function wait(inbox) {
  for (;;) {
    while (inbox.take() === undefined) await inbox.arrival();
  }
}

function startIdle(count) {
  const inboxes = new Array(count);
  for (let i = 0; i < count; ++i) {
    inboxes[i] = new Mailbox();
    wait(inboxes[i]);
  }
  return inboxes;
}

const residentBytes = () => Number(readFileSync("/proc/self/statm", "utf8").split(" ")[1]) * 4096;

export async function* idleMemory(count) {
  gc();
  const before = residentBytes();
  const inboxes = startIdle(count);
  gc();
  const bytes_each = (residentBytes() - before) / inboxes.length;
  yield { name: "actor", size: count, operations: count, figures: { bytes_each } };
}

const after = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function* idleCpu(count) {
  const inboxes = startIdle(count);
  await after(1000); // what ends the setting up is not idling
  const start = performance.now();
  const before = process.cpuUsage();
  await after(10_000);
  const { user, system } = process.cpuUsage(before);
  const wall_seconds = (performance.now() - start) / 1000;
  check("waiting", inboxes.length, count);
  const figures = { cpu_seconds: (user + system) / 1e6, wall_seconds };
  yield { name: "", size: count, operations: count, figures };
}
