"""What the benchmarks ran on."""

import datetime
import os
import platform
import re
import subprocess


def output_of(*command):
    """The first line that a command prints; empty when there is no such command."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
        return (done.stdout.splitlines() or [""])[0].strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def first_match(pattern, path):
    try:
        with open(path) as file:
            found = re.search(pattern, file.read(), re.MULTILINE)
            return found.group(1).strip() if found else ""
    except OSError:
        return ""


def package(name):
    return output_of("dpkg-query", "--show", "--showformat", "${Version}", name)


# The peers run what Debian packages, whatever else is on the path.
PACKAGES = {
    "CAF": ["libcaf-dev"],
    "erlang": ["erlang-base"],
    "go": ["golang-go"],
    "node": ["nodejs"],
    "python": ["python3"],
    "tokio": ["librust-tokio-dev", "rustc"],
}


def version_of_ours(root):
    version = first_match(r"^  VERSION (\S+)", root / "CMakeLists.txt")
    commit = output_of("git", "-C", str(root), "describe", "--always", "--dirty")
    return f"{version} {commit}".strip()


def describe(root, systems, options):
    cache = root / "build/release/CMakeCache.txt"
    compiler = first_match(r"^CMAKE_CXX_COMPILER:\w+=(.*)", cache) or "c++"
    versions = {
        name: ", ".join(f"{each} {package(each)}" for each in PACKAGES.get(name, []))
        for name in systems
    }
    versions["libactors"] = version_of_ours(root)
    return {
        "cpu": first_match(r"^model name\s*: (.*)", "/proc/cpuinfo") or platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "compiler": output_of(compiler, "--version"),
        "versions": versions,
        "workers": options.workers,
        "rounds": options.rounds,
        "quick": options.quick,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    }
