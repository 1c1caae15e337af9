//! Tasks that wait: for a time, for a cancel, for a message that does not come.

use crate::gate::Gate;
use crate::{check, Checked, Figures, Outcome};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::time::DelayQueue;

// --- timers ----------------------------------------------------------------------------------------

const LONG: Duration = Duration::from_secs(3600);

/// A task for each timer; every second one is cancelled.
pub async fn timers(count: u64) -> Checked {
    let start = Instant::now();
    let armed = Arc::new(Gate::new(count));
    let mut tasks = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let armed = armed.clone();
        tasks.push(tokio::spawn(async move {
            armed.arrive(); // the timer is armed in the same poll
            tokio::time::sleep(LONG).await;
        }));
    }
    armed.passed().await;
    for task in tasks.iter().step_by(2) {
        task.abort();
    }
    let mut cancelled = 0;
    for task in tasks.iter_mut().step_by(2) {
        cancelled += u64::from(matches!(task.await, Err(failure) if failure.is_cancelled()));
    }
    let outcome = Outcome::timed(count, count, start);
    check("cancelled", cancelled, (count + 1) / 2)?;
    Ok(outcome)
}

/// Timers in one queue that a task would read, and no task for each.
pub async fn bare_timers(count: u64) -> Checked {
    let start = Instant::now();
    let mut queue = DelayQueue::with_capacity(count as usize);
    let keys: Vec<_> = (0..count).map(|value| queue.insert(value, LONG)).collect();
    for key in keys.iter().step_by(2) {
        queue.remove(key);
    }
    let outcome = Outcome::timed(count, count, start);
    check("left", queue.len() as u64, count / 2)?;
    Ok(outcome)
}

// --- cancel_tree -----------------------------------------------------------------------------------

struct Tree {
    tasks: u64,
    arity: u64,
    waiting: Gate,
    ended: Gate,
}

/// Owns a task, and so all that this one owns.
struct Child(JoinHandle<()>);

impl Drop for Child {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct End(Arc<Tree>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.ended.arrive();
    }
}

/// Task number `me`, counted level by level, and all below it.
fn grow(tree: Arc<Tree>, me: u64) -> Child {
    Child(tokio::spawn(async move {
        let _end = End(tree.clone());
        let first = me * tree.arity + 1;
        let _children: Vec<_> = (first..(first + tree.arity).min(tree.tasks))
            .map(|child| grow(tree.clone(), child))
            .collect();
        tree.waiting.arrive();
        std::future::pending().await
    }))
}

async fn cancel(case: &str, tasks: u64, arity: u64) -> Checked {
    let (waiting, ended) = (Gate::new(tasks), Gate::new(tasks));
    let tree = Arc::new(Tree { tasks, arity, waiting, ended });
    let root = grow(tree.clone(), 0);
    tree.waiting.passed().await;
    let start = Instant::now();
    drop(root);
    tree.ended.passed().await;
    Ok(Outcome::timed(tasks, tasks, start).case(case))
}

pub async fn cancel_tree(tasks: u64) -> Checked {
    cancel("tree", tasks, 10).await
}

pub async fn cancel_chain(depth: u64) -> Checked {
    cancel("chain", depth, 1).await
}

// --- idle ------------------------------------------------------------------------------------------

/// Tasks that wait for a message, and the senders that keep them waiting.
async fn idle(count: u64) -> Vec<mpsc::UnboundedSender<u64>> {
    let waiting = Arc::new(Gate::new(count));
    let senders = (0..count)
        .map(|_| {
            let (to, mut inbox) = mpsc::unbounded_channel();
            let waiting = waiting.clone();
            tokio::spawn(async move {
                waiting.arrive();
                while inbox.recv().await.is_some() {}
            });
            to
        })
        .collect();
    waiting.passed().await;
    senders
}

fn resident_bytes() -> Result<u64, String> {
    let statm = std::fs::read_to_string("/proc/self/statm").map_err(|e| e.to_string())?;
    let pages = statm.split(' ').nth(1).and_then(|field| field.parse::<u64>().ok());
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64;
    Ok(pages.ok_or("statm is not understood")? * page)
}

pub async fn idle_memory(count: u64) -> Checked {
    let before = resident_bytes()?;
    let senders = idle(count).await;
    let bytes = resident_bytes()?.saturating_sub(before);
    let each = bytes as f64 / count as f64;
    check("waiting", senders.iter().filter(|to| !to.is_closed()).count() as u64, count)?;
    let figures = Figures::BytesEach(each);
    Ok(Outcome { case: "actor".into(), size: count, operations: count, figures })
}

fn cpu_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

pub async fn idle_cpu(count: u64) -> Checked {
    let senders = idle(count).await;
    tokio::time::sleep(Duration::from_secs(1)).await; // what ends the setting up is not idling
    let (start, before) = (Instant::now(), cpu_seconds());
    tokio::time::sleep(Duration::from_secs(10)).await;
    let cpu_seconds = cpu_seconds() - before;
    let wall_seconds = start.elapsed().as_secs_f64();
    check("waiting", senders.iter().filter(|to| !to.is_closed()).count() as u64, count)?;
    let figures = Figures::Cpu { cpu_seconds, wall_seconds };
    Ok(Outcome { case: String::new(), size: count, operations: count, figures })
}
