//! Shared helpers of the tests: authentic containers with any content, reference sessions, a comparison of JSON by
//! value, the one world of all suites (an application, its provider, a browser and a clock), a store that notes what it is
//! given, a port before a server that can be made to misbehave, and real database servers.
//!
//! The containers are made here from the ciphers directly and not by the runtime, so a mistake that the runtime
//! makes in both directions does not cancel itself out.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails must fail the test that uses it"
)]

mod browser;
mod containers;
pub mod front;
mod json;
mod noting;
mod redirects;
mod reference;
pub mod servers;
mod site;
mod world;

pub use browser::{Answer, Browser, FORM, NAVIGATION};
pub use containers::{
    derive, derive_for_stores, derive_signing, payload, seal, seal_cbc_hmac, seal_raw, seal_wrapped, sign_v3,
    unseal, url64,
};
pub use json::canonical;
pub use noting::{Noted, Noting};
pub use redirects::{leaves, redirect_payloads};
pub use reference::{
    CHUNK_CHARS, HEADER, IV, NOW, OTHER_SECRET, SECRET, chunk_pairs, chunked, codec, cookie, minimal, owner,
    read, ring, session, time, typical,
};
pub use site::{Lost, Network, Site};
pub use world::{Issuer, ORIGIN, TOKEN_LIFETIME, World, encoded, parameter, post_logout_token};

/// The Rust blocks of the documents for users, each compiled and run.
#[cfg(doctest)]
pub mod documents {
    #[doc = include_str!("../../README.md")]
    #[derive(Debug)]
    pub struct Readme;

    #[doc = include_str!("../../auth-runtime/README.md")]
    #[derive(Debug)]
    pub struct PackageReadme;

    #[doc = include_str!("../../docs/incidents.md")]
    #[derive(Debug)]
    pub struct Incidents;

    #[doc = include_str!("../../docs/scaling.md")]
    #[derive(Debug)]
    pub struct Scaling;

    #[doc = include_str!("../../docs/sessions.md")]
    #[derive(Debug)]
    pub struct Sessions;

    #[doc = include_str!("../../docs/stores.md")]
    #[derive(Debug)]
    pub struct Stores;
}
