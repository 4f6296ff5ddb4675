//! An `OpenID` provider inside the process, for tests and for a first look without an account at a provider.
//!
//! The provider speaks the real protocol with real signatures: authorization code with PKCE, pushed requests, rotating
//! refresh tokens, token exchange, revocation, logout by browser and by back channel. It has no passwords: its sign-in
//! page offers sample users, and one click signs in as one of them. So it listens on the loopback interface only.
//!
//! A test can let each endpoint fail with a [`Fault`], hold requests back, and forge ID tokens.

mod application;
mod authorize;
mod builder;
mod client;
mod endpoint;
mod exchange;
mod fault;
mod issue;
mod keys;
mod logout;
mod page;
mod pushed;
mod running;
mod server;
mod state;
mod token;
mod userinfo;
mod users;

pub use builder::ProviderBuilder;
pub use endpoint::Endpoint;
pub use fault::Fault;
pub use keys::ProviderKey;
pub use running::RunningProvider;
pub use users::SampleUser;

/// The entry point to a provider in this process: [`Provider::builder`].
///
/// ```
/// use auth_runtime::testing::provider::{Provider, SampleUser};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let provider = Provider::builder()
///     .redirect_uri("http://localhost:3000/auth/callback")
///     .user(SampleUser::new("Ada Lovelace", "ada@example.com").claim("role", "admin"))
///     .start()
///     .await?;
/// assert!(provider.issuer().starts_with("http://localhost:"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Provider(());

impl Provider {
    /// Returns the builder of a provider on a free port, with one client, the sample users Ada, Grace and Alan, the
    /// algorithm RS256, and tokens that live for an hour.
    pub fn builder() -> ProviderBuilder {
        ProviderBuilder::new()
    }
}

#[cfg(test)]
mod tests;
