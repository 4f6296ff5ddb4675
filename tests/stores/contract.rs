//! Every session store keeps the contract, whatever is behind it.

use std::collections::BTreeSet;
use std::sync::Arc;

use auth_runtime::store::{KeyValueStore, MemoryStore, PostgresStore, RedisStore, SessionStore, SqliteStore};
use auth_runtime::testing::{check_key_value_store, check_session_store};
use auth_tests::servers::{Postgres, Redis, RedisCluster};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_store_keeps_every_clause() {
    let folder = tempfile::TempDir::new().unwrap();
    let (redis, cluster) = (Redis::start().await, RedisCluster::start().await);
    let (usual, serializable) = tokio::join!(
        Postgres::start(),
        Postgres::start_with(&["-c", "default_transaction_isolation=serializable"]),
    );
    let urls = cluster.urls();
    let urls: Vec<_> = urls.iter().map(String::as_str).collect();
    let stores = [
        ("memory", Both::of(MemoryStore::new())),
        ("Redis", Both::of(RedisStore::new(&redis.url()).unwrap())),
        ("Redis Cluster", Both::of(RedisStore::cluster(&urls).unwrap())),
        ("SQLite, a file", Both::of(SqliteStore::open(folder.path().join("sessions.db")).await.unwrap())),
        ("SQLite, memory", Both::of(SqliteStore::in_memory().await.unwrap())),
        ("PostgreSQL", Both::of(PostgresStore::connect(&usual.url()).await.unwrap())),
        ("PostgreSQL, serializable", Both::of(PostgresStore::connect(&serializable.url()).await.unwrap())),
    ];
    let count = stores.len();
    assert_eq!(count, 7);
    assert_eq!(serializable.sql("SHOW default_transaction_isolation").await, "serializable");

    let running: Vec<_> =
        stores.map(|(name, store)| (name, tokio::spawn(async move { store.check().await }))).into();
    let mut clauses = BTreeSet::new();
    let mut broken = Vec::new();
    for (name, outcome) in running {
        match outcome.await.unwrap() {
            Ok((sessions, values)) => {
                println!("{name:26}{sessions:3} clauses of sessions, {values:3} of values");
                clauses.insert((sessions, values));
            }
            Err(violation) => broken.push(format!("{name}: {violation}")),
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    println!("{count} stores, the same {clauses:?} clauses for each");
    assert_eq!(clauses.len(), 1, "{clauses:?}");
}

/// A store for sessions and for what instances have in common.
struct Both {
    sessions: Arc<dyn SessionStore>,
    values: Arc<dyn KeyValueStore>,
}

impl Both {
    fn of<S: SessionStore + KeyValueStore>(store: S) -> Self {
        let store = Arc::new(store);
        Self { sessions: Arc::clone(&store) as _, values: store }
    }

    /// How many clauses of either kind there were.
    async fn check(self) -> Result<(usize, usize), String> {
        let sessions = check_session_store(&*self.sessions).await.map_err(|error| error.to_string())?;
        let values = check_key_value_store(&*self.values).await.map_err(|error| error.to_string())?;
        Ok((sessions.clauses().len(), values.clauses().len()))
    }
}
