//! Sessions in `PostgreSQL`.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgPool, Postgres};

use super::dialect::{Answer, Dialect, Value, Verdict, query, through_sqlx};
use super::failure::{code, failed};
use super::statements::{Statements, of_session, of_user, select, statements};
use super::tables::Tables;
use crate::shared::StoreError;

/// Keeps sessions in `PostgreSQL`, in the tables `auth_sessions` and `auth_values`. Clones share their connections.
///
/// The tables are made, and later brought up to date, when the store is opened; `auth_schema_migrations` says which form
/// they have. Sessions that are past their end are removed now and then, whenever others begin.
///
/// A pooler between the service and the server has to know prepared statements: `PgBouncer` from 1.21 with
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
    /// Connects to `postgres://user:password@host:port/database`, with up to ten connections, and makes the tables. What
    /// the URL leaves out is taken from the variables that `psql` knows (`PGHOST`, `PGPASSWORD`, `PGSSLROOTCERT`, …).
    ///
    /// Without `sslmode` the connection is encrypted if the server can, and the server is not checked. With
    /// `sslmode=verify-full` it is, by the list of public authorities, or by the file that `sslrootcert` names.
    ///
    /// # Errors
    ///
    /// The URL is none, the server cannot be reached or refuses the user, or the tables cannot be made.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let mut options = PgConnectOptions::from_str(url).map_err(failed::<Postgres>)?;
        if options.get_application_name().is_none() {
            options = options.application_name(APPLICATION_NAME);
        }
        // A pool tries until its time is up, and then says no more than that.
        let first = tokio::time::timeout(ACQUIRE_TIMEOUT, options.connect()).await;
        let first = first.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(failed::<Postgres>)?;
        // That it was there is all that matters.
        let _ = first.close().await;
        let pool = PgPoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // In place of asking the server before each statement whether it is there: one that was just used is.
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

    /// A store with connections of the application's own making, and with what those are set to. The tables are not made:
    /// [`migrate`](Self::migrate) does it, or whoever may.
    ///
    /// The pool is better not used for anything else: an application that gives up a transaction while it begins may
    /// leave it open, and what the store writes next on that connection is not kept.
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

    /// Keeps sessions in tables of its own, whose names begin with the prefix: for services that share a database. Each of
    /// them finds and ends its own sessions alone. [`migrate`](Self::migrate) makes the tables.
    ///
    /// A prefix has up to 32 characters: small letters, digits and `_`, with a letter at its beginning. Changed, it is
    /// another store, and everybody signs in again.
    ///
    /// # Errors
    ///
    /// The prefix is none.
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
        // Not `now()`: a statement may have waited for another one's, and a row is looked at afterwards.
        now: "(extract(epoch FROM clock_timestamp()) * 1000)::bigint",
        keys: "= ANY (ARRAY(SELECT json_array_elements_text($1::json)))",
        // Instances that do this at the same time share the work instead of waiting for each other.
        sweep_sessions: "DELETE FROM auth_sessions WHERE id = ANY (ARRAY( \
                             SELECT id FROM auth_sessions WHERE expires_at <= $1 \
                             ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        sweep_values: "DELETE FROM auth_values WHERE key = ANY (ARRAY( \
                           SELECT key FROM auth_values \
                           WHERE ends_at <= (extract(epoch FROM statement_timestamp()) * 1000)::bigint \
                           ORDER BY ends_at LIMIT $1 FOR UPDATE SKIP LOCKED))",
        // Read from the catalogue itself: what `to_regclass` alone says is not made anew while another instance is waited
        // for.
        schema_is_there: "SELECT count(*) FROM pg_class WHERE oid = to_regclass('auth_schema_migrations')",
    };
    const MIGRATIONS: &'static [&'static str] =
        &[include_str!("../../../migrations/postgres/0001_sessions.sql")];
    // Whatever the server's default is: what another instance did is visible once it gave back the lock.
    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED";
    // The number is for this alone; the transaction's end gives it back.
    const LOCK: Option<&'static str> = Some("SELECT pg_advisory_xact_lock(7013245908846153037)");
    const IS_REMOTE: bool = true;
    const CHECKS_COLUMNS: bool = true;

    fn judge(error: &sqlx::Error) -> Verdict {
        match code(error).as_deref() {
            // Serialization failure, deadlock.
            Some("40001" | "40P01") => Verdict::Again,
            // The server only reads: it was the primary, or is not yet. Or the connection is not as it was left: in a failed
            // transaction of somebody else, or without the statements that were prepared on it.
            Some("25006" | "25P02" | "26000") => Verdict::Elsewhere,
            // The server ends or begins.
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
            "25P02" => "the connection is in a failed transaction; who else uses it?",
            "26000" => {
                "the server does not know its prepared statement; is there a pooler that does not know them?"
            }
            "3D000" => "the server does not have the database",
            "40001" | "40P01" => "others write the same rows all the time",
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

/// What the server's list of connections calls those of a URL that says nothing of it.
const APPLICATION_NAME: &str = "auth-runtime";

const MAX_CONNECTIONS: u32 = 10;

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection that was used this long ago is taken to be there.
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
