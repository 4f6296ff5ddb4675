//! Renewing tokens: one request for all who wait, and its outcome for those who come late.
//!
//! A refresh token that rotates is good once (RFC 9700 §4.14.2): whoever sends it a second time loses the session at
//! the provider. So all that is known of one refresh token and its successors is a [`Chain`](chain::Chain), and a chain
//! sends one request at a time, with the newest token that it has seen.
//!
//! ```text
//! refresh token -> its chain -> settled already? -> else one request, in a task of its own -> settled
//! ```
//!
//! Instances that share a store do the same among each other ([`everywhere`]): within a process a chain is asked first,
//! and one task of it takes part in what goes on between the processes.

mod apis;
mod chain;
mod chains;
mod everywhere;
#[cfg(fuzzing)]
pub(crate) mod fuzzed;
mod lease;
mod refresher;
mod spent;

pub(crate) use self::apis::{Apis, NotSent};
pub(crate) use self::chain::Renewed;
#[cfg(test)]
pub(crate) use self::chain::RenewedIdToken;
pub(crate) use self::refresher::{Connection, Exchanged, Holder, Refresher, TokenSettings, Wanted};
