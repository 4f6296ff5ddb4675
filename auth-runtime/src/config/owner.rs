//! The part of the configuration that makes a service the owner of its sessions: it signs users in.

use std::sync::Arc;

use secrecy::SecretString;
use url::Url;

use super::builder::AuthBuilder;
use super::problem::ConfigProblem;
use crate::oidc::{Client, ClientAuthentication, Issuer, ProviderClient, ProviderConfig};

/// What the application is at the provider, as given.
#[derive(Debug, Default)]
pub(super) struct ClientSettings {
    id: Option<String>,
    secret: Option<SecretString>,
    audience: Option<String>,
    scope: Option<String>,
}

/// What signing in needs, checked.
#[derive(Debug)]
pub(crate) struct Owner {
    pub(crate) client: Arc<ProviderClient>,
    pub(crate) base_url: Url,
    pub(crate) scope: String,
    pub(crate) audience: Option<String>,
}

impl Owner {
    /// Where the provider sends the browser back to: from the configuration alone, never from a request.
    pub(crate) fn redirect_uri(&self) -> String {
        format!("{}auth/callback", self.base_url)
    }
}

impl AuthBuilder {
    /// The application's identifier at the provider (`AUTH0_CLIENT_ID`).
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client.id = Some(client_id.into());
        self
    }

    /// The application's secret at the provider (`AUTH0_CLIENT_SECRET`).
    pub fn client_secret(mut self, client_secret: impl Into<String>) -> Self {
        self.client.secret = Some(SecretString::from(client_secret.into()));
        self
    }

    /// The API that access tokens are asked for (`AUTH0_AUDIENCE`).
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.client.audience = Some(audience.into());
        self
    }

    /// The scope that sign-in asks for (`AUTH0_SCOPE`), by default `openid profile email offline_access`.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.client.scope = Some(scope.into());
        self
    }

    /// The owner's part, if the configuration has one. A part of it is not enough: what is missing is a problem.
    pub(super) fn owner(
        &mut self,
        base_url: Option<Url>,
        problems: &mut Vec<ConfigProblem>,
    ) -> Option<Owner> {
        let issuer = self.issuer(problems);
        let ClientSettings { id, secret, audience, scope } = std::mem::take(&mut self.client);
        if self.read_only || (id.is_none() && secret.is_none()) {
            return None;
        }
        let scope = scope.unwrap_or_else(|| DEFAULT_SCOPE.to_owned());
        if !scope.split(' ').any(|scope| scope == "openid") {
            problems.push(ConfigProblem::ScopeWithoutOpenid);
        }
        let present = [
            ("AUTH0_DOMAIN", self.domain.is_some()),
            ("AUTH0_CLIENT_ID", id.is_some()),
            ("AUTH0_CLIENT_SECRET", secret.is_some()),
            // One that is there and wrong has been named already.
            ("APP_BASE_URL", base_url.is_some() || problems.contains(&ConfigProblem::BaseUrl)),
        ];
        let missing = present.into_iter().filter(|(_, is_present)| !is_present);
        problems.extend(missing.map(|(variable, _)| ConfigProblem::Missing { variable }));

        let (issuer, id, base_url) = (issuer?, id?, base_url?);
        let client = Client { id, authentication: ClientAuthentication::with_secret(secret) };
        let config = ProviderConfig { issuer, client, allow_insecure: self.allow_insecure_requests };
        match ProviderClient::new(config) {
            Ok(client) => Some(Owner { client: Arc::new(client), base_url, scope, audience }),
            Err(error) => {
                problems.push(ConfigProblem::HttpClient { reason: error.to_string() });
                None
            }
        }
    }

    fn issuer(&self, problems: &mut Vec<ConfigProblem>) -> Option<Issuer> {
        let issuer = Issuer::parse(self.domain.as_deref()?, self.allow_insecure_requests);
        issuer.map_err(|error| problems.push(ConfigProblem::Domain { reason: error.to_string() })).ok()
    }
}

/// Claims for `user`, and a refresh token.
const DEFAULT_SCOPE: &str = "openid profile email offline_access";
