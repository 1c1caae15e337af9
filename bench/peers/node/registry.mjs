// A registry of tasks as services have one: it admits up to a limit, names, records, runs and reports.

import { Mailbox } from "./mailbox.mjs";
import { check, timed } from "./outcome.mjs";

const CAPACITY = 1_000_000;
const RETAINED = 10_000;

class Registry {
  events = new Mailbox();
  #records = new Map();
  #ended = []; // ids of the last ones, in a circle
  #oldest = 0;
  #running = 0;
  #lastId = 0;

  /** The id of the task, or undefined when as many run as are admitted. */
  spawn(name, parent, body) {
    if (this.#running === CAPACITY) return undefined;
    ++this.#running;
    const record = { id: ++this.#lastId, name, parent, state: "running", result: undefined };
    this.#records.set(record.id, record);
    this.#run(record, body);
    return record.id;
  }

  async #run(record, body) {
    try {
      await undefined; // the caller goes on first
      record.result = await body(record.id);
      record.state = "completed";
    } catch (failure) {
      record.result = failure;
      record.state = "failed";
    }
    --this.#running;
    if (this.#ended.length < RETAINED) {
      this.#ended.push(record.id);
    } else {
      this.#records.delete(this.#ended[this.#oldest]);
      this.#ended[this.#oldest] = record.id;
      this.#oldest = (this.#oldest + 1) % RETAINED;
    }
    this.events.send({ id: record.id, state: record.state, result: record.result });
  }

  /** Records, and those of running tasks. */
  kept() {
    let running = 0;
    for (const record of this.#records.values()) running += record.state === "running";
    return [this.#records.size, running];
  }
}

async function dispatch(registry, tasks) {
  for (let i = 0; i < tasks; ++i) {
    while (registry.spawn("worker", undefined, async (id) => id) === undefined) await undefined;
    if (i % 1024 === 1023) await undefined; // lets the tasks run
  }
}

async function readEvents(registry, count) {
  let sum = 0;
  for (let i = 0; i < count; ++i) {
    let event;
    while ((event = registry.events.take()) === undefined) await registry.events.arrival();
    check("state", event.state, "completed");
    check("result", event.result, event.id);
    sum += event.id;
  }
  return sum;
}

async function measure(tasks, name) {
  const registry = new Registry();
  const start = performance.now();
  const owner = readEvents(registry, tasks);
  dispatch(registry, tasks);
  const sum = await owner;
  const outcome = timed(tasks, tasks, start, name);
  check("sum of ids", sum, (tasks * (tasks + 1)) / 2);
  const [records, running] = registry.kept();
  check("records", records, Math.min(tasks, RETAINED));
  check("records of running tasks", running, 0);
  return outcome;
}

export async function* supervisedDispatch(tasks) {
  yield await measure(tasks, "");
}

export async function* growth(last) {
  for (let tasks = Math.min(10_000, last); tasks <= last; tasks *= 10) {
    yield await measure(tasks, String(tasks));
  }
}
