//! A session as a store keeps it.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::json;
use crate::session::JwtPayload;

/// A session's JSON, and when it ends. What a store may want to find records by is at hand beside it. `Debug` shows no
/// part of the JSON.
#[derive(Clone)]
pub struct Record {
    json: Zeroizing<String>,
    expires_at: i64,
    written_at: i64,
    issuer: Option<String>,
    sub: Option<String>,
    sid: Option<String>,
}

impl Record {
    /// A record that ends at `expires_at`; both times are unix seconds. A store makes one from what it has kept.
    pub fn new(json: impl Into<String>, expires_at: i64, written_at: i64) -> Self {
        let json = Zeroizing::new(json.into());
        let internal = json::member(&json, "internal").unwrap_or("{}");
        let text = |object, name| json::member(object, name).and_then(json::string).map(Into::into);
        Self {
            issuer: issuer(&json, internal),
            sub: json::member(&json, "user").and_then(|user| text(user, "sub")),
            sid: text(internal, "sid"),
            json,
            expires_at,
            written_at,
        }
    }

    /// The same session, with another end.
    pub(crate) fn move_end(&mut self, expires_at: i64, written_at: i64) {
        self.expires_at = expires_at;
        self.written_at = written_at;
    }

    /// The session's JSON, with the tokens of federated connections in `connectionTokenSets`.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// When the session ends unless it is used, in unix seconds.
    pub fn expires_at(&self) -> i64 {
        self.expires_at
    }

    /// How long the record is worth keeping, from the moment it was made for the store.
    pub fn ttl(&self) -> Duration {
        let seconds = self.expires_at.saturating_sub(self.written_at);
        Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    }

    /// When the record was made, or its end moved, in unix seconds.
    pub fn written_at(&self) -> i64 {
        self.written_at
    }

    /// The provider that the user signed in at, if the session says so.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The user.
    pub fn sub(&self) -> Option<&str> {
        self.sub.as_deref()
    }

    /// The provider's name for the session.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }
}

/// Sessions of an application with several domains name theirs; the ID token names the provider in any case.
fn issuer(session: &str, internal: &str) -> Option<String> {
    let named =
        json::member(internal, "mcd").and_then(|mcd| json::member(mcd, "issuer")).and_then(json::string);
    if let Some(named) = named {
        return Some(named.into_owned());
    }
    let id_token = json::member(session, "tokenSet").and_then(|set| json::member(set, "idToken"));
    match JwtPayload::read(id_token.and_then(json::string).as_deref()) {
        JwtPayload::Claims(claims) => {
            json::member(&claims, "iss").and_then(json::string).map(std::borrow::Cow::into_owned)
        }
        JwtPayload::Absent | JwtPayload::Unreadable => None,
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("expires_at", &self.expires_at)
            .field("written_at", &self.written_at)
            .finish_non_exhaustive()
    }
}
