//! The locks, atomics and tasks of the entries of a process. Under `--cfg shuttle` they are those of `shuttle`, so that
//! the tests decide the schedule.

#[cfg(not(all(test, shuttle)))]
pub(super) use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
#[cfg(not(all(test, shuttle)))]
pub(super) use std::sync::{Arc, Mutex, MutexGuard};

#[cfg(all(test, shuttle))]
pub(super) use shuttle::future::spawn;
#[cfg(all(test, shuttle))]
pub(super) use shuttle::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
#[cfg(all(test, shuttle))]
pub(super) use shuttle::sync::{Mutex, MutexGuard};
#[cfg(all(test, shuttle))]
pub(super) use std::sync::Arc;
#[cfg(not(all(test, shuttle)))]
pub(super) use tokio::spawn;
