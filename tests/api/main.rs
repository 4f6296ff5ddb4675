//! Proves that no cookie which an attacker can make, cut, mix or replay is taken for a session: every one is
//! handled as "not signed in", and nothing panics.
//!
//! A test is named for the number of its attack. All of them go through `SessionCodec` as a service does; the
//! containers come from the ciphers directly, so they are authentic where an attacker could have an authentic one.
//!
//! Not here: cookies of sign-in transactions, which belong to the tests of signing in, and a broken random number
//! generator or an exhausted key (`key_08`, `key_10`, `key_13`), which only unit tests of the runtime can bring about.

#![expect(
    clippy::format_collect,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "in a test a panic is a finding, and the short spelling is the clear one"
)]

mod context;
mod cookies_and_chunks;
mod jwe_header;
mod jwe_segments;
mod payload;
mod properties;
mod tampering;

use auth_runtime::codec::Reason;
use auth_tests::{codec, cookie, read};

/// Why a verifying codec refuses this value as a session cookie; `None` when it accepts it.
fn refusal(value: &str) -> Option<Reason> {
    read(&codec().build(), cookie(value)).err()
}

/// Why a verifying codec refuses this header; `None` when it accepts it.
fn refusal_of_header(header: impl AsRef<[u8]>) -> Option<Reason> {
    read(&codec().build(), header).err()
}
