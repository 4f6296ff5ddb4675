//! What other Rust crates do until a handler knows who asks, beside what we do for the same session.
//!
//! Two kinds of figure. `authenticate/alternative[…]` is of those that verify something cryptographically for each request.
//! `authenticate/opaque[…]` is of those that look a random id up in this process's memory: no service of more than one
//! process can do just that, and they are here to show how far above a mere look-up ours is.
//!
//! [`redis`] is about sessions that lie in Redis, and of servers under load.
//!
//! Where there is a choice, the alternative gets the one that is better for it.

mod axum_login;
mod axum_oidc;
mod direct;
mod input;
mod jsonwebtoken;
mod private_cookie_jar;
pub mod redis;
mod served;
mod signing;
mod tower_sessions;

use crate::session::Sample;

/// Measures every alternative, after it has accepted what is valid and refused what is not.
///
/// # Panics
///
/// One of them takes the one for the other.
pub fn run(rounds: usize) {
    let sample = Sample::of(CHARS);
    direct::run(&sample, rounds);
    served::run(&sample, rounds);
}

/// The length of the session cookie's value: a session with one short access token, which every alternative can hold.
const CHARS: usize = 1_200;
