//! The API that this one calls with the user's access token.

use std::time::Duration;

use auth_runtime::AccessToken;
use reqwest::{Client, redirect};
use serde_json::Value;

/// `EXTERNAL_API_URL`, or the userinfo endpoint of the provider.
#[derive(Clone, Debug)]
pub(crate) struct ExternalApi {
    client: Client,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    At(String),
    /// Where the provider's metadata say.
    UserinfoOf {
        issuer: String,
    },
}

impl ExternalApi {
    pub(crate) fn at(url: impl Into<String>) -> Self {
        Self { client: client(), place: Place::At(url.into()) }
    }

    pub(crate) fn userinfo_of(issuer: impl Into<String>) -> Self {
        Self { client: client(), place: Place::UserinfoOf { issuer: issuer.into() } }
    }

    /// What the API answers to the bearer of the token.
    pub(crate) async fn call(&self, token: &AccessToken) -> Result<Value, Error> {
        let url = match &self.place {
            Place::At(url) => url.clone(),
            Place::UserinfoOf { issuer } => self.userinfo_endpoint(issuer).await?,
        };
        let response = self.client.get(url).bearer_auth(token.as_str()).send().await?.error_for_status()?;
        Ok(response.json().await?)
    }

    async fn userinfo_endpoint(&self, issuer: &str) -> Result<String, Error> {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let metadata: Value = self.client.get(url).send().await?.error_for_status()?.json().await?;
        let endpoint = metadata.get("userinfo_endpoint").and_then(Value::as_str);
        endpoint.map(str::to_owned).ok_or(Error::NoUserinfo)
    }
}

/// Never follows a redirect: the token is for the API that was configured, and for no other.
fn client() -> Client {
    let builder = Client::builder().redirect(redirect::Policy::none()).timeout(Duration::from_secs(5));
    builder.build().unwrap_or_default()
}

/// Why the API gave no data. No URL and no token is in it.
#[derive(Debug)]
pub(crate) enum Error {
    NoUserinfo,
    Request(reqwest::Error),
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Self::Request(error.without_url())
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoUserinfo => f.write_str("the provider has no userinfo endpoint; set EXTERNAL_API_URL"),
            Self::Request(error) => match error.status() {
                Some(status) => write!(f, "the external API answered {status}"),
                None => f.write_str("the external API cannot be reached, or its answer is no JSON"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_that_follows_no_redirect_can_be_made() {
        assert!(Client::builder().redirect(redirect::Policy::none()).build().is_ok());
    }
}
