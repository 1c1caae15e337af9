"""Runs the benchmarks of all systems in turns and shows what they gave; see bench/run."""

import argparse
import concurrent.futures
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import machine
import plots
import summary

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 120
OURS = "libactors"
UNSUPPORTED = 3  # how a peer that does not know a bench ends

# --size of each bench in a quick run; a full run leaves the size to the programs.
QUICK_SIZES = {
    "skynet": 100_000,
    "ping_pong": 100_000,
    "counting": 1_000_000,
    "fan_out": 100_000,
    "fan_in": 10_000,
    "big": 100,
    "thread_ring": 100_000,
    "ask": 100_000,
    "timers": 100_000,
    "timers_under_load": 1_000,
    "supervised_dispatch": 100_000,
    "mailing": 100_000,
    "caf_actors": 100_000,
    "cancel_tree": 100_000,
    "growth": 100_000,
    "idle_memory": 100_000,
    "idle_cpu": 10_000,
}
# Registries whose cost per task grows would take minutes for more.
QUICK_SIZES_OF_PEERS = {"growth": 10_000}
BENCHES = list(QUICK_SIZES)


class Run:
    """The programs that take part, and what they gave so far."""

    def __init__(self, options):
        self.options = options
        self.lines = []  # parsed results
        self.failures = {}  # (bench, system): why
        self.unsupported = set()  # (bench, system)
        self.systems = {OURS: None, "CAF": ROOT / "build/release/bench/peer_caf"}
        if options.peers:
            for build in sorted(ROOT.glob("bench/peers/*/build")):
                name = build.parent.name
                self.systems[name] = ROOT / "build/peers" / name / "peer"

    def command(self, bench, system):
        peer = self.systems[system]
        command = [ROOT / f"build/release/bench/bench_{bench}"] if peer is None else [peer, bench]
        command += ["--workers", str(self.options.workers)]
        if self.options.quick:
            sizes = QUICK_SIZES if peer is None else {**QUICK_SIZES, **QUICK_SIZES_OF_PEERS}
            command += ["--size", str(sizes[bench])]
        return [str(part) for part in command]

    def one(self, bench, system, number):
        """One run of one program; one that failed or knows no such bench is not run again."""
        key = (bench, system)
        if key in self.failures or key in self.unsupported:
            return
        status, output, errors = execute(self.command(bench, system))
        if status == UNSUPPORTED and not output and self.systems[system] is not None:
            self.unsupported.add(key)
            return
        found = []
        try:
            for line in output.splitlines():
                found.append({**json.loads(line), "system": system, "round": number})
            summary.check(bench, found)
        except (ValueError, KeyError, TypeError) as problem:
            status = status or f"a line is not understood: {problem}"
        # What was printed before a failure did happen, and counts.
        self.lines += found
        if status != 0:
            last = errors.strip().splitlines()[-1:] or [""]
            self.failures[key] = f"{describe(status)} {last[0]}".strip()

    def all_rounds(self):
        for number in range(1, self.options.rounds + 1):
            for bench in self.options.only:
                progress(f"round {number} of {self.options.rounds}: {bench}")
                if bench == "idle_cpu":
                    # They do nothing for ten seconds and count their own processor time only.
                    with concurrent.futures.ThreadPoolExecutor(len(self.systems)) as pool:
                        list(pool.map(lambda system: self.one(bench, system, number), self.systems))
                else:
                    for system in self.systems:
                        self.one(bench, system, number)
        progress("")


def execute(command):
    """Exit status (or a text that says why there is none), stdout, stderr."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    except OSError as problem:
        return f"cannot be started: {problem.strerror}", "", ""
    try:
        output, errors = process.communicate(timeout=TIMEOUT)
        return process.returncode, output, errors
    except subprocess.TimeoutExpired:
        stop(process)
        output, _ = process.communicate()
        return f"not ready after {TIMEOUT} s", output, ""
    except BaseException:
        stop(process)
        raise


def stop(process):
    # The group, because a peer may be a script around its program.
    os.killpg(process.pid, signal.SIGKILL)


def describe(status):
    if isinstance(status, str):
        return status
    return f"signal {-status}" if status < 0 else f"exit code {status}"


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    elif text:
        print(text, file=sys.stderr, flush=True)


def list_of_benches(text):
    names = text.split(",")
    for name in names:
        if name not in BENCHES:
            raise argparse.ArgumentTypeError(f"no such bench: {name} ({', '.join(BENCHES)})")
    return names


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("not a positive number")
    return number


def parse():
    options = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    options.add_argument("--peers", action="store_true", help="also Go, tokio, Erlang, ...")
    options.add_argument("--quick", action="store_true", help="smaller work, two rounds unless told")
    options.add_argument("--rounds", type=positive, help="5 unless told")
    options.add_argument("--only", type=list_of_benches, default=BENCHES, metavar="A,B")
    options.add_argument("--workers", type=positive, default=2, help="2 unless told")
    parsed = options.parse_args()
    parsed.rounds = parsed.rounds or (2 if parsed.quick else 5)
    return parsed


def main():
    options = parse()
    run = Run(options)
    facts = machine.describe(ROOT, run.systems, options)
    run.all_rounds()

    out = ROOT / "build/bench"
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "results.jsonl", "w") as file:
        for line in [{"machine": facts}, *run.lines]:
            file.write(json.dumps(line) + "\n")
        for (bench, system), why in run.failures.items():
            file.write(json.dumps({"bench": bench, "system": system, "failed": why}) + "\n")

    results = summary.Results(run.lines)
    summary.show(facts, results, run)
    plots.draw(out, results)
    print(f"\nresults and plots are in {out.relative_to(ROOT)}/")
    return 1 if run.failures else 0


if __name__ == "__main__":
    sys.exit(main())
