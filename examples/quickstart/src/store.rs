//! The stores of the quickstart. A variable of the environment has the address of each store.

use std::sync::Arc;

use auth_runtime::AuthBuilder;
use auth_runtime::store::{KeyValueStore, MemoryStore, SessionStore};

/// The addresses of the stores that several instances share.
#[derive(Debug, Default)]
pub(crate) struct Stores {
    /// `SESSION_STORE`: the store for whole sessions. Without it the browser's cookie holds the session.
    pub(crate) sessions: Option<String>,
    /// `REFRESH_LEASE_STORE`: the store for leases, so that one instance at a time renews the tokens of a session in
    /// cookies.
    pub(crate) refresh_lease: Option<String>,
    /// `REVOCATION_STORE`: the store for the list of sessions in cookies that ended early.
    pub(crate) revocation: Option<String>,
}

impl Stores {
    /// Opens the stores, and adds them to the builder.
    pub(crate) async fn apply(&self, mut auth: AuthBuilder) -> Result<AuthBuilder, String> {
        if let Some(address) = &self.sessions {
            auth = auth.session_store(Store::at("SESSION_STORE", address).await?.sessions);
        }
        if let Some(address) = &self.refresh_lease {
            auth = auth.refresh_lease(Store::at("REFRESH_LEASE_STORE", address).await?.values);
        }
        if let Some(address) = &self.revocation {
            auth = auth.revocation(Store::at("REVOCATION_STORE", address).await?.values);
        }
        // Only with a store can the provider end a session: it cannot delete a cookie in the browser.
        let can_end = self.sessions.is_some() || self.revocation.is_some();
        Ok(if can_end { auth.backchannel_logout(true) } else { auth })
    }
}

/// A store as a session store, and as a store for the values that instances share.
#[derive(Debug)]
struct Store {
    sessions: Arc<dyn SessionStore>,
    values: Arc<dyn KeyValueStore>,
}

impl Store {
    fn of<S: SessionStore + KeyValueStore>(store: S) -> Self {
        let store = Arc::new(store);
        Self { sessions: Arc::clone(&store) as Arc<dyn SessionStore>, values: store }
    }

    /// Opens the store at an address. Each kind of store but `memory:` needs its feature.
    #[cfg_attr(
        not(any(feature = "postgres", feature = "redis", feature = "sqlite")),
        expect(clippy::unused_async, reason = "only a store behind a feature has something to wait for")
    )]
    async fn at(variable: &str, address: &str) -> Result<Self, String> {
        // The address may hold a password, so no message shows it.
        #[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
        let failed = |error| format!("{variable}: {error}");
        match address.split_once(':') {
            Some(("memory", "")) => Ok(Self::of(MemoryStore::new())),
            #[cfg(feature = "sqlite")]
            Some(("sqlite", path)) if !path.is_empty() => {
                auth_runtime::store::SqliteStore::open(path).await.map(Self::of).map_err(failed)
            }
            #[cfg(feature = "postgres")]
            Some(("postgres" | "postgresql", _)) => {
                auth_runtime::store::PostgresStore::connect(address).await.map(Self::of).map_err(failed)
            }
            // A list of addresses is a cluster.
            #[cfg(feature = "redis")]
            Some(("redis" | "rediss", _)) if address.contains(',') => {
                let nodes: Vec<&str> = address.split(',').collect();
                auth_runtime::store::RedisStore::cluster(&nodes).map(Self::of).map_err(failed)
            }
            #[cfg(feature = "redis")]
            Some(("redis" | "rediss", _)) => {
                auth_runtime::store::RedisStore::new(address).map(Self::of).map_err(failed)
            }
            other => {
                Err(other.and_then(|(scheme, rest)| not_built(variable, scheme, rest)).unwrap_or_else(|| {
                    format!(
                        "{variable} must be one of memory:, sqlite:PATH, postgres://USER@HOST/DATABASE, \
                     redis://HOST:PORT (rediss:// with TLS, several with commas for a cluster), or unset"
                    )
                }))
            }
        }
    }
}

/// Returns an error that names the feature for stores with such addresses. `None` if no feature has such stores.
fn not_built(variable: &str, scheme: &str, rest: &str) -> Option<String> {
    let feature = match scheme {
        "sqlite" => "sqlite",
        "postgres" | "postgresql" => "postgres",
        "redis" | "rediss" => "redis",
        _ => return None,
    };
    let message = format!(
        "{variable}: this build has no such store; run `cargo run -p quickstart --features {feature}`"
    );
    Some(message).filter(|_| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_store_is_one_that_is_known() {
        assert!(Store::at("SESSION_STORE", "memory:").await.is_ok());
        for address in ["", "memory", "sqlite:", "mysql://localhost", "redis.example.com:6379"] {
            let error = Store::at("SESSION_STORE", address).await.unwrap_err();
            assert!(error.starts_with("SESSION_STORE must be one of"), "{address}: {error}");
        }
    }

    #[cfg(feature = "redis")]
    #[tokio::test]
    async fn one_server_and_a_cluster_are_addresses_of_redis() {
        for address in ["redis://localhost:6379", "redis://a:1,redis://b:2", "rediss://localhost"] {
            assert!(Store::at("SESSION_STORE", address).await.is_ok(), "{address}");
        }
    }

    #[cfg(feature = "postgres")]
    #[tokio::test]
    async fn a_store_that_is_not_there_is_named_without_its_password() {
        let error = Store::at("SESSION_STORE", "postgres://ada:pass-word@127.0.0.1:9/db").await.unwrap_err();
        assert!(error.starts_with("SESSION_STORE: ") && !error.contains("pass-word"), "{error}");
    }

    #[test]
    fn a_store_that_was_not_built_is_named_by_its_feature() {
        for (scheme, feature) in [("postgres", "postgres"), ("rediss", "redis"), ("sqlite", "sqlite")] {
            let expected = format!(
                "REVOCATION_STORE: this build has no such store; run `cargo run -p quickstart --features {feature}`"
            );
            assert_eq!(not_built("REVOCATION_STORE", scheme, "where it is"), Some(expected));
        }
        assert_eq!(not_built("REVOCATION_STORE", "mysql", "//localhost"), None);
        assert_eq!(not_built("REVOCATION_STORE", "sqlite", ""), None);
    }
}
