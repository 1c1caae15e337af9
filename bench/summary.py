"""Medians, what was aimed at, and the table."""

import statistics
from dataclasses import dataclass

OURS = "libactors"


@dataclass(frozen=True)
class Unit:
    """How a result line becomes the number that is shown."""

    name: str
    in_full: str
    of: object  # result line -> number
    more_is_better: bool = False


RATE = Unit(
    "M/s",
    "millions of operations per second",
    lambda line: line["operations"] / line["seconds"] / 1e6,
    more_is_better=True,
)
SECONDS = Unit("s", "seconds", lambda line: line["seconds"])
MILLISECONDS = Unit("ms", "milliseconds", lambda line: line["seconds"] * 1e3)
COST = Unit(
    "ns each",
    "nanoseconds per task",
    lambda line: line["seconds"] / line["operations"] * 1e9,
)
BYTES = Unit("B each", "bytes each", lambda line: line["bytes_each"])
LATENESS = Unit(
    "ms late",
    "milliseconds late (99th percentile)",
    lambda line: line["late_seconds_p99"] * 1e3,
)
CPU = Unit("s of CPU", "seconds of CPU in ten seconds", lambda line: line["cpu_seconds"])

UNITS = {
    "skynet": SECONDS,
    "cancel_tree": MILLISECONDS,
    "growth": COST,
    "idle_memory": BYTES,
    "idle_cpu": CPU,
    "timers_under_load": LATENESS,
}

# How many times the best peer's rate.
TIMES_BEST_PEER = {
    "ping_pong": 2.5,
    "thread_ring": 2.5,
    "counting": 1.5,
    "fan_in": 1.5,
    "big": 1.5,
    "fan_out": 1.5,
    "ask": 1.5,
    "mailing": 1.5,
}
# At most, in the bench's unit, at the full size.
AT_MOST = {
    ("cancel_tree", "tree"): 100,
    ("cancel_tree", "chain"): 5,
    ("idle_memory", "actor"): 300,
    ("idle_memory", "task"): 400,
    ("idle_memory", "record"): 1024,
    ("idle_cpu", ""): 0.05,
}
SKYNET_OF_TOKIO = 0.4
DISPATCH_RATE = 4.0
GROWTH = 1.2


def unit_of(bench):
    return UNITS.get(bench, RATE)


def check(bench, lines):
    """Raises for a line that is not one of this bench, and when there is none."""
    if not lines:
        raise ValueError("no result")
    for line in lines:
        unit_of(bench).of(line)
        if line["bench"] != bench or not isinstance(line["case"], str):
            raise ValueError(f"another bench: {line['bench']}")


@dataclass(frozen=True)
class Spread:
    median: float
    low: float
    high: float
    size: int


class Results:
    """The spread of each system in each case of each bench; ours is the first of the systems."""

    def __init__(self, lines):
        values = {}
        for line in lines:
            key = (line["bench"], line["case"], line["system"])
            values.setdefault(key, []).append((unit_of(line["bench"]).of(line), line["size"]))
        self.all = {
            key: Spread(
                statistics.median(value for value, _ in found),
                min(value for value, _ in found),
                max(value for value, _ in found),
                found[0][1],
            )
            for key, found in values.items()
        }

    def get(self, bench, case, system):
        """A system that does not tell the cases of a bench apart has the same in each of them."""
        return self.all.get((bench, case, system)) or self.all.get((bench, "", system))

    def median(self, bench, case, system):
        found = self.get(bench, case, system)
        return found.median if found else None

    def benches(self):
        return list(dict.fromkeys(bench for bench, _, _ in self.all))

    def cases(self, bench):
        found = list(dict.fromkeys(case for of, case, _ in self.all if of == bench))
        return [case for case in found if case] or found

    def systems(self, bench, case):
        found = {name for of, _, name in self.all if of == bench and self.get(bench, case, name)}
        return sorted(found, key=lambda name: (name != OURS, name.lower()))

    def best_peer(self, bench, case):
        """The better end of the others' medians, and whose it is."""
        peers = [
            (self.median(bench, case, name), name)
            for name in self.systems(bench, case)
            if name != OURS
        ]
        if not peers:
            return None
        return max(peers) if unit_of(bench).more_is_better else min(peers)


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}" if value >= 0.01 or value == 0 else f"{value:.1e}"


def verdict(text, is_met):
    return f"{text}: {'met' if is_met else 'MISSED'}"


def targets(results, bench, case):
    """What was aimed at and whether it was reached, as far as this run can tell."""
    ours = results.median(bench, case, OURS)
    best = results.best_peer(bench, case)
    if ours is None:
        return []
    found = []
    if bench in TIMES_BEST_PEER and best:
        aim = TIMES_BEST_PEER[bench]
        found.append(verdict(f"at least {aim}x", ours >= aim * best[0]))
    if (bench, case) in AT_MOST:
        aim = AT_MOST[bench, case]
        found.append(verdict(f"at most {aim} {unit_of(bench).name}", ours <= aim))
    if bench == "skynet" and results.get(bench, case, "tokio"):
        tokio = results.median(bench, case, "tokio")
        found.append(verdict(f"at most {SKYNET_OF_TOKIO}x tokio", ours <= SKYNET_OF_TOKIO * tokio))
    if bench == "supervised_dispatch":
        found.append(verdict(f"at least {DISPATCH_RATE} M/s", ours >= DISPATCH_RATE))
        tokio = results.median("fan_out", "", "tokio")
        if tokio is not None:
            found.append(verdict(f"at least tokio's fan_out, {number(tokio)} M/s", ours >= tokio))
    if bench == "growth" and case != results.cases(bench)[0]:
        first = results.median(bench, results.cases(bench)[0], OURS)
        if first:
            text = f"{ours / first:.2f}x the first, at most {GROWTH}x"
            found.append(verdict(text, ours <= GROWTH * first))
    return found


def ratio_text(results, bench, case):
    ours, best = results.median(bench, case, OURS), results.best_peer(bench, case)
    # How two that use next to nothing compare says nothing.
    if ours is None or not best or bench == "idle_cpu":
        return ""
    return f"{number(ours / best[0])}x {best[1]}"


def show_case(results, run, bench, case):
    unit = unit_of(bench)
    title = f"{bench} {case}".strip()
    print(f"\n{title}, {unit.name}, {'more' if unit.more_is_better else 'less'} is better")
    for system in run.systems:
        found = results.get(bench, case, system)
        if found:
            spread = f"{number(found.low)} .. {number(found.high)}"
            line = f"  {system:<10} {number(found.median):>9}   {spread:<20}"
            ours = results.get(bench, case, OURS)
            if ours and ours.size != found.size:
                line += f" at size {found.size:,}"
            if (bench, system) in run.failures:
                line += " and then failed"
        elif (bench, system) in run.failures:
            line = f"  {system:<10} {'failed':>9}"
        else:
            line = f"  {system:<10} {'–':>9}"
        if system == OURS and found:
            facts = [ratio_text(results, bench, case), *targets(results, bench, case)]
            line += " " + "; ".join(fact for fact in facts if fact)
        print(line.rstrip())


def show(facts, results, run):
    print(f"{facts['cpu']}, {facts['cores']} cores, {facts['kernel']}, {facts['compiler']}")
    print("; ".join(f"{name}: {version}" for name, version in facts["versions"].items()))
    print(f"{facts['workers']} workers; medians of {facts['rounds']} rounds, lowest .. highest")
    if facts["quick"]:
        print("a quick run: too small to judge by, above all where a number of tasks is part of the aim")
    for bench in run.options.only:
        # Where nothing came, the failures below say why.
        for case in results.cases(bench):
            show_case(results, run, bench, case)
    if run.failures:
        print("\nfailed")
        for (bench, system), why in run.failures.items():
            print(f"  {bench} of {system}: {why}")
