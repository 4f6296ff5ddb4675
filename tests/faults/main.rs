//! A provider with one faulty endpoint: every fault at every endpoint, and what becomes of the sign-in, the session and
//! the secrets.
//!
//! The faults are data ([`table`], [`fields`], [`id_tokens`]). Each is judged by the same rules ([`judge`]): nobody is
//! signed in by mistake, nobody who was signed in is signed out, nothing is sent twice or to anybody else, the answer
//! says nothing about the inside and is for no cache, and the next attempt at a healthy provider works.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod fields;
mod id_tokens;
mod judge;
mod later;
mod matrix;
mod raw;
mod refresh;
mod report;
mod table;
mod upstream;
mod world;
