//! The configuration of an application that signs users in at a running provider.

use secrecy::ExposeSecret as _;

use super::client::Credentials;
use super::running::RunningProvider;
use crate::config::AuthBuilder;

impl AuthBuilder {
    /// Signs users in at this provider: sets the domain, the client id and the client secret, and permits insecure
    /// requests, since the provider is reached over http. It is for tests and for development.
    ///
    /// If the provider's client is a [`public_client`](super::ProviderBuilder::public_client), the application is one
    /// too. If the client has a key, the provider keeps only the public half: set the private half with
    /// [`client_assertion_key`](AuthBuilder::client_assertion_key).
    ///
    /// At this provider every visitor can sign in as any user. So a release build (one without debug assertions) does
    /// not start with it if the [`base_url`](AuthBuilder::base_url) is a public https origin:
    /// [`build`](AuthBuilder::build) returns [`ConfigProblem::TestingProvider`](crate::ConfigProblem::TestingProvider).
    /// `localhost`, names below it and loopback addresses are no public origins.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    /// use auth_runtime::{Auth, testing};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let origin = "http://localhost:3000";
    /// let provider = Provider::builder().redirect_uri(format!("{origin}/auth/callback")).start().await?;
    /// let auth = Auth::builder().secret(testing::secret()).base_url(origin).provider(&provider).build()?;
    /// assert!(auth.owns_sessions());
    /// auth.check().await?; // the provider answers
    /// # Ok(())
    /// # }
    /// ```
    pub fn provider(self, provider: &RunningProvider) -> Self {
        let builder = self
            .domain(provider.issuer())
            .client_id(provider.client_id())
            .danger_allow_insecure_requests(true)
            .testing_provider();
        match &provider.shared.credentials {
            Credentials::Secret(secret) => builder.client_secret(secret.expose_secret()),
            // The provider does not know the private half.
            Credentials::Key { .. } => builder,
            Credentials::Public => builder.public_client(),
        }
    }
}
