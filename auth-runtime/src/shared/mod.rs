//! The parts that stores share: the store for the short texts that instances share, the error of every store, its
//! timeout and its metrics.

mod attempts;
mod error;
mod key_value_store;
mod lease_time;
mod observe;
mod sealed_values;
mod unreadable;
mod values;

pub use self::error::{StoreError, StoreFuture};
pub use self::key_value_store::KeyValueStore;

pub(crate) use self::attempts::{change, next_attempt};
pub(crate) use self::lease_time::LEASE_TIME;
pub(crate) use self::observe::observe;
pub(crate) use self::sealed_values::{SealedValues, Seen};
pub(crate) use self::unreadable::log_unreadable;
pub(crate) use self::values::SharedValues;
