//! Access tokens behind the attribute: fetched from a provider over real connections, and kept in the session.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod at_once;
mod at_rest;
mod bounds;
mod changes;
mod concurrent_guards;
mod connections;
mod ending;
mod fetching;
mod own_members;
mod records;
mod renewing;
mod replica;
mod rotation;
mod sealed_ends;
mod store;
mod unreadable;
mod watched;
