// What one case of a benchmark finds.

export class Wrong extends Error {}

/** `start` is of performance.now(). */
export function timed(size, operations, start, name = "") {
  const seconds = Math.round((performance.now() - start) * 1000) / 1e6;
  return { name, size, operations, figures: { seconds } };
}

export function check(what, found, expected) {
  if (found !== expected) throw new Wrong(`${what}: ${found}, expected ${expected}`);
}
