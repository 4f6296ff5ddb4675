//! The session store in `PostgreSQL`.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgPool, Postgres};

use super::dialect::{Answer, Dialect, Value, Verdict, query, through_sqlx};
use super::failure::{code, failed};
use super::statements::{Statements, of_session, of_user, select, statements};
use super::tables::Tables;
use crate::shared::StoreError;

/// A store in `PostgreSQL`, in the tables `auth_sessions` and `auth_values`. Clones share their connections.
///
/// [`connect`](Self::connect) makes the tables, and later brings them up to date; their version is in
/// `auth_schema_migrations`. Sessions that have ended are removed at most once in a minute, when a new session begins.
///
/// A pooler between the service and the server has to support prepared statements: `PgBouncer` from 1.21 with
/// `max_prepared_statements`, or with `pool_mode = session`.
///
/// ```no_run
/// use auth_runtime::Auth;
/// use auth_runtime::store::PostgresStore;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let secret = auth_runtime::__private::random_secret();
/// let store = PostgresStore::connect("postgres://shop@db.example.com/shop?sslmode=verify-full").await?;
/// let auth = Auth::builder().secret(secret).session_store(store).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore(pub(super) Tables<Postgres>);

impl PostgresStore {
    /// Connects to `postgres://user:password@host:port/database`, with up to ten connections, and makes the tables. For
    /// parts that the URL leaves out, the environment variables of `psql` count (`PGHOST`, `PGPASSWORD`,
    /// `PGSSLROOTCERT`, …).
    ///
    /// Without `sslmode` the connection is encrypted if the server supports it, and the server's certificate is not
    /// checked. With `sslmode=verify-full` the certificate is checked, by the list of public authorities, or by the
    /// file that `sslrootcert` names.
    ///
    /// # Errors
    ///
    /// The URL cannot be parsed, the server cannot be reached or refuses the user, the tables cannot be made, or a
    /// newer version of this crate made them.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let mut options = PgConnectOptions::from_str(url).map_err(failed::<Postgres>)?;
        if options.get_application_name().is_none() {
            options = options.application_name(APPLICATION_NAME);
        }
        // Connect once without a pool: a pool tries until its timeout, and its error does not say why.
        let first = tokio::time::timeout(ACQUIRE_TIMEOUT, options.connect()).await;
        let first = first.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(failed::<Postgres>)?;
        // The connection has shown that the server answers, so an error while it closes does not matter.
        let _ = first.close().await;
        let pool = PgPoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // A ping before each statement costs a round trip. Only an idle connection needs it.
            .test_before_acquire(false)
            .before_acquire(|connection, metadata| {
                Box::pin(async move {
                    if metadata.idle_for > FRESH {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await
            .map_err(failed::<Postgres>)?;
        let store = Self::with_pool(pool);
        store.migrate().await?;
        Ok(store)
    }

    /// Returns a store that uses a pool of the application, with the pool's settings. The tables are not made:
    /// [`migrate`](Self::migrate) makes them, with the rights that it needs for that.
    ///
    /// Use the pool for nothing else. If the application drops a transaction while the transaction begins, the
    /// transaction may stay open, and the store's next write on that connection is lost.
    ///
    /// ```no_run
    /// use auth_runtime::store::PostgresStore;
    /// use sqlx::postgres::PgPoolOptions;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = PgPoolOptions::new().max_connections(30).connect("postgres://shop@db.example.com/shop").await?;
    /// let store = PostgresStore::with_pool(pool);
    /// store.migrate().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_pool(pool: PgPool) -> Self {
        Self(Tables::new(pool.clone(), pool))
    }

    /// Returns a store with tables of its own, whose names begin with the prefix. It is for services that share a
    /// database: each service finds and ends its own sessions alone. [`migrate`](Self::migrate) makes the tables.
    ///
    /// A prefix has up to 32 characters: small letters, digits and `_`, and a letter at its beginning. Another prefix
    /// is another store: after a change of the prefix all users have to sign in again.
    ///
    /// # Errors
    ///
    /// The prefix has not this form.
    ///
    /// ```no_run
    /// use auth_runtime::store::PostgresStore;
    ///
    /// # async fn example() -> Result<(), auth_runtime::store::StoreError> {
    /// let store = PostgresStore::connect("postgres://shop@db.example.com/all").await?.with_prefix("shop_")?;
    /// store.migrate().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_prefix(self, prefix: &str) -> Result<Self, StoreError> {
        self.0.with_prefix(prefix).map(Self)
    }
}

impl Dialect for Postgres {
    const STATEMENTS: Statements = statements! {
        // Not `now()`, the start of the transaction: a statement may have waited for a lock before it looks at a row.
        now: "(extract(epoch FROM clock_timestamp()) * 1000)::bigint",
        keys: "= ANY (ARRAY(SELECT json_array_elements_text($1::json)))",
        // `SKIP LOCKED`: instances that sweep at the same time share the work instead of waiting for each other.
        sweep_sessions: "DELETE FROM auth_sessions WHERE id = ANY (ARRAY( \
                             SELECT id FROM auth_sessions WHERE expires_at <= $1 \
                             ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        sweep_values: "DELETE FROM auth_values WHERE key = ANY (ARRAY( \
                           SELECT key FROM auth_values \
                           WHERE ends_at <= (extract(epoch FROM statement_timestamp()) * 1000)::bigint \
                           ORDER BY ends_at LIMIT $1 FOR UPDATE SKIP LOCKED))",
        // From the catalogue's table: the answer of `to_regclass` alone may be outdated after waiting for the lock.
        schema_is_there: "SELECT count(*) FROM pg_class WHERE oid = to_regclass('auth_schema_migrations')",
    };
    const MIGRATIONS: &'static [&'static str] =
        &[include_str!("../../../migrations/postgres/0001_sessions.sql")];
    // Not the server's default: another instance's migrations have to be visible once it has released the lock.
    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED";
    // The number stands for this lock alone. The end of the transaction releases it.
    const LOCK: Option<&'static str> = Some("SELECT pg_advisory_xact_lock(7013245908846153037)");
    const IS_REMOTE: bool = true;
    const CHECKS_COLUMNS: bool = true;

    fn judge(error: &sqlx::Error) -> Verdict {
        match code(error).as_deref() {
            // Serialization failure, deadlock.
            Some("40001" | "40P01") => Verdict::Again,
            // The server is read-only: it is no primary any more, or not yet. Or the connection has changed: it is in a
            // failed transaction of another user of the pool, or has lost the store's prepared statements.
            Some("25006" | "25P02" | "26000") => Verdict::Elsewhere,
            // The server shuts down or starts.
            Some("57P01" | "57P02" | "57P03") => Verdict::Lost,
            Some(_) => Verdict::Final,
            None => match error {
                sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => Verdict::Lost,
                _ => Verdict::Final,
            },
        }
    }

    fn meaning(code: &str) -> &'static str {
        match code {
            "25006" => "the server only reads",
            "25P02" => {
                "the connection is in a failed transaction: another program may share it, through a pooler"
            }
            "26000" => {
                "the server does not know its prepared statement; is there a pooler that does not know them?"
            }
            "3D000" => "the server does not have the database",
            "40001" | "40P01" => "other transactions wrote the same rows at each attempt",
            "42501" => "the user lacks a privilege",
            "42P01" => "a table is not there; were the migrations made?",
            _ => match code.get(..2).unwrap_or_default() {
                "08" => "the connection is broken",
                "28" => "the server refuses the user or the password",
                "53" => "the server lacks disk, memory or connections",
                "57" => "the server ends, begins, or gave the statement up",
                _ => "the server refuses the statement",
            },
        }
    }

    through_sqlx!();
}

/// The name of the connections in the server's list, if the URL sets no `application_name`.
const APPLICATION_NAME: &str = "auth-runtime";

/// The maximum number of connections of one instance.
const MAX_CONNECTIONS: u32 = 10;

/// The timeout for getting a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// The idle time up to which a connection is used without a ping.
const FRESH: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::error::Error;
    use std::fmt;

    use sqlx::error::{DatabaseError, ErrorKind};

    use super::*;

    #[test]
    fn an_error_is_told_by_its_code_and_not_in_the_words_of_the_server() {
        let error = failed::<Postgres>(refused("23505"));
        assert_eq!(error.to_string(), "the store failed: the server refuses the statement (code 23505)");
        assert!(!format!("{error:?}").contains("Key"));
        let error = failed::<Postgres>(refused("53300"));
        let expected = "the store failed: the server lacks disk, memory or connections (code 53300)";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn what_was_not_done_is_tried_again_and_what_may_have_been_done_is_not() {
        for (code, verdict) in [
            ("40001", Verdict::Again),
            ("40P01", Verdict::Again),
            ("25006", Verdict::Elsewhere),
            ("25P02", Verdict::Elsewhere),
            ("26000", Verdict::Elsewhere),
            ("57P01", Verdict::Lost),
            ("57P03", Verdict::Lost),
            ("57014", Verdict::Final),
            ("23505", Verdict::Final),
            ("", Verdict::Final),
        ] {
            assert_eq!(Postgres::judge(&refused(code)), verdict, "{code}");
        }
        let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert_eq!(Postgres::judge(&sqlx::Error::Io(broken)), Verdict::Lost);
        assert_eq!(Postgres::judge(&sqlx::Error::PoolTimedOut), Verdict::Final);
    }

    #[tokio::test]
    async fn a_url_that_is_none_is_refused_without_being_told() {
        // That this can be spawned is not for granted where sqlx takes static text.
        let connecting = tokio::spawn(PostgresStore::connect("postgres://ada:secret-91f7@[::/shop"));
        let error = connecting.await.unwrap().unwrap_err();
        assert_eq!(error.to_string(), "the store failed: the URL cannot be connected to");
        assert!(!format!("{error:?}").contains("secret"));
    }

    #[tokio::test]
    async fn why_a_server_cannot_be_reached_is_said() {
        let error = PostgresStore::connect("postgres://ada:secret-91f7@127.0.0.1:9/shop").await.unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("the store failed: the connection failed: "), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }

    fn refused(code: &'static str) -> sqlx::Error {
        sqlx::Error::Database(Box::new(Refusal(code)))
    }

    #[derive(Debug)]
    struct Refusal(&'static str);

    impl fmt::Display for Refusal {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Key (id)=(5d2b8e71) already exists.")
        }
    }

    impl Error for Refusal {}

    impl DatabaseError for Refusal {
        fn message(&self) -> &'static str {
            "Key (id)=(5d2b8e71) already exists."
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }

        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }
}
