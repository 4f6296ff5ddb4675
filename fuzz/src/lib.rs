//! The properties that the targets hold inputs against, a module for each kind of input.
//!
//! "No panic" is the least of them: what is written is read again, another parser says the same, what was not made with
//! our key is refused, nothing leaves the origin, everything has a bound.

#![cfg(fuzzing)]

mod container;
#[expect(dead_code, unreachable_pub, reason = "the tests use all of it")]
#[path = "../../tests/src/containers.rs"]
mod containers;
mod cookie_header;
mod key_set;
mod oracle;
mod provider;
mod record;
#[expect(dead_code, unreachable_pub, reason = "the tests use all of it")]
#[path = "../../tests/src/redirects.rs"]
mod redirects;
mod reference;
mod refresh_entry;
mod return_to;
mod revocation;
mod service;
mod session_json;
mod store_id;
mod token;
mod transaction;
mod write_json;

pub use container::container;
pub use cookie_header::cookie_header;
pub use key_set::key_set;
pub use record::record;
pub use refresh_entry::refresh_entry;
pub use return_to::return_to;
pub use revocation::revocation;
pub use session_json::session_json;
pub use store_id::store_id;
pub use token::{id_token, logout_token};
pub use transaction::transaction;
pub use write_json::write_json;
