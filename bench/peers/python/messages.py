"""Tasks that exchange messages."""

import asyncio
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from random import Random
from threading import Thread
from time import perf_counter

from outcome import Wrong, check, timed


def sum_below(count):
    return count * (count - 1) // 2


def start(function, *arguments):
    """In a thread; gives the future of its result."""
    result = Future()

    def run():
        try:
            result.set_result(function(*arguments))
        except BaseException as failure:
            result.set_exception(failure)

    Thread(target=run, daemon=True).start()
    return result


# --- skynet ---------------------------------------------------------------------------------------


async def node(number, leaves):
    if leaves == 1:
        return number
    each = leaves // 10
    return sum(await asyncio.gather(*(node(number + i * each, each) for i in range(10))))


def skynet(leaves):
    tasks, level = 1, leaves
    while level > 1:
        if level % 10:
            raise Wrong(f"{leaves} is no power of ten")
        tasks += level
        level //= 10

    async def run():
        begin = perf_counter()
        total = await asyncio.create_task(node(0, leaves))
        outcome = timed(leaves, tasks, begin)
        check("sum", total, sum_below(leaves))
        return outcome

    yield asyncio.run(run())


# --- ping_pong, mailing ---------------------------------------------------------------------------


def pong(inbox, peer):
    get, put, served = inbox.get, peer.put, 0
    while (value := get()) is not None:
        put(value)
        served += 1
    return served


def ping(inbox, peer, trips):
    get, put, total = inbox.get, peer.put, 0
    for trip in range(trips):
        put(trip)
        total += get()
    put(None)
    return total


def ping_pong(trips):
    begin = perf_counter()
    to_ping, to_pong = SimpleQueue(), SimpleQueue()
    start(pong, to_pong, to_ping)
    total = start(ping, to_ping, to_pong, trips).result()
    outcome = timed(trips, trips, begin)
    check("sum", total, sum_below(trips))
    yield outcome


def mailing(trips):
    """The parent, which is this thread, ends after its child."""
    begin = perf_counter()
    to_parent, to_child = SimpleQueue(), SimpleQueue()
    child = start(pong, to_child, to_parent)
    total = ping(to_parent, to_child, trips)
    served = child.result()
    outcome = timed(trips, trips, begin)
    check("sum", total, sum_below(trips))
    check("served by the child", served, trips)
    yield outcome


# --- counting, fan_in -----------------------------------------------------------------------------


def send(to, count):
    put = to.put
    for value in range(count):
        put(value)


def receive(inbox, count):
    get, total = inbox.get, 0
    for _ in range(count):
        total += get()
    return total


def send_to_one(senders, messages_each):
    begin = perf_counter()
    inbox = SimpleQueue()
    total = start(receive, inbox, senders * messages_each)
    for _ in range(senders):
        start(send, inbox, messages_each)
    total = total.result()
    outcome = timed(messages_each, senders * messages_each, begin)
    check("sum", total, senders * sum_below(messages_each))
    yield outcome


def counting(messages):
    return send_to_one(1, messages)


def fan_in(messages_each):
    return send_to_one(100, messages_each)


# --- fan_out --------------------------------------------------------------------------------------


def fan_out(tasks):
    async def report(to, value):
        to.put_nowait(value)

    async def spawn(to):
        create_task = asyncio.get_running_loop().create_task
        for value in range(tasks):
            create_task(report(to, value))

    async def run():
        begin = perf_counter()
        inbox = asyncio.Queue()
        spawner = asyncio.create_task(spawn(inbox))
        total = 0
        for _ in range(tasks):
            total += await inbox.get()
        await spawner
        outcome = timed(tasks, tasks, begin)
        check("sum", total, sum_below(tasks))
        return outcome

    yield asyncio.run(run())


# --- big ------------------------------------------------------------------------------------------

BIG_ACTORS = 1_000
PONG, STOP = -1, -2  # any other message is a ping, and from whom


async def big_actor(me, inboxes, pings, sink):
    random = Random(me).random
    inbox = inboxes[me]

    def ping_another():
        inboxes[me - 1 - int(random() * (BIG_ACTORS - 1))].put_nowait(me)

    left, served = pings - 1, 0
    ping_another()
    while True:
        message = await inbox.get()
        if message >= 0:
            served += 1
            inboxes[message].put_nowait(PONG)
        elif message == STOP:
            return served
        elif left:
            left -= 1
            ping_another()
        else:
            sink.put_nowait(me)


def big(pings):
    async def run():
        inboxes = [asyncio.Queue() for _ in range(BIG_ACTORS)]
        sink = asyncio.Queue()
        begin = perf_counter()
        actors = [
            asyncio.create_task(big_actor(me, inboxes, pings, sink)) for me in range(BIG_ACTORS)
        ]
        for _ in actors:
            await sink.get()
        outcome = timed(pings, BIG_ACTORS * pings, begin)
        for inbox in inboxes:
            inbox.put_nowait(STOP)
        check("pings served", sum(await asyncio.gather(*actors)), BIG_ACTORS * pings)
        return outcome

    yield asyncio.run(run())


# --- thread_ring ----------------------------------------------------------------------------------

RING = 1_000


def thread_ring(hops):
    async def link(me, inbox, following, last):
        while True:
            left = await inbox.get()
            if left:
                following.put_nowait(left - 1)
            else:
                last.set_result(me)

    async def run():
        inboxes = [asyncio.Queue() for _ in range(RING)]
        last = asyncio.get_running_loop().create_future()
        links = [
            asyncio.create_task(link(me, inbox, inboxes[(me + 1) % RING], last))
            for me, inbox in enumerate(inboxes)
        ]
        await asyncio.sleep(0)
        begin = perf_counter()
        inboxes[0].put_nowait(hops)
        holder = await last
        outcome = timed(hops, hops, begin)
        check("last holder", holder, hops % RING)
        for each in links:
            each.cancel()
        return outcome

    yield asyncio.run(run())


# --- ask ------------------------------------------------------------------------------------------


def serve(inbox):
    while (request := inbox.get()) is not None:
        value, answer = request
        answer.put(value + 1)


def ask_all(server, requests):
    total = 0
    for value in range(requests):
        answer = SimpleQueue()
        server.put((value, answer))
        total += answer.get(timeout=10)
    server.put(None)
    return total


def ask(requests):
    begin = perf_counter()
    server = SimpleQueue()
    start(serve, server)
    try:
        total = start(ask_all, server, requests).result()
    except Empty:
        raise Wrong("no answer in time") from None
    outcome = timed(requests, requests, begin)
    check("sum", total, sum_below(requests) + requests)
    yield outcome
