//! Many requests at once, and what they share: one token request for each session, and nothing between sessions.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod audiences;
mod cancelled;
mod failing;
mod instances;
mod kept;
mod late;
mod many;
mod stored;
mod wider;
mod world;
