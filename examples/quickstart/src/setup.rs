//! From the environment to a running configuration.

use auth_runtime::testing::provider::{Provider, RunningProvider, SampleUser};
use auth_runtime::{Auth, AuthBuilder};
use url::{Host, Url};

use crate::external::ExternalApi;
use crate::store::Stores;

/// Everything that is decided before the first request.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) port: u16,
    pub(crate) origin: String,
    pub(crate) auth: Auth,
    pub(crate) external: ExternalApi,
    /// The provider in this process; it stops when this is dropped.
    pub(crate) provider: Option<RunningProvider>,
}

impl Setup {
    pub(crate) async fn from_env() -> Result<Self, String> {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        let lookup = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let is_configured = std::env::vars_os()
            .any(|(name, value)| name.to_string_lossy().starts_with("AUTH0_") && !value.is_empty());

        let port = port(lookup("PORT").as_deref())?;
        let origin = lookup("APP_BASE_URL").unwrap_or_else(|| format!("http://localhost:{port}"));
        let origin = origin.trim_end_matches('/').to_owned();
        let external_url = lookup("EXTERNAL_API_URL");
        let stores = Stores {
            sessions: lookup("SESSION_STORE"),
            refresh_lease: lookup("REFRESH_LEASE_STORE"),
            revocation: lookup("REVOCATION_STORE"),
        };

        let (auth, issuer, provider) = if is_configured {
            list_missing(lookup)?;
            let auth = stores.apply(Auth::builder().lookup(lookup)).await?;
            let auth = auth.build().map_err(|error| error.to_string())?;
            (auth, issuer_url(&lookup("AUTH0_DOMAIN").unwrap_or_default()), None)
        } else {
            let provider = start_provider(&origin).await?;
            let auth = stores.apply(embedded(&origin, &provider)?).await?;
            let auth = auth.build().map_err(|error| error.to_string())?;
            (auth, provider.issuer().to_owned(), Some(provider))
        };
        let external = match external_url {
            Some(url) => ExternalApi::at(url),
            None => ExternalApi::userinfo_of(issuer),
        };
        Ok(Self { port, origin, auth, external, provider })
    }
}

fn port(text: Option<&str>) -> Result<u16, String> {
    match text {
        None => Ok(3000),
        Some(text) => match text.parse::<std::num::NonZeroU16>() {
            Ok(port) => Ok(port.get()),
            Err(_) => Err(format!("PORT must be a number from 1 to 65535, not {text:?}")),
        },
    }
}

fn list_missing(lookup: impl Fn(&str) -> Option<String>) -> Result<(), String> {
    let needed = ["AUTH0_DOMAIN", "AUTH0_CLIENT_ID", "APP_BASE_URL"];
    let mut missing: Vec<&str> = needed.into_iter().filter(|name| lookup(name).is_none()).collect();
    if lookup("AUTH0_CLIENT_SECRET").is_none() && lookup("AUTH0_CLIENT_ASSERTION_SIGNING_KEY").is_none() {
        missing.push("AUTH0_CLIENT_SECRET");
    }
    if lookup("AUTH0_SECRET").is_none() && lookup("AUTH0_SECRETS").is_none() {
        missing.push("AUTH0_SECRET");
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "An AUTH0_* variable is set, so users shall sign in at a provider of yours. Missing for that:\n  {}\n\
         Set them, or unset all of them to use the provider in this process.",
        missing.join("\n  ")
    ))
}

/// The provider lets anybody sign in as anybody, so it serves this machine alone.
async fn start_provider(origin: &str) -> Result<RunningProvider, String> {
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
    provider.await.map_err(|error| format!("the provider cannot start: {error}"))
}

fn embedded(origin: &str, provider: &RunningProvider) -> Result<AuthBuilder, String> {
    Ok(Auth::builder()
        .secret(random_secret()?)
        .domain(provider.issuer())
        .danger_allow_insecure_requests(true)
        .client_id(provider.client_id())
        .client_secret(provider.client_secret())
        .base_url(origin))
}

/// A new one for every start: what was signed in before is signed out.
fn random_secret() -> Result<String, String> {
    let word = || getrandom::u64().map_err(|error| format!("there are no random bytes: {error}"));
    Ok(format!("{:016x}{:016x}{:016x}{:016x}", word()?, word()?, word()?, word()?))
}

/// A host, or a whole issuer URL.
fn issuer_url(domain: &str) -> String {
    if domain.contains("://") { domain.to_owned() } else { format!("https://{domain}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_listed_all_at_once() {
        let message = list_missing(|name| (name == "AUTH0_DOMAIN").then(|| "x".to_owned())).unwrap_err();
        for name in ["AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET", "APP_BASE_URL", "AUTH0_SECRET"] {
            assert!(message.contains(name), "{message}");
        }
        assert!(!message.contains("AUTH0_DOMAIN\n"), "{message}");
    }

    #[tokio::test]
    async fn the_provider_without_passwords_serves_this_machine_alone() {
        assert!(start_provider("https://app.example.com").await.is_err());
        assert!(start_provider("http://localhost:3000").await.is_ok());
    }

    #[test]
    fn a_port_is_a_number() {
        assert_eq!(port(None), Ok(3000));
        assert_eq!(port(Some("8080")), Ok(8080));
        assert!(port(Some("http")).is_err());
        assert!(port(Some("0")).is_err());
    }
}
