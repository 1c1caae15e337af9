//! Tasks that exchange messages.

use crate::{check, Checked, Outcome};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

fn sum_below(count: u64) -> u64 {
    count * (count - 1) / 2
}

// --- skynet ----------------------------------------------------------------------------------------

fn node(number: u64, leaves: u64) -> JoinHandle<u64> {
    tokio::spawn(async move {
        if leaves == 1 {
            return number;
        }
        let each = leaves / 10;
        let children: [_; 10] = std::array::from_fn(|i| node(number + i as u64 * each, each));
        let mut sum = 0;
        for child in children {
            sum += child.await.expect("a sum");
        }
        sum
    })
}

pub async fn skynet(leaves: u64) -> Checked {
    let mut tasks = 1;
    let mut level = leaves;
    while level > 1 {
        if level % 10 != 0 {
            return Err(format!("{leaves} is no power of ten"));
        }
        tasks += level;
        level /= 10;
    }
    let start = Instant::now();
    let sum = node(0, leaves).await.expect("a sum");
    let outcome = Outcome::timed(leaves, tasks, start);
    check("sum", sum, sum_below(leaves))?;
    Ok(outcome)
}

// --- ping_pong -------------------------------------------------------------------------------------

async fn pong(mut inbox: mpsc::UnboundedReceiver<u64>, peer: mpsc::UnboundedSender<u64>) -> u64 {
    let mut served = 0;
    while let Some(value) = inbox.recv().await {
        if peer.send(value).is_err() {
            break;
        }
        served += 1;
    }
    served
}

async fn ping(
    mut inbox: mpsc::UnboundedReceiver<u64>,
    peer: mpsc::UnboundedSender<u64>,
    trips: u64,
) -> u64 {
    let mut sum = 0;
    for trip in 0..trips {
        if peer.send(trip).is_err() {
            break;
        }
        match inbox.recv().await {
            Some(value) => sum += value,
            None => break,
        }
    }
    sum
}

pub async fn ping_pong(trips: u64) -> Checked {
    let start = Instant::now();
    let (to_ping, ping_inbox) = mpsc::unbounded_channel();
    let (to_pong, pong_inbox) = mpsc::unbounded_channel();
    tokio::spawn(pong(pong_inbox, to_ping));
    let sum = tokio::spawn(ping(ping_inbox, to_pong, trips)).await.expect("a sum");
    let outcome = Outcome::timed(trips, trips, start);
    check("sum", sum, sum_below(trips))?;
    Ok(outcome)
}

// --- mailing ---------------------------------------------------------------------------------------

/// The parent is the task that calls this; it ends after its child.
pub async fn mailing(trips: u64) -> Checked {
    let start = Instant::now();
    let (to_parent, inbox) = mpsc::unbounded_channel();
    let (to_child, child_inbox) = mpsc::unbounded_channel();
    let child = tokio::spawn(pong(child_inbox, to_parent));
    let sum = ping(inbox, to_child, trips).await;
    let served = child.await.map_err(|failure| failure.to_string())?;
    let outcome = Outcome::timed(trips, trips, start);
    check("sum", sum, sum_below(trips))?;
    check("served by the child", served, trips)?;
    Ok(outcome)
}

// --- counting, fan_in ------------------------------------------------------------------------------

async fn send_to_one(senders: u64, messages_each: u64) -> Checked {
    let start = Instant::now();
    let (to, inbox) = flume::unbounded();
    let receiver = tokio::spawn(async move {
        let (mut count, mut sum) = (0, 0);
        while let Ok(value) = inbox.recv_async().await {
            count += 1;
            sum += value;
        }
        (count, sum)
    });
    for _ in 0..senders {
        let to = to.clone();
        tokio::spawn(async move {
            for value in 0..messages_each {
                to.send(value).expect("a receiver");
            }
        });
    }
    drop(to);
    let (count, sum) = receiver.await.expect("a count");
    let outcome = Outcome::timed(messages_each, senders * messages_each, start);
    check("count", count, senders * messages_each)?;
    check("sum", sum, senders * sum_below(messages_each))?;
    Ok(outcome)
}

pub async fn counting(messages: u64) -> Checked {
    send_to_one(1, messages).await
}

pub async fn fan_in(messages_each: u64) -> Checked {
    send_to_one(100, messages_each).await
}

// --- fan_out ---------------------------------------------------------------------------------------

pub async fn fan_out(tasks: u64) -> Checked {
    let start = Instant::now();
    let (to, mut inbox) = mpsc::unbounded_channel();
    let collector = tokio::spawn(async move {
        let (mut count, mut sum) = (0, 0);
        while let Some(value) = inbox.recv().await {
            count += 1;
            sum += value;
        }
        (count, sum)
    });
    tokio::spawn(async move {
        for value in 0..tasks {
            let to = to.clone();
            tokio::spawn(async move { to.send(value).expect("a collector") });
        }
    });
    let (count, sum) = collector.await.expect("a count");
    let outcome = Outcome::timed(tasks, tasks, start);
    check("count", count, tasks)?;
    check("sum", sum, sum_below(tasks))?;
    Ok(outcome)
}

// --- big -------------------------------------------------------------------------------------------

const BIG_ACTORS: usize = 1_000;

enum Big {
    Ping { from: usize },
    Pong,
    Stop,
}

/// xorshift64
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % bound
    }
}

/// Gives how many pings it served.
async fn big_actor(
    me: usize,
    mut inbox: mpsc::UnboundedReceiver<Big>,
    all: Arc<[mpsc::UnboundedSender<Big>]>,
    sink: mpsc::UnboundedSender<usize>,
    pings: u64,
) -> u64 {
    let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ (me as u64 + 1));
    let mut another = || {
        let pick = random.below(BIG_ACTORS - 1);
        pick + (pick >= me) as usize
    };
    let mut left = pings - 1;
    let mut served = 0;
    let _ = all[another()].send(Big::Ping { from: me });
    while let Some(message) = inbox.recv().await {
        match message {
            Big::Ping { from } => {
                served += 1;
                let _ = all[from].send(Big::Pong);
            }
            Big::Pong if left > 0 => {
                left -= 1;
                let _ = all[another()].send(Big::Ping { from: me });
            }
            Big::Pong => {
                let _ = sink.send(me);
            }
            Big::Stop => break,
        }
    }
    served
}

pub async fn big(pings: u64) -> Checked {
    let (sink, mut done) = mpsc::unbounded_channel();
    let (all, inboxes): (Vec<_>, Vec<_>) =
        (0..BIG_ACTORS).map(|_| mpsc::unbounded_channel()).unzip();
    let all: Arc<[_]> = all.into();
    let start = Instant::now();
    let actors: Vec<_> = inboxes
        .into_iter()
        .enumerate()
        .map(|(me, inbox)| tokio::spawn(big_actor(me, inbox, all.clone(), sink.clone(), pings)))
        .collect();
    for _ in 0..BIG_ACTORS {
        done.recv().await.expect("an actor that is done");
    }
    let operations = BIG_ACTORS as u64 * pings;
    let outcome = Outcome::timed(pings, operations, start);
    for actor in all.iter() {
        let _ = actor.send(Big::Stop);
    }
    let mut served = 0;
    for actor in actors {
        served += actor.await.expect("a count");
    }
    check("pings served", served, operations)?;
    Ok(outcome)
}

// --- thread_ring -----------------------------------------------------------------------------------

const RING: usize = 1_000;

pub async fn thread_ring(hops: u64) -> Checked {
    let (report, mut last) = mpsc::unbounded_channel();
    let (mut all, inboxes): (Vec<_>, Vec<_>) =
        (0..RING).map(|_| mpsc::unbounded_channel::<u64>()).unzip();
    let first = all[0].clone();
    all.rotate_left(1);
    for (me, (mut inbox, next)) in inboxes.into_iter().zip(all).enumerate() {
        let report = report.clone();
        tokio::spawn(async move {
            while let Some(left) = inbox.recv().await {
                if left == 0 {
                    let _ = report.send(me);
                } else {
                    let _ = next.send(left - 1);
                }
            }
        });
    }
    let start = Instant::now();
    first.send(hops).expect("a ring");
    let holder = last.recv().await.expect("a holder");
    let outcome = Outcome::timed(hops, hops, start);
    check("last holder", holder as u64, hops % RING as u64)?;
    Ok(outcome)
}

// --- ask -------------------------------------------------------------------------------------------

struct Request {
    value: u64,
    answer: oneshot::Sender<u64>,
}

pub async fn ask(requests: u64) -> Checked {
    let start = Instant::now();
    let (server, mut inbox) = mpsc::unbounded_channel::<Request>();
    tokio::spawn(async move {
        while let Some(request) = inbox.recv().await {
            let _ = request.answer.send(request.value + 1);
        }
    });
    let client = tokio::spawn(async move {
        let mut sum = 0;
        for value in 0..requests {
            let (answer, answered) = oneshot::channel();
            server.send(Request { value, answer }).ok()?;
            sum += timeout(Duration::from_secs(10), answered).await.ok()?.ok()?;
        }
        Some(sum)
    });
    let sum = client.await.expect("a sum").ok_or("no answer in time")?;
    let outcome = Outcome::timed(requests, requests, start);
    check("sum", sum, sum_below(requests) + requests)?;
    Ok(outcome)
}
