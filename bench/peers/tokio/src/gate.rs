use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// Opens when all have arrived.
pub struct Gate {
    missing: AtomicU64,
    open: Notify,
}

impl Gate {
    pub fn new(expected: u64) -> Self {
        Gate { missing: AtomicU64::new(expected), open: Notify::new() }
    }

    pub fn arrive(&self) {
        if self.missing.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.open.notify_one();
        }
    }

    /// For one waiter.
    pub async fn passed(&self) {
        self.open.notified().await;
    }
}
