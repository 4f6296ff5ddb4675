//! Functions with texts and bytes, by which the targets and the bounds in `fuzz/` reach the inside. Compiled with
//! `--cfg fuzzing` alone, which cargo-fuzz sets, so no application can name any of it.

use http::HeaderMap;

use crate::auth::Auth;
use crate::crypto::{Entropy, KeyRing};
use crate::json::{self, Scan};
use crate::session::JwtPayload;
use crate::time::Timestamp;
use crate::{oidc, refresh, routes, session};

pub use crate::oidc::fuzzed::{Kind, ProviderAnswer, ProviderKeys};
pub use crate::routes::fuzzed::{Recalled, Room};

/// Returns the claims of an ID or logout token that was accepted at `now`, as JSON.
pub fn token(token: &str, kind: Kind<'_>, keys: &ProviderKeys, now: i64) -> Option<String> {
    oidc::fuzzed::token(token, kind, keys, now)
}

/// Returns whether the token is a JWT whose claims can be looked into, as those of a session's tokens are.
pub fn has_claims(token: &str) -> bool {
    matches!(JwtPayload::read(Some(token)), JwtPayload::Claims(_))
}

/// Returns JSON as `JSON.stringify` writes it.
pub fn compact(text: &str) -> String {
    json::compact(text)
}

/// Returns the members of an object that the quick walk takes: the names without their quotes, and the raw values.
pub fn scanned(text: &str) -> Option<Vec<(&[u8], &str)>> {
    let mut members = Vec::new();
    Scan::whole(text, |scan, name| {
        members.push((name, scan.raw(Scan::value)?));
        Some(())
    })?;
    Some(members)
}

/// Returns the object with one member set, or removed.
pub fn with_member(text: &str, name: &str, raw: Option<&str>) -> Option<String> {
    json::with_member(text, name, raw).map(|text| text.to_string())
}

/// Returns whether the quick way through a session finds what the careful way finds, or gives up.
pub fn quick_way_agrees(text: &str) -> bool {
    session::quick_way_agrees(text)
}

/// Seals `text` under `key` as for a store, and opens it under `other`.
pub fn sealed_under(keys: &KeyRing, key: &str, text: &str, other: &str) -> Option<String> {
    opened_under(keys, other, &seal_under(keys, key, text)?)
}

/// Seals `text` under `key` as for a store.
pub fn seal_under(keys: &KeyRing, key: &str, text: &str) -> Option<String> {
    keys.for_stores().seal_under(key, text, Entropy::SYSTEM).ok()
}

/// Opens what a store has under `key`.
pub fn opened_under(keys: &KeyRing, key: &str, sealed: &str) -> Option<String> {
    keys.for_stores().open_under(key, sealed, Timestamp::from_unix(0)).ok().map(|text| text.to_string())
}

/// Returns the URL at which a sign-in ends that was to end at `requested`, and what of it a transaction keeps.
pub fn return_to(requested: &str, auth: &Auth) -> Option<(String, String)> {
    routes::fuzzed::return_to(requested, auth)
}

/// The transaction of `state` that a browser with these cookies began.
pub fn recalled(state: &str, headers: &HeaderMap, auth: &Auth) -> Option<Recalled> {
    routes::fuzzed::recalled(state, headers, auth)
}

/// Returns the cookies by which a sign-out removes a browser's transactions.
pub fn transactions(headers: &HeaderMap, auth: &Auth) -> Room {
    routes::fuzzed::transactions(headers, auth)
}

/// A refresh token's entry, read at `now` and written again.
pub fn refresh_entry(text: &str, now: i64) -> Option<String> {
    refresh::fuzzed::entry(text, now)
}
