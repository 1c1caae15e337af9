//! A registry of tasks as services have one: it admits up to a limit, names, records, runs and
//! reports.
//!
//! One mutex guards the table: a DashMap beside an atomic count and a mutex for the ended ones took
//! longer. Ids are consecutive numbers, which the hash leaves side by side, so that neighbours share
//! cache lines.

use crate::{check, Checked, Outcome};
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::sync::mpsc;

const CAPACITY: usize = 1_000_000;
const RETAINED: usize = 10_000;

pub type TaskId = u64;
pub type TaskResult = Result<u64, String>;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    Running,
    Completed,
    Failed,
}

#[allow(dead_code)]
pub struct Record {
    id: TaskId,
    name: Cow<'static, str>,
    parent: Option<TaskId>,
    state: State,
    result: Option<TaskResult>,
}

pub struct Event {
    pub id: TaskId,
    pub result: TaskResult,
}

#[derive(Debug)]
pub struct Full;

#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, _: &[u8]) {
        unreachable!("ids are u64")
    }
    fn write_u64(&mut self, id: u64) {
        self.0 = id ^ (id << 57); // HashMap takes its place from the low bits, its tag from the top 7
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

#[derive(Default)]
struct Table {
    records: HashMap<TaskId, Record, BuildHasherDefault<IdHasher>>,
    finished: VecDeque<TaskId>,
    running: usize,
    last_id: TaskId,
}

#[derive(Clone)]
pub struct Registry(Arc<Inner>);

struct Inner {
    table: Mutex<Table>,
    events: mpsc::UnboundedSender<Event>,
}

impl Registry {
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (events, owner) = mpsc::unbounded_channel();
        (Registry(Arc::new(Inner { table: Mutex::default(), events })), owner)
    }

    pub fn spawn<F>(
        &self,
        name: Cow<'static, str>,
        parent: Option<TaskId>,
        body: impl FnOnce(TaskId) -> F,
    ) -> Result<TaskId, Full>
    where
        F: Future<Output = TaskResult> + Send + 'static,
    {
        let id = self.0.admit(name, parent)?;
        let body = body(id);
        let registry = self.0.clone();
        tokio::spawn(async move {
            let result = body.await;
            registry.finish(id, result);
        });
        Ok(id)
    }

    /// Records kept, and how many of them are of tasks still running.
    pub fn kept(&self) -> (usize, usize) {
        let table = self.0.table.lock().unwrap();
        let running = table.records.values().filter(|it| it.state == State::Running).count();
        (table.records.len(), running)
    }
}

impl Inner {
    fn admit(&self, name: Cow<'static, str>, parent: Option<TaskId>) -> Result<TaskId, Full> {
        let mut table = self.table.lock().unwrap();
        if table.running == CAPACITY {
            return Err(Full);
        }
        table.running += 1;
        table.last_id += 1;
        let id = table.last_id;
        let record = Record { id, name, parent, state: State::Running, result: None };
        table.records.insert(id, record);
        Ok(id)
    }

    fn finish(&self, id: TaskId, result: TaskResult) {
        let mut table = self.table.lock().unwrap();
        table.running -= 1;
        if let Some(record) = table.records.get_mut(&id) {
            record.state = if result.is_ok() { State::Completed } else { State::Failed };
            record.result = Some(result.clone());
        }
        table.finished.push_back(id);
        if table.finished.len() > RETAINED {
            let oldest = table.finished.pop_front().expect("a finished task");
            table.records.remove(&oldest);
        }
        drop(table);
        let _ = self.events.send(Event { id, result });
    }
}

pub async fn supervised_dispatch(tasks: u64) -> Checked {
    let start = Instant::now();
    let (registry, mut events) = Registry::new();
    let spawner = registry.clone();
    tokio::spawn(async move {
        for _ in 0..tasks {
            while let Err(Full) = spawner.spawn("worker".into(), None, |id| async move { Ok(id) }) {
                tokio::task::yield_now().await;
            }
        }
    });
    let mut sum = 0;
    for _ in 0..tasks {
        let event = events.recv().await.ok_or("no more events")?;
        if event.result? != event.id {
            return Err("the result of another task".into());
        }
        sum += event.id;
    }
    let outcome = Outcome::timed(tasks, tasks, start);
    check("sum of ids", sum, tasks * (tasks + 1) / 2)?;
    let (records, running) = registry.kept();
    check("records kept", records as u64, tasks.min(RETAINED as u64))?;
    check("records of running tasks", running as u64, 0)?;
    Ok(outcome)
}

/// 10^4, 10^5 and so on up to `last`.
pub fn steps(last: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(last.min(10_000)), |tasks| tasks.checked_mul(10))
        .take_while(move |&tasks| tasks <= last)
}
