//! Where sessions are kept, by an address in one variable.

use auth_runtime::AuthBuilder;
use auth_runtime::store::{MemoryStore, PostgresStore, RedisStore, SqliteStore};

/// What several instances may share, each by the address of a store.
#[derive(Debug, Default)]
pub(crate) struct Stores {
    /// `SESSION_STORE`: all of a session. Without it the browser's cookie holds that.
    pub(crate) sessions: Option<String>,
    /// `REFRESH_LEASE_STORE`: who renews a token at the moment, for sessions in cookies.
    pub(crate) refresh_lease: Option<String>,
    /// `REVOCATION_STORE`: which sessions in cookies have ended before their time.
    pub(crate) revocation: Option<String>,
}

impl Stores {
    pub(crate) async fn apply(&self, mut auth: AuthBuilder) -> Result<AuthBuilder, String> {
        if let Some(address) = &self.sessions {
            auth = match Store::at("SESSION_STORE", address).await? {
                Store::Memory(store) => auth.session_store(store),
                Store::Redis(store) => auth.session_store(store),
                Store::Postgres(store) => auth.session_store(store),
                Store::Sqlite(store) => auth.session_store(store),
            };
        }
        if let Some(address) = &self.refresh_lease {
            auth = match Store::at("REFRESH_LEASE_STORE", address).await? {
                Store::Memory(store) => auth.refresh_lease(store),
                Store::Redis(store) => auth.refresh_lease(store),
                Store::Postgres(store) => auth.refresh_lease(store),
                Store::Sqlite(store) => auth.refresh_lease(store),
            };
        }
        if let Some(address) = &self.revocation {
            auth = match Store::at("REVOCATION_STORE", address).await? {
                Store::Memory(store) => auth.revocation(store),
                Store::Redis(store) => auth.revocation(store),
                Store::Postgres(store) => auth.revocation(store),
                Store::Sqlite(store) => auth.revocation(store),
            };
        }
        // Only where a session can be ended from afar may the provider ask for it.
        let can_end = self.sessions.is_some() || self.revocation.is_some();
        Ok(if can_end { auth.backchannel_logout(true) } else { auth })
    }
}

#[derive(Debug)]
enum Store {
    Memory(MemoryStore),
    Redis(RedisStore),
    Postgres(PostgresStore),
    Sqlite(SqliteStore),
}

impl Store {
    async fn at(variable: &str, address: &str) -> Result<Self, String> {
        // The address may hold a password, so no message shows it.
        let failed = |error| format!("{variable}: {error}");
        match address.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory(MemoryStore::new())),
            Some(("sqlite", path)) if !path.is_empty() => {
                SqliteStore::open(path).await.map(Self::Sqlite).map_err(failed)
            }
            Some(("postgres" | "postgresql", _)) => {
                PostgresStore::connect(address).await.map(Self::Postgres).map_err(failed)
            }
            // Several nodes are a cluster.
            Some(("redis" | "rediss", _)) if address.contains(',') => {
                let nodes: Vec<&str> = address.split(',').collect();
                RedisStore::cluster(&nodes).map(Self::Redis).map_err(failed)
            }
            Some(("redis" | "rediss", _)) => RedisStore::new(address).map(Self::Redis).map_err(failed),
            _ => Err(format!(
                "{variable} must be one of memory:, sqlite:PATH, postgres://USER@HOST/DATABASE, redis://HOST:PORT \
                 (rediss:// with TLS, several with commas for a cluster), or unset"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_store_is_one_that_is_known() {
        for address in ["memory:", "redis://localhost:6379", "redis://a:1,redis://b:2", "rediss://localhost"]
        {
            assert!(Store::at("SESSION_STORE", address).await.is_ok(), "{address}");
        }
        for address in ["", "memory", "sqlite:", "mysql://localhost", "redis.example.com:6379"] {
            let error = Store::at("SESSION_STORE", address).await.unwrap_err();
            assert!(error.starts_with("SESSION_STORE must be one of"), "{address}: {error}");
        }
    }

    #[tokio::test]
    async fn a_store_that_is_not_there_is_named_without_its_password() {
        let error = Store::at("SESSION_STORE", "postgres://ada:pass-word@127.0.0.1:9/db").await.unwrap_err();
        assert!(error.starts_with("SESSION_STORE: ") && !error.contains("pass-word"), "{error}");
    }
}
