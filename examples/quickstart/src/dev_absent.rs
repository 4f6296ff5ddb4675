//! What stands for the provider in this process where the feature `dev` is off: there is none.

use auth_runtime::AuthBuilder;

/// A type without values.
#[derive(Debug)]
pub(crate) enum Embedded {}

impl Embedded {
    #[expect(
        clippy::unused_async,
        reason = "the provider that there is with the feature `dev` is async here"
    )]
    pub(crate) async fn start(_: &str) -> Result<Self, String> {
        Err("This build has no provider of its own, since its feature `dev` is off.\n\
             Set AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET, AUTH0_SECRET and APP_BASE_URL to use a provider of yours."
            .to_owned())
    }

    pub(crate) fn configured(&self, _: &str) -> AuthBuilder {
        match *self {}
    }

    pub(crate) fn issuer(&self) -> &str {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_the_provider_the_variables_are_named() {
        let message = Embedded::start("http://localhost:3000").await.unwrap_err();
        for name in ["AUTH0_DOMAIN", "AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET", "AUTH0_SECRET", "APP_BASE_URL"]
        {
            assert!(message.contains(name), "{message}");
        }
    }
}
