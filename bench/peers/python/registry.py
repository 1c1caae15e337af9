"""A registry of tasks as services have one: it admits up to a limit, names, records, runs and reports.

Its table is a dict with a lock; a ThreadPoolExecutor runs the tasks.
"""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Lock, Thread
from time import perf_counter, sleep
from typing import Any, Callable, NamedTuple

from outcome import check, timed

CAPACITY = 1_000_000
RETAINED = 10_000


class Full(Exception):
    pass


@dataclass(slots=True)
class Record:
    id: int
    name: str
    parent: int | None
    state: str = "running"
    result: Any = None


class Event(NamedTuple):
    id: int
    state: str
    result: Any


class Registry:
    def __init__(self, workers: int):
        self.events = SimpleQueue()
        self._executor = ThreadPoolExecutor(max_workers=workers)
        self._lock = Lock()
        self._records: dict[int, Record] = {}
        self._ended: deque[int] = deque()
        self._running = 0
        self._last_id = 0

    def spawn(self, name: str, parent: int | None, body: Callable[[int], Any]) -> int:
        with self._lock:
            if self._running == CAPACITY:
                raise Full
            self._running += 1
            self._last_id += 1
            record = Record(self._last_id, name, parent)
            self._records[record.id] = record
        self._executor.submit(self._run, record, body)
        return record.id

    def _run(self, record: Record, body: Callable[[int], Any]):
        try:
            state, result = "completed", body(record.id)
        except Exception as failure:
            state, result = "failed", failure
        with self._lock:
            record.state, record.result = state, result
            self._running -= 1
            self._ended.append(record.id)
            if len(self._ended) > RETAINED:
                del self._records[self._ended.popleft()]
        self.events.put(Event(record.id, state, result))

    def kept(self) -> tuple[int, int]:
        """Records, and those of running tasks."""
        with self._lock:
            records = self._records.values()
            return len(records), sum(record.state == "running" for record in records)

    def close(self):
        self._executor.shutdown()


def give(task_id):
    return task_id


def dispatch(registry, tasks):
    for _ in range(tasks):
        while True:
            try:
                registry.spawn("worker", None, give)
                break
            except Full:
                sleep(0.001)


def measure(tasks, workers, case=""):
    registry = Registry(workers)
    begin = perf_counter()
    dispatcher = Thread(target=dispatch, args=(registry, tasks))
    dispatcher.start()
    total = 0
    for _ in range(tasks):
        task_id, state, result = registry.events.get()
        check("state", state, "completed")
        check("result", result, task_id)
        total += task_id
    outcome = timed(tasks, tasks, begin, case)
    dispatcher.join()
    check("sum of ids", total, tasks * (tasks + 1) // 2)
    check("records, and those of running tasks", registry.kept(), (min(tasks, RETAINED), 0))
    registry.close()
    return outcome


def supervised_dispatch(tasks, workers):
    yield measure(tasks, workers)


def growth(last, workers):
    tasks = min(10_000, last)
    while tasks <= last:
        yield measure(tasks, workers, str(tasks))
        tasks *= 10
