//! Sessions in cookies that have ended before their time.
//!
//! ```text
//! revoked:sid:<SHA-256>      every session that the provider calls so and that was begun until then
//! revoked:sub:<SHA-256>      every session of a user that was begun until then
//! revoked:one:<SHA-256>      one session
//! ```
//!
//! Each says until when, in unix seconds, and is kept for as long as a cookie may live that it is about.

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use url::Url;

use super::record::RecordIndex;
#[cfg(feature = "oidc")]
use super::session_store::LogoutScope;
use crate::crypto::hexadecimal;
use crate::session::{CLOCK_TOLERANCE, Session};
use crate::shared::{SharedValues, StoreError, next_attempt};
use crate::time::Timestamp;

#[derive(Debug)]
pub(crate) struct Revocations {
    values: SharedValues,
    /// The provider of sessions that do not say which one they are of.
    domain: Option<String>,
    /// How long the longest session lives.
    keep: Duration,
}

impl Revocations {
    pub(crate) fn new(values: SharedValues, domain: Option<String>, keep: Duration) -> Self {
        // A reader whose clock is behind believes in a cookie for longer.
        Self { values, domain, keep: keep.saturating_add(Duration::from_secs(2 * CLOCK_TOLERANCE)) }
    }

    /// Whether the session has ended before its time.
    pub(super) async fn covers(&self, session: &Session) -> Result<bool, StoreError> {
        let index = RecordIndex::of(session.document().as_str());
        let created_at = session.created_at();
        let mut keys = vec![self.one(&index, created_at)];
        keys.extend(self.key("sub", &index, index.sub.as_deref()));
        keys.extend(self.key("sid", &index, index.sid.as_deref()));
        let until = self.values.read(&keys).await?;
        until.into_iter().flatten().try_fold(false, |is_covered, until| {
            let until: i64 = until.parse().map_err(|_| StoreError::new("a revocation is no time"))?;
            Ok(is_covered || created_at.as_unix() <= until)
        })
    }

    /// Ends what the scope covers, as far as it was begun until `now`.
    #[cfg(feature = "oidc")]
    pub(super) async fn revoke(&self, scope: &LogoutScope, now: Timestamp) -> Result<(), StoreError> {
        let index =
            RecordIndex { iss: Some(scope.iss.clone()), sub: scope.sub.clone(), sid: scope.sid.clone() };
        if let Some(key) = self.key("sid", &index, index.sid.as_deref()) {
            // No later session has this name, and one that began a moment ago may have done so by a clock that is ahead.
            return self.put(&key, now.saturating_add(CLOCK_TOLERANCE)).await;
        }
        match self.key("sub", &index, index.sub.as_deref()) {
            Some(key) => self.put(&key, now).await,
            None => Ok(()),
        }
    }

    /// Ends one session.
    pub(super) async fn revoke_one(&self, session: &Session) -> Result<(), StoreError> {
        let index = RecordIndex::of(session.document().as_str());
        self.put(&self.one(&index, session.created_at()), session.created_at()).await
    }

    async fn put(&self, key: &str, until: Timestamp) -> Result<(), StoreError> {
        let keys = [key.to_owned()];
        let mut attempt = 0;
        loop {
            let there = self.values.read(&keys).await?.pop().flatten();
            let is_later = |there: &String| there.parse().is_ok_and(|there: i64| there > until.as_unix());
            let until = there.clone().filter(is_later).unwrap_or_else(|| until.as_unix().to_string());
            if self.values.replace(key, there.as_deref(), Some(&until), self.keep).await? {
                return Ok(());
            }
            next_attempt(&mut attempt).await?;
        }
    }

    /// Whether the store answers.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        self.values.read(&["revoked:nobody".to_owned()]).await.map(|_| ())
    }

    /// What says that it belongs to no provider belongs to the one that this service has.
    fn key(&self, kind: &str, index: &RecordIndex, name: Option<&str>) -> Option<String> {
        let issuer = index.iss.as_ref().or(self.domain.as_ref()).map_or("", String::as_str);
        let text = format!("{}\0{}", bare(issuer), name?);
        Some(format!("revoked:{kind}:{}", hexadecimal(&Sha256::digest(text))))
    }

    fn one(&self, index: &RecordIndex, created_at: Timestamp) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let name = format!("{}\0{}\0{}", text(&index.sub), text(&index.sid), created_at.as_unix());
        self.key("one", index, Some(&name)).unwrap_or_default()
    }
}

/// The domain as it is configured and the provider's name for itself are one, whatever the scheme, the default port and
/// the slash at the end.
fn bare(issuer: &str) -> String {
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    match Url::parse(&format!("https://{rest}")) {
        Ok(url) => {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            let path = url.path().trim_end_matches('/');
            format!("{}{port}{path}", url.host_str().unwrap_or_default())
        }
        Err(_) => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_the_same_one_however_it_is_written() {
        for issuer in ["https://Id.example.com/", "id.example.com", "https://id.example.com:443"] {
            assert_eq!(bare(issuer), "id.example.com", "{issuer}");
        }
        assert_eq!(bare("http://localhost:4010/"), "localhost:4010");
        assert_eq!(bare("https://id.example.com/realms/a/"), "id.example.com/realms/a");
        assert_eq!(bare(""), "");
    }
}
