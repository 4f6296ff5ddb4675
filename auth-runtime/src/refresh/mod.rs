//! The renewal of tokens: one exchange for all requests that wait for it (single-flight), and its outcome for requests
//! that come later.
//!
//! A refresh token that rotates is good once (RFC 9700 §4.14.2): a service that sends it a second time loses the
//! session at the provider. An [entry](entry::Entry) holds what is known of a refresh token. Entries are kept in two
//! places: the memory of a process ([`local`]), and the store that instances share ([`shared`]).
//!
//! ```text
//! refresh token -> entry in memory: outcome? -> else, in a task of its own, one exchange:
//!                    with a shared store: entry in the store: outcome? -> else under the token's lease: send, tell
//!                    without:             send
//!               -> noted in the entry in memory
//! ```
//!
//! Within a process requests wait at the entry's lock, so one task of each process takes part in the exchange among
//! instances. A state machine ([`exchange`]) decides the steps of that exchange, and the tests explore it in every
//! order of events.

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
