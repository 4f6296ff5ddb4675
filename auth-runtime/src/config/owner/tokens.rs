//! The settings of access tokens: when they are renewed, and to which APIs they may be sent.

use std::sync::Arc;
use std::time::Duration;

use super::super::builder::AuthBuilder;
use super::super::origin::Origin;
use super::super::problem::ConfigProblem;
use super::Owner;
use crate::refresh::{Apis, TokenSettings};
use crate::store::KeyValueStore;
use crate::tokens::MAX_NAME_BYTES;

/// The settings of access tokens, as given.
#[derive(Debug)]
pub(super) struct TokenChoices {
    /// The time before its end at which an access token is renewed.
    early: Duration,
    /// The time for which a renewed token is given to requests with the session that it replaced.
    grace: Duration,
    /// The origins, each with its audience if it is bound to one.
    given_apis: Vec<(String, Option<String>)>,
    apis: Apis,
}

impl Default for TokenChoices {
    fn default() -> Self {
        Self { early: Duration::ZERO, grace: DEFAULT_GRACE, given_apis: Vec::new(), apis: Apis::default() }
    }
}

impl TokenChoices {
    /// Checks the origins that tokens may be sent to. A wrong one is a problem even in a service that will not use it.
    pub(super) fn check(&mut self, allow_insecure: bool, problems: &mut Vec<ConfigProblem>) {
        for (index, (origin, audience)) in std::mem::take(&mut self.given_apis).into_iter().enumerate() {
            match Origin::parse(&origin).filter(|origin| origin.is_https() || allow_insecure) {
                Some(origin) => self.apis.add(origin.as_str().to_owned(), audience.clone()),
                None => problems.push(ConfigProblem::ApiOrigin { index }),
            }
            if audience.is_some_and(|audience| !(1..=MAX_NAME_BYTES).contains(&audience.len())) {
                problems.push(ConfigProblem::ApiAudience { index });
            }
        }
    }

    /// Returns the settings for the refresher. Call [`check`](Self::check) before.
    pub(super) fn settings(self, owner: &Owner) -> TokenSettings {
        TokenSettings {
            apis: self.apis,
            audience: owner.audience.clone(),
            scope: owner.scope.clone(),
            early: self.early,
            grace: self.grace,
        }
    }
}

impl AuthBuilder {
    /// Sets the time before its end at which an access token that a handler asks for is renewed; by default it is
    /// renewed only after its end. If the renewal fails, the handler gets the token that is still good.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use auth_runtime::Auth;
    ///
    /// let builder = Auth::builder().token_refresh_buffer(Duration::from_secs(60));
    /// # let _ = builder;
    /// ```
    pub fn token_refresh_buffer(mut self, buffer: Duration) -> Self {
        self.owner.tokens.early = buffer;
        self
    }

    /// Adds an origin that [`Session::fetch`](crate::Session::fetch) may send access tokens to, such as
    /// `https://api.example.com`. Plain http is accepted only where insecure requests are allowed.
    ///
    /// A call to the origin carries a token for the audience that the call names, else for the audience of the sign-in.
    /// If the API has an audience of its own, use [`api_origin_for`](Self::api_origin_for): then the API never gets a
    /// token for another audience.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).api_origin("https://api.example.com").build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn api_origin(mut self, origin: impl Into<String>) -> Self {
        self.owner.tokens.given_apis.push((origin.into(), None));
        self
    }

    /// Adds an origin that [`Session::fetch`](crate::Session::fetch) may send access tokens to, and the audience of the
    /// API that is there (RFC 8707). A request to the origin is sent a token for this audience. A request that names
    /// another audience fails before a token is asked for. So does a request that would send a token for this audience
    /// to an origin that is not named with it. Called again, it adds another audience of this origin, or another
    /// origin.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// let builder = Auth::builder()
    ///     .api_origin_for("https://orders.example.com", "https://api.example.com/orders")
    ///     .api_origin_for("https://billing.example.com", "https://api.example.com/billing");
    /// # let _ = builder;
    /// ```
    pub fn api_origin_for(mut self, origin: impl Into<String>, audience: impl Into<String>) -> Self {
        self.owner.tokens.given_apis.push((origin.into(), Some(audience.into())));
        self
    }

    /// Sets how long a renewed token is given to requests that still come with the session that it replaced, 30 seconds
    /// by default. Requests that a browser sends at the same time carry the same cookie, and a refresh token that
    /// rotates may be used once only (RFC 9700 §4.14.2).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use auth_runtime::Auth;
    ///
    /// let builder = Auth::builder().token_refresh_grace(Duration::from_secs(10));
    /// # let _ = builder;
    /// ```
    pub fn token_refresh_grace(mut self, grace: Duration) -> Self {
        self.owner.tokens.grace = grace;
        self
    }

    /// Sets the store in which an instance takes a lease before it renews a session's tokens; the other instances wait
    /// for its result. Without a lease, two instances may send the same refresh token. A provider that rotates refresh
    /// tokens takes the second for a theft, and ends the session.
    ///
    /// A [`session_store`](Self::session_store) that can hold leases serves for this by itself. With sessions in
    /// cookies, a store is needed for the leases alone.
    ///
    /// ```no_run
    /// # #[cfg(feature = "redis")] {
    /// use auth_runtime::Auth;
    /// use auth_runtime::store::RedisStore;
    ///
    /// let auth = Auth::builder().refresh_lease(RedisStore::new("redis://127.0.0.1:6379")?).build()?;
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn refresh_lease(mut self, store: impl KeyValueStore) -> Self {
        self.stores.leases = Some(Arc::new(store));
        self
    }
}

/// Longer than a browser takes to send the requests of one page.
const DEFAULT_GRACE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_bff_5_an_api_is_an_https_origin_and_what_is_none_is_named_without_a_client_too() {
        let builder = AuthBuilder::default().secret("c4e19b7250fd83a6e8b1d70f42956acb");
        let builder = builder.api_origin("https://api.example.com").api_origin("http://api.example.com");
        let error = builder.api_origin("https://api.example.com/v1").check().unwrap_err();
        let expected = [1, 2].map(|index| ConfigProblem::ApiOrigin { index });
        assert_eq!(error.problems(), expected);
    }

    #[test]
    fn an_api_that_is_bound_has_an_audience() {
        let build = |audience: &str| {
            let builder = AuthBuilder::default().secret("c4e19b7250fd83a6e8b1d70f42956acb");
            builder
                .api_origin("https://a.example.com")
                .api_origin_for("https://b.example.com", audience)
                .check()
        };
        for audience in [String::new(), "a".repeat(MAX_NAME_BYTES + 1)] {
            let error = build(&audience).unwrap_err();
            assert_eq!(error.problems(), [ConfigProblem::ApiAudience { index: 1 }]);
        }
        build("https://api.example.com/orders").unwrap();
    }
}
