//! The provider's memory: codes, tokens, and the sign-in that each of them belongs to.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The lifetime of a code, in seconds. RFC 6749 section 4.1.2 allows ten minutes; a redirect takes no longer than one.
pub(super) const CODE_LIFETIME_SECONDS: i64 = 60;
/// The lifetime of a pushed request, in seconds. RFC 9126 section 2.2 suggests 5 to 600.
pub(super) const PUSHED_LIFETIME_SECONDS: i64 = 60;
/// The time for which the `jti` of an assertion is kept, in seconds: longer than the assertion is accepted.
const ASSERTION_MEMORY_SECONDS: i64 = 120;
/// The lifetime of a refresh token, in seconds.
const REFRESH_TOKEN_LIFETIME_SECONDS: i64 = 30 * 86_400;
/// The maximum number of entries of each kind, enough for tests with a thousand users and for one developer.
const MAX_ENTRIES: usize = 5000;

/// The provider's memory, behind a lock.
pub(super) struct State(Mutex<Memory>);

/// The provider's memory.
pub(super) struct Memory {
    pub(super) redirect_uris: Vec<String>,
    pub(super) post_logout_redirect_uris: Vec<String>,
    /// The URI to which logout tokens are sent, if the application has one.
    pub(super) backchannel_logout_uri: Option<String>,
    /// Number of requests with a refresh token that had been used up.
    pub(super) reused_refresh_tokens: usize,
    codes: Expiring<Code>,
    refresh_tokens: Expiring<RefreshToken>,
    access_tokens: Expiring<Grant>,
    /// The user of each ID token, as an index into the list of users.
    id_tokens: Expiring<usize>,
    /// The parameters of the pushed requests, by reference.
    pushed: Expiring<HashMap<String, String>>,
    /// The `jti` of the assertions that were used.
    assertions: Expiring<()>,
}

/// The grant of one sign-in or one exchange.
#[derive(Clone)]
pub(super) struct Grant {
    /// The name that all tokens of one sign-in have in common. It is also the claim `sid`.
    pub(super) family: String,
    /// The user, as an index into the list of users.
    pub(super) user: usize,
    pub(super) scope: String,
    pub(super) audience: Option<String>,
    pub(super) nonce: Option<String>,
    /// The time of the user's authentication, in unix seconds.
    pub(super) auth_time: i64,
    /// The class of the user's authentication, if it was asked for.
    pub(super) acr: Option<String>,
}

/// An authorization code.
pub(super) struct Code {
    pub(super) grant: Grant,
    pub(super) redirect_uri: String,
    /// The PKCE challenge (RFC 7636 section 4.2).
    pub(super) challenge: String,
    /// True if the code was redeemed.
    spent: bool,
}

/// A refresh token.
struct RefreshToken {
    grant: Grant,
    /// True if the token was used, where tokens rotate.
    spent: bool,
}

/// A map whose entries expire. It has at most [`MAX_ENTRIES`]; the entry that expires first makes room for a new one.
struct Expiring<V> {
    /// The entries, each with its end in unix seconds.
    entries: HashMap<String, (i64, V)>,
}

impl State {
    pub(super) fn new(
        redirect_uris: Vec<String>,
        post_logout_redirect_uris: Vec<String>,
        backchannel_logout_uri: Option<String>,
    ) -> Self {
        Self(Mutex::new(Memory {
            redirect_uris,
            post_logout_redirect_uris,
            backchannel_logout_uri,
            reused_refresh_tokens: 0,
            codes: Expiring::new(),
            refresh_tokens: Expiring::new(),
            access_tokens: Expiring::new(),
            id_tokens: Expiring::new(),
            pushed: Expiring::new(),
            assertions: Expiring::new(),
        }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    pub(super) fn add_code(
        &mut self,
        code: String,
        grant: Grant,
        redirect_uri: String,
        challenge: String,
        now: i64,
    ) {
        let value = Code { grant, redirect_uri, challenge, spent: false };
        self.codes.insert(code, value, now.saturating_add(CODE_LIFETIME_SECONDS), now);
    }

    pub(super) fn add_refresh_token(&mut self, token: String, grant: Grant, now: i64) {
        let until = now.saturating_add(REFRESH_TOKEN_LIFETIME_SECONDS);
        self.refresh_tokens.insert(token, RefreshToken { grant, spent: false }, until, now);
    }

    pub(super) fn add_access_token(&mut self, token: String, grant: Grant, until: i64, now: i64) {
        self.access_tokens.insert(token, grant, until, now);
    }

    pub(super) fn add_id_token(&mut self, token: String, user: usize, until: i64, now: i64) {
        self.id_tokens.insert(token, user, until, now);
    }

    pub(super) fn add_pushed(&mut self, request_uri: String, request: HashMap<String, String>, now: i64) {
        self.pushed.insert(request_uri, request, now.saturating_add(PUSHED_LIFETIME_SECONDS), now);
    }

    /// Returns the request behind a reference. The reference stays valid until a user has signed in with it.
    pub(super) fn pushed(&mut self, request_uri: &str, now: i64) -> Option<HashMap<String, String>> {
        self.pushed.entry(request_uri, now).cloned()
    }

    /// Takes a reference, which is valid for one sign-in (RFC 9126 section 2.2). Returns whether it was still there.
    pub(super) fn spend_pushed(&mut self, request_uri: &str) -> bool {
        self.pushed.entries.remove(request_uri).is_some()
    }

    /// Notes the `jti` of an assertion, which is valid once (RFC 7523 section 3). Returns whether it is new.
    pub(super) fn is_new_assertion(&mut self, jti: &str, now: i64) -> bool {
        if self.assertions.entry(jti, now).is_some() {
            return false;
        }
        self.assertions.insert(jti.to_owned(), (), now.saturating_add(ASSERTION_MEMORY_SECONDS), now);
        true
    }

    /// Redeems the code, also if the rest of the request is refused later. A second use revokes the tokens of the first
    /// one (RFC 6749 section 4.1.2).
    pub(super) fn spend_code(&mut self, code: &str, now: i64) -> Option<&Code> {
        let spent = self.codes.entry(code, now)?.spent;
        if spent {
            let family = self.codes.entry(code, now)?.grant.family.clone();
            self.revoke(&family);
            return None;
        }
        let entry = self.codes.entry(code, now)?;
        entry.spent = true;
        Some(entry)
    }

    /// Redeems a refresh token that rotates. A second use revokes all tokens of the sign-in (RFC 9700 section 4.14.2).
    pub(super) fn spend_refresh_token(&mut self, token: &str, now: i64) -> Option<Grant> {
        let entry = self.refresh_tokens.entry(token, now)?;
        if entry.spent {
            self.reused_refresh_tokens = self.reused_refresh_tokens.saturating_add(1);
            let family = entry.grant.family.clone();
            self.revoke(&family);
            return None;
        }
        entry.spent = true;
        Some(entry.grant.clone())
    }

    /// Returns the grant of a refresh token that does not rotate.
    pub(super) fn refresh_grant(&mut self, token: &str, now: i64) -> Option<Grant> {
        self.refresh_tokens.entry(token, now).map(|entry| entry.grant.clone())
    }

    /// Returns the grant of a refresh token that is still valid, without redeeming it.
    pub(super) fn unspent_grant(&mut self, token: &str, now: i64) -> Option<&Grant> {
        self.refresh_tokens.entry(token, now).filter(|entry| !entry.spent).map(|entry| &entry.grant)
    }

    pub(super) fn id_token_user(&mut self, token: &str, now: i64) -> Option<usize> {
        self.id_tokens.entry(token, now).map(|user| *user)
    }

    pub(super) fn user_of_session(&self, sid: &str) -> Option<usize> {
        let access = self.access_tokens.entries.values().map(|(_, grant)| grant);
        let refresh = self.refresh_tokens.entries.values().map(|(_, token)| &token.grant);
        access.chain(refresh).find(|grant| grant.family == sid).map(|grant| grant.user)
    }

    #[cfg(test)]
    pub(super) fn is_spent(&mut self, token: &str, now: i64) -> bool {
        self.refresh_tokens.entry(token, now).is_some_and(|entry| entry.spent)
    }

    pub(super) fn access_grant(&mut self, token: &str, now: i64) -> Option<&Grant> {
        self.access_tokens.entry(token, now).map(|grant| &*grant)
    }

    /// Revokes a refresh token or an access token, with all tokens of its sign-in (RFC 7009 section 2.1).
    pub(super) fn revoke_token(&mut self, token: &str, now: i64) {
        let refresh = self.refresh_tokens.entry(token, now).map(|entry| entry.grant.family.clone());
        let family = refresh.or_else(|| self.access_grant(token, now).map(|grant| grant.family.clone()));
        if let Some(family) = family {
            self.revoke(&family);
        }
    }

    pub(super) fn revoke(&mut self, family: &str) {
        self.refresh_tokens.entries.retain(|_, (_, token)| token.grant.family != family);
        self.access_tokens.entries.retain(|_, (_, grant)| grant.family != family);
    }

    pub(super) fn revoke_user(&mut self, user: usize) {
        self.refresh_tokens.entries.retain(|_, (_, token)| token.grant.user != user);
        self.access_tokens.entries.retain(|_, (_, grant)| grant.user != user);
    }
}

impl Grant {
    pub(super) fn has_scope(&self, wanted: &str) -> bool {
        self.scope.split(' ').any(|token| token == wanted)
    }
}

impl<V> Expiring<V> {
    fn new() -> Self {
        Self { entries: HashMap::new() }
    }

    fn insert(&mut self, key: String, value: V, until: i64, now: i64) {
        self.entries.retain(|_, (until, _)| *until > now);
        if self.entries.len() >= MAX_ENTRIES {
            let soonest =
                self.entries.iter().min_by_key(|(_, (until, _))| *until).map(|(key, _)| key.clone());
            soonest.map(|key| self.entries.remove(&key));
        }
        self.entries.insert(key, (until, value));
    }

    fn entry(&mut self, key: &str, now: i64) -> Option<&mut V> {
        self.entries.get_mut(key).filter(|(until, _)| *until > now).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_expire_and_are_never_too_many() {
        let mut map = Expiring::new();
        for i in 0..6000_i64 {
            map.insert(i.to_string(), i, 10_000 + i, 0);
            assert!(map.entries.len() <= MAX_ENTRIES);
        }
        assert!(map.entry("0", 0).is_none(), "the oldest went first");
        assert_eq!(map.entry("5999", 15_998).copied(), Some(5999));
        assert!(map.entry("5999", 15_999).is_none());
        map.insert("new".to_owned(), 1, 20_000, 16_000);
        assert_eq!(map.entries.len(), 1);
    }
}
