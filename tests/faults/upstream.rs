//! The provider, with a front before each of its endpoints.
//!
//! Each endpoint has a port of its own, so that even a refused connection strikes one of them alone.

use std::time::Duration;

use auth_runtime::testing::provider::{self, Fault, Provider, RunningProvider, SampleUser};
use auth_tests::front::{Behaviour, Front, json_answer};
use auth_tests::{Issuer, ORIGIN};

use crate::world::{ADA, GRACE};

pub(crate) const CLIENT_ID: &str = "client-1";
pub(crate) const CLIENT_SECRET: &str = "the-secret-of-the-client";

/// What a provider offers, and one place that it does not: where redirects lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Endpoint {
    Discovery,
    Jwks,
    Token,
    Revocation,
    /// Nothing that a client has business with.
    Elsewhere,
}

pub(crate) struct Upstream {
    pub(crate) provider: RunningProvider,
    fronts: [Front; 5],
}

impl Issuer for Upstream {
    fn issuer(&self) -> &str {
        self.provider.issuer()
    }

    fn client(&self) -> (&str, &str) {
        (CLIENT_ID, CLIENT_SECRET)
    }
}

impl Upstream {
    /// `clock` gives unix seconds.
    pub(crate) async fn start(clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        let mut fronts = Vec::new();
        for _ in Endpoint::ALL {
            fronts.push(Front::start().await);
        }
        let fronts = <[Front; 5]>::try_from(fronts).unwrap();
        let mut builder = Provider::builder()
            .issuer(fronts[Endpoint::Discovery as usize].origin())
            .client(CLIENT_ID, CLIENT_SECRET)
            .redirect_uri(format!("{ORIGIN}/auth/callback"))
            .clock(clock);
        // The tests name a user by the `sub`.
        for user in [ADA, GRACE] {
            builder = builder.user(SampleUser::new("A User", user).subject(user));
        }
        for endpoint in [Endpoint::Jwks, Endpoint::Token, Endpoint::Revocation] {
            let url = format!("{}{}", fronts[endpoint as usize].origin(), endpoint.path());
            builder = builder.endpoint_url(endpoint.of_provider().unwrap(), url);
        }
        let upstream = Self { provider: builder.start().await.unwrap(), fronts };
        upstream.fronts.iter().for_each(|front| front.lead_to(upstream.provider.port()));
        // A revocation's answer is empty, and here there has to be something in it to be made faulty.
        let more = Fault::change(|answer| answer["revoked"] = true.into());
        upstream.provider.fault(provider::Endpoint::Revocation, more);
        upstream.heal().await;
        upstream
    }

    /// From now on, for every connection that begins.
    pub(crate) async fn set(&self, endpoint: Endpoint, behaviour: Behaviour) {
        self.front(endpoint).set(behaviour).await;
    }

    /// All endpoints are healthy again.
    pub(crate) async fn heal(&self) {
        for endpoint in Endpoint::ALL {
            self.set(endpoint, endpoint.healthy()).await;
        }
        // Until clients have heard which of their connections were closed: a request on one of those would be lost.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    /// The front before an endpoint.
    pub(crate) fn front(&self, endpoint: Endpoint) -> &Front {
        &self.fronts[endpoint as usize]
    }

    pub(crate) fn url(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.front(endpoint).origin(), endpoint.path())
    }

    /// What a browser and a user make of an authorization URL: the URL that leads back to the application.
    pub(crate) fn sign_in(&self, authorization_url: &str, user: &str) -> String {
        self.provider.sign_in(authorization_url, user).unwrap()
    }
}

impl Endpoint {
    pub(crate) const ALL: [Self; 5] =
        [Self::Discovery, Self::Jwks, Self::Token, Self::Revocation, Self::Elsewhere];

    /// As a heading.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Jwks => "jwks",
            Self::Token => "token",
            Self::Revocation => "revocation",
            Self::Elsewhere => "elsewhere",
        }
    }

    fn healthy(self) -> Behaviour {
        if self == Self::Elsewhere {
            return Behaviour::bytes(json_answer(200, r#"{"access_token":"stolen","token_type":"Bearer"}"#));
        }
        Behaviour::Healthy
    }

    fn of_provider(self) -> Option<provider::Endpoint> {
        match self {
            Self::Discovery => Some(provider::Endpoint::Metadata),
            Self::Jwks => Some(provider::Endpoint::Keys),
            Self::Token => Some(provider::Endpoint::Token),
            Self::Revocation => Some(provider::Endpoint::Revocation),
            Self::Elsewhere => None,
        }
    }

    fn path(self) -> &'static str {
        self.of_provider().map_or("/elsewhere", provider::Endpoint::path)
    }
}
