"""What a benchmark finds."""

from dataclasses import dataclass
from time import perf_counter


@dataclass
class Outcome:
    """Of one case."""

    size: int
    operations: int
    figures: dict[str, float]
    case: str = ""


class Wrong(Exception):
    """A result that is not what it must be."""


def timed(size, operations, start, case=""):
    return Outcome(size, operations, {"seconds": perf_counter() - start}, case)


def check(what, found, expected):
    if found != expected:
        raise Wrong(f"{what}: {found}, expected {expected}")
