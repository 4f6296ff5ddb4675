//! What the instances of a service have in common: a store for short texts, and what all stores answer with.

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
