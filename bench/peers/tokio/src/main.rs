//! The benchmarks on tokio: a task is an actor, an unbounded mpsc channel its mailbox.
//!
//! What was chosen, each time the fastest of the usual ways to write it:
//!
//! * The multi-threaded runtime; the single-threaded one for one worker. Every benchmark runs in a
//!   task of it, because the thread in `block_on` is none of the workers and each wake-up of it would
//!   cross threads.
//! * `mpsc::unbounded_channel` for mailboxes: its `send` is no future and takes no permit.
//! * flume's channel where the queue grows long (counting, fan_in). It was five times as fast as mpsc
//!   where a hundred senders outrun the receiver, and slower where two tasks take turns.
//! * A `JoinHandle` where exactly one value comes back from a task (skynet), a `oneshot` for the
//!   answer to a request (ask).
//! * Handles that abort their task when dropped, held by the parent, for trees that are cancelled. A
//!   tree of `CancellationToken`s took more than twice as long.
//! * mimalloc, link-time optimisation, one codegen unit, abort on panic.

mod allocator;
mod gate;
mod messages;
mod registry;
mod waiting;

use std::process::exit;
use std::time::Instant;

#[global_allocator]
static GLOBAL: allocator::Mimalloc = allocator::Mimalloc;

/// What one case of a benchmark found.
pub struct Outcome {
    pub case: String,
    pub size: u64,
    pub operations: u64,
    pub figures: Figures,
}

pub enum Figures {
    Seconds(f64),
    BytesEach(f64),
    Cpu { cpu_seconds: f64, wall_seconds: f64 },
}

impl Outcome {
    pub fn timed(size: u64, operations: u64, since: Instant) -> Self {
        let seconds = since.elapsed().as_secs_f64();
        Outcome { case: String::new(), size, operations, figures: Figures::Seconds(seconds) }
    }

    pub fn case(self, case: impl Into<String>) -> Self {
        Outcome { case: case.into(), ..self }
    }
}

/// Or why the result is wrong.
pub type Checked = Result<Outcome, String>;

pub fn check(what: &str, found: u64, expected: u64) -> Result<(), String> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{what}: {found}, expected {expected}"))
    }
}

struct Options {
    bench: String,
    size: Option<u64>,
    workers: usize,
}

fn options() -> Option<Options> {
    let mut arguments = std::env::args().skip(1);
    let bench = arguments.next()?;
    let mut options = Options {
        bench,
        size: None,
        workers: std::thread::available_parallelism().map_or(1, |n| n.get()),
    };
    while let Some(name) = arguments.next() {
        let value = arguments.next()?.parse().ok().filter(|&value: &u64| value > 0)?;
        match name.as_str() {
            "--size" => options.size = Some(value),
            "--workers" => options.workers = value as usize,
            _ => return None,
        }
    }
    Some(options)
}

fn main() {
    let Options { bench, size, workers } = options().unwrap_or_else(|| {
        eprintln!("usage: peer <bench> [--size N] [--workers W]");
        exit(2);
    });
    let mut builder = match workers {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = builder.worker_threads(workers).enable_time().build().expect("a runtime");
    let or = |default| size.unwrap_or(default);

    // Runs a benchmark in a worker.
    macro_rules! run {
        ($future:expr) => {{
            let task = runtime.spawn($future);
            runtime.block_on(task).expect("a result")
        }};
    }
    let print = |result: Checked| match result {
        Ok(outcome) => print(&bench, workers, &outcome),
        Err(why) => {
            eprintln!("{bench}: {why}");
            exit(1);
        }
    };

    match bench.as_str() {
        "skynet" => print(run!(messages::skynet(or(1_000_000)))),
        "ping_pong" => print(run!(messages::ping_pong(or(1_000_000)))),
        "counting" => print(run!(messages::counting(or(10_000_000)))),
        "fan_out" => print(run!(messages::fan_out(or(1_000_000)))),
        "fan_in" => print(run!(messages::fan_in(or(100_000)))),
        "big" => print(run!(messages::big(or(1_000)))),
        "thread_ring" => print(run!(messages::thread_ring(or(1_000_000)))),
        "ask" => print(run!(messages::ask(or(1_000_000)))),
        "mailing" => print(run!(messages::mailing(or(1_000_000)))),
        "timers" => print(run!(waiting::timers(or(1_000_000)))),
        "bare_timers" => print(run!(waiting::bare_timers(or(1_000_000)))),
        "cancel_tree" => {
            let tasks = or(1_000_000);
            print(run!(waiting::cancel_tree(tasks)));
            print(run!(waiting::cancel_chain((tasks / 100).max(1))));
        }
        "idle_memory" => print(run!(waiting::idle_memory(or(1_000_000)))),
        "idle_cpu" => print(run!(waiting::idle_cpu(or(100_000)))),
        "supervised_dispatch" => print(run!(registry::supervised_dispatch(or(1_000_000)))),
        "growth" => {
            for tasks in registry::steps(or(10_000_000)) {
                print(run!(registry::supervised_dispatch(tasks))
                    .map(|outcome| outcome.case(tasks.to_string())));
            }
        }
        _ => exit(3),
    }
    exit(0); // without waiting for tasks that are left
}

fn print(bench: &str, workers: usize, outcome: &Outcome) {
    let figures = match outcome.figures {
        Figures::Seconds(seconds) => format!("\"seconds\":{seconds:.6}"),
        Figures::BytesEach(bytes) => format!("\"bytes_each\":{bytes:.1}"),
        Figures::Cpu { cpu_seconds, wall_seconds } => {
            format!("\"cpu_seconds\":{cpu_seconds:.6},\"wall_seconds\":{wall_seconds:.6}")
        }
    };
    println!(
        "{{\"bench\":\"{bench}\",\"system\":\"tokio\",\"case\":\"{}\",\"workers\":{workers},\
         \"size\":{},\"operations\":{},{figures}}}",
        outcome.case, outcome.size, outcome.operations
    );
}
