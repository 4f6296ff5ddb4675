//! The provider in this process, for a first look and for development.

use auth_runtime::testing::provider::{Provider, RunningProvider, SampleUser};
use auth_runtime::{Auth, AuthBuilder, testing};
use url::{Host, Url};

/// A provider in this process. Dropping it stops the provider.
#[derive(Debug)]
pub(crate) struct Embedded(RunningProvider);

impl Embedded {
    /// Starts the provider. Everybody can sign in as every user there, so it serves this machine alone.
    pub(crate) async fn start(origin: &str) -> Result<Self, String> {
        let is_loopback = Url::parse(origin).is_ok_and(|url| match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        });
        if !is_loopback {
            return Err(format!(
                "The provider in this process has no passwords, so it serves only this machine; APP_BASE_URL is {origin}.\n\
                 Set AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET and AUTH0_SECRET to use a provider of yours."
            ));
        }
        let provider = Provider::builder()
            .redirect_uri(format!("{origin}/auth/callback"))
            .post_logout_redirect_uri(format!("{origin}/"))
            .user(SampleUser::new("Ada Lovelace", "ada@example.com").claim("roles", vec!["editor"]))
            .user(SampleUser::new("Grace Hopper", "grace@example.com"))
            .user(SampleUser::new("Alan Turing", "alan@example.com"))
            .start();
        provider.await.map(Self).map_err(|error| format!("the provider cannot start: {error}"))
    }

    /// Returns the configuration of an application whose users sign in here. Its secret is new at every start, which
    /// signs everybody out.
    pub(crate) fn configured(&self, origin: &str) -> AuthBuilder {
        Auth::builder().secret(testing::secret()).base_url(origin).provider(&self.0)
    }

    pub(crate) fn issuer(&self) -> &str {
        self.0.issuer()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_provider_without_passwords_serves_this_machine_alone() {
        assert!(Embedded::start("https://app.example.com").await.is_err());
        assert!(Embedded::start("http://localhost:3000").await.is_ok());
    }

    #[tokio::test]
    async fn an_application_signs_users_in_at_the_provider_in_this_process() {
        let origin = "http://localhost:3000";
        let embedded = Embedded::start(origin).await.unwrap();
        let auth = embedded.configured(origin).build().unwrap();
        assert!(auth.owns_sessions());
        auth.check().await.unwrap();
    }
}
