// Tasks that exchange messages.

import { Mailbox } from "./mailbox.mjs";
import { check, timed, Wrong } from "./outcome.mjs";

const sumBelow = (count) => (count * (count - 1)) / 2;

// --- skynet --------------------------------------------------------------------------------------

async function node(number, leaves) {
  if (leaves === 1) return number;
  const each = leaves / 10;
  const children = [];
  for (let i = 0; i < 10; ++i) children.push(node(number + i * each, each));
  let sum = 0;
  for (const part of await Promise.all(children)) sum += part;
  return sum;
}

export async function* skynet(leaves) {
  let tasks = 1;
  for (let level = leaves; level > 1; level /= 10) {
    if (level % 10 !== 0) throw new Wrong(`${leaves} is no power of ten`);
    tasks += level;
  }
  const start = performance.now();
  const sum = await node(0, leaves);
  const outcome = timed(leaves, tasks, start);
  check("sum", sum, sumBelow(leaves));
  yield outcome;
}

// --- ping_pong, mailing --------------------------------------------------------------------------

async function pong(inbox, peer) {
  for (let served = 0; ; ++served) {
    let value;
    while ((value = inbox.take()) === undefined) await inbox.arrival();
    if (value < 0) return served;
    peer.send(value);
  }
}

async function ping(inbox, peer, trips) {
  let sum = 0;
  for (let trip = 0; trip < trips; ++trip) {
    peer.send(trip);
    let value;
    while ((value = inbox.take()) === undefined) await inbox.arrival();
    sum += value;
  }
  peer.send(-1);
  return sum;
}

export async function* pingPong(trips) {
  const start = performance.now();
  const toPing = new Mailbox();
  const toPong = new Mailbox();
  pong(toPong, toPing);
  const sum = await ping(toPing, toPong, trips);
  const outcome = timed(trips, trips, start);
  check("sum", sum, sumBelow(trips));
  yield outcome;
}

/** The parent, which is this function, ends after its child. */
export async function* mailing(trips) {
  const start = performance.now();
  const toParent = new Mailbox();
  const toChild = new Mailbox();
  const child = pong(toChild, toParent);
  const sum = await ping(toParent, toChild, trips);
  const served = await child;
  const outcome = timed(trips, trips, start);
  check("sum", sum, sumBelow(trips));
  check("served by the child", served, trips);
  yield outcome;
}

// --- counting, fan_out, fan_in -------------------------------------------------------------------

async function collect(inbox, count) {
  let sum = 0;
  for (let i = 0; i < count; ++i) {
    let value;
    while ((value = inbox.take()) === undefined) await inbox.arrival();
    sum += value;
  }
  return sum;
}

async function sendMany(to, count) {
  for (let value = 0; value < count; ++value) {
    to.send(value);
    if (value % 1024 === 1023) await undefined; // lets the receiver catch up
  }
}

export async function* counting(messages) {
  const start = performance.now();
  const inbox = new Mailbox();
  const receiver = collect(inbox, messages);
  sendMany(inbox, messages);
  const sum = await receiver;
  const outcome = timed(messages, messages, start);
  check("sum", sum, sumBelow(messages));
  yield outcome;
}

export async function* fanIn(messagesEach) {
  const senders = 100;
  const start = performance.now();
  const inbox = new Mailbox();
  const receiver = collect(inbox, senders * messagesEach);
  for (let sender = 0; sender < senders; ++sender) sendMany(inbox, messagesEach);
  const sum = await receiver;
  const outcome = timed(messagesEach, senders * messagesEach, start);
  check("sum", sum, senders * sumBelow(messagesEach));
  yield outcome;
}

async function report(to, value) {
  await undefined; // a task of its own, not a call
  to.send(value);
}

export async function* fanOut(tasks) {
  const start = performance.now();
  const inbox = new Mailbox();
  const collector = collect(inbox, tasks);
  for (let value = 0; value < tasks; ++value) report(inbox, value);
  const sum = await collector;
  const outcome = timed(tasks, tasks, start);
  check("sum", sum, sumBelow(tasks));
  yield outcome;
}

// --- big -----------------------------------------------------------------------------------------

const BIG_ACTORS = 1000;
const PONG = -1; // any other message is a ping, and from whom
const STOP = -2;

function xorshift32(state) {
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

async function bigActor(me, inboxes, pings, sink) {
  const random = xorshift32((me + 1) * 0x9e3779b1);
  const inbox = inboxes[me];
  const pingAnother = () => inboxes[(me + 1 + random(BIG_ACTORS - 1)) % BIG_ACTORS].send(me);
  let left = pings - 1;
  let served = 0;
  pingAnother();
  for (;;) {
    let message;
    while ((message = inbox.take()) === undefined) await inbox.arrival();
    if (message >= 0) {
      ++served;
      inboxes[message].send(PONG);
    } else if (message === STOP) {
      return served;
    } else if (left > 0) {
      --left;
      pingAnother();
    } else {
      sink.send(1);
    }
  }
}

export async function* big(pings) {
  const inboxes = Array.from({ length: BIG_ACTORS }, () => new Mailbox());
  const sink = new Mailbox();
  const start = performance.now();
  const actors = inboxes.map((_, me) => bigActor(me, inboxes, pings, sink));
  await collect(sink, BIG_ACTORS);
  const outcome = timed(pings, BIG_ACTORS * pings, start);
  for (const inbox of inboxes) inbox.send(STOP);
  let served = 0;
  for (const each of await Promise.all(actors)) served += each;
  check("pings served", served, BIG_ACTORS * pings);
  yield outcome;
}

// --- thread_ring ---------------------------------------------------------------------------------

const RING = 1000;

async function link(me, inbox, next, last) {
  for (;;) {
    let left;
    while ((left = inbox.take()) === undefined) await inbox.arrival();
    if (left === 0) last.send(me);
    else next.send(left - 1);
  }
}

export async function* threadRing(hops) {
  const inboxes = Array.from({ length: RING }, () => new Mailbox());
  const last = new Mailbox();
  inboxes.forEach((inbox, me) => link(me, inbox, inboxes[(me + 1) % RING], last));
  const start = performance.now();
  inboxes[0].send(hops);
  const holder = await collect(last, 1);
  const outcome = timed(hops, hops, start);
  check("last holder", holder, hops % RING);
  yield outcome;
}

// --- ask -----------------------------------------------------------------------------------------

async function serve(inbox) {
  for (;;) {
    let request;
    while ((request = inbox.take()) === undefined) await inbox.arrival();
    request.answer(request.value + 1);
  }
}

function request(server, value, patience) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Wrong("no answer in time")), patience);
    const answer = (result) => {
      clearTimeout(timer);
      resolve(result);
    };
    server.send({ value, answer });
  });
}

export async function* ask(requests) {
  const start = performance.now();
  const server = new Mailbox();
  serve(server);
  let sum = 0;
  for (let value = 0; value < requests; ++value) sum += await request(server, value, 10_000);
  const outcome = timed(requests, requests, start);
  check("sum", sum, sumBelow(requests) + requests);
  yield outcome;
}
