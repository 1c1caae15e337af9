"""Tasks that wait: for a time, for a cancel, for a message that does not come."""

import asyncio
import os
from time import perf_counter, process_time

from outcome import Outcome, check, timed

LONG = 3600

# --- timers ---------------------------------------------------------------------------------------


def timers(count):
    """A task for each timer; every second one is cancelled."""

    async def run():
        begin = perf_counter()
        create_task = asyncio.get_running_loop().create_task
        tasks = [create_task(asyncio.sleep(LONG)) for _ in range(count)]
        await asyncio.sleep(0)  # all of them start before this goes on
        for task in tasks[::2]:
            task.cancel()
        ends = await asyncio.gather(*tasks[::2], return_exceptions=True)
        outcome = timed(count, count, begin)
        cancelled = sum(isinstance(end, asyncio.CancelledError) for end in ends)
        check("cancelled", cancelled, (count + 1) // 2)
        check("asleep", sum(not task.done() for task in tasks), count // 2)
        return outcome, tasks

    # In a loop that is dropped, not closed: closing it would cancel the others.
    outcome, _tasks = asyncio.new_event_loop().run_until_complete(run())
    yield outcome


def bare_timers(count):
    """Timers that would call a function, and no task for each."""

    async def run():
        loop = asyncio.get_running_loop()
        fired = []
        begin = perf_counter()
        handles = [loop.call_later(LONG, fired.append, i) for i in range(count)]
        for handle in handles[::2]:
            handle.cancel()
        outcome = timed(count, count, begin)
        check("cancelled", sum(handle.cancelled() for handle in handles), (count + 1) // 2)
        return outcome

    yield asyncio.new_event_loop().run_until_complete(run())


# --- cancel_tree ----------------------------------------------------------------------------------


def cancel(case, tasks, arity):
    async def run():
        loop = asyncio.get_running_loop()
        waiting = ended = 0
        all_waiting = loop.create_future()

        async def wait():
            nonlocal waiting
            waiting += 1
            if waiting == tasks:
                all_waiting.set_result(None)
            await loop.create_future()

        async def grow(me):
            """Task number `me`, counted level by level, and all below it."""
            nonlocal ended
            try:
                first = me * arity + 1
                if first >= tasks:
                    await wait()
                async with asyncio.TaskGroup() as below:
                    for child in range(first, min(first + arity, tasks)):
                        below.create_task(grow(child))
                    await wait()
            finally:
                ended += 1

        root = loop.create_task(grow(0))
        await all_waiting
        begin = perf_counter()
        root.cancel()
        await asyncio.wait([root])  # a task group ends after its tasks
        outcome = timed(tasks, tasks, begin, case)
        check("ended", ended, tasks)
        return outcome

    return asyncio.run(run())


def cancel_tree(tasks):
    yield cancel("tree", tasks, 10)
    yield cancel("chain", max(1, tasks // 100), 1)


# --- idle -----------------------------------------------------------------------------------------


async def start_idle(count):
    """Tasks that wait for a message, and their queues."""

    async def wait(inbox):
        while True:
            await inbox.get()

    create_task = asyncio.get_running_loop().create_task
    kept = []
    for _ in range(count):
        inbox = asyncio.Queue()
        kept.append((create_task(wait(inbox)), inbox))
    await asyncio.sleep(0)
    return kept


def resident_bytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def idle_memory(count):
    async def run():
        before = resident_bytes()
        kept = await start_idle(count)
        each = (resident_bytes() - before) / count
        check("waiting", sum(not task.done() for task, _ in kept), count)
        return Outcome(count, count, {"bytes_each": each}, "actor"), kept

    outcome, _kept = asyncio.new_event_loop().run_until_complete(run())
    yield outcome


def idle_cpu(count):
    async def run():
        kept = await start_idle(count)
        await asyncio.sleep(1)  # what ends the setting up is not idling
        begin, before = perf_counter(), process_time()
        await asyncio.sleep(10)
        used, took = process_time() - before, perf_counter() - begin
        check("waiting", sum(not task.done() for task, _ in kept), count)
        return Outcome(count, count, {"cpu_seconds": used, "wall_seconds": took}), kept

    outcome, _kept = asyncio.new_event_loop().run_until_complete(run())
    yield outcome
