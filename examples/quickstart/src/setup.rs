//! From the environment to a running configuration.

use auth_runtime::Auth;

use crate::dev::Embedded;
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
    pub(crate) provider: Option<Embedded>,
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
            let provider = Embedded::start(&origin).await?;
            let auth = stores.apply(provider.configured(&origin)).await?;
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

    #[test]
    fn a_port_is_a_number() {
        assert_eq!(port(None), Ok(3000));
        assert_eq!(port(Some("8080")), Ok(8080));
        assert!(port(Some("http")).is_err());
        assert!(port(Some("0")).is_err());
    }
}
