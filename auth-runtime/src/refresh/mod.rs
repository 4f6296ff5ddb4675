//! Renewing tokens: one exchange for all requests that wait for it, and its outcome for those that come late.
//!
//! A refresh token that rotates is good once (RFC 9700 §4.14.2): a service that sends it a second time loses the session
//! at the provider. What is known of a refresh token is an [entry](entry::Entry), and there are two places to keep
//! entries: the memory of a process ([`local`]), and the store that instances share ([`shared`]).
//!
//! ```text
//! refresh token -> entry in memory: outcome? -> else, in a task of its own, one exchange:
//!                    with a shared store: entry in the store: outcome? -> else under the token's lease: send, tell
//!                    without:             send
//!               -> noted in the entry in memory
//! ```
//!
//! Within a process requests wait at the entry's lock, so one task of a process takes part in what goes on among
//! instances. Which step follows which among instances is a machine of its own ([`exchange`]), which the tests explore in
//! every order of events.

mod apis;
mod entry;
mod exchange;
mod failure;
#[cfg(fuzzing)]
pub(crate) mod fuzzed;
mod lease;
mod local;
mod outcome;
mod refresher;
mod shared;
mod sync;
#[cfg(test)]
mod tests;

pub(crate) use self::apis::{Apis, NotSent};
#[cfg(test)]
pub(crate) use self::outcome::RenewedIdToken;
pub(crate) use self::outcome::{Exchanged, Renewed};
pub(crate) use self::refresher::{Connection, Holder, Refresher, TokenSettings, Wanted};
