//! What the entries of a process wait at. Under `--cfg shuttle` it is what the tests of schedules hold in their hands.

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
