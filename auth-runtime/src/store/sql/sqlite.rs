//! The session store in `SQLite`.

use std::path::Path;
use std::str::FromStr as _;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool};

use super::dialect::{Answer, Dialect, Value, Verdict, query, through_sqlx};
use super::failure::{code, failed};
use super::statements::{Statements, of_session, of_user, select, statements};
use super::tables::Tables;
use crate::shared::StoreError;

/// A store in an `SQLite` file, for the processes of one machine. Clones share their connections.
///
/// The tables are `auth_sessions` and `auth_values`. [`open`](Self::open) makes them, and later brings them up to date;
/// their version is in `auth_schema_migrations`. Sessions that have ended are removed at most once in a minute, when a
/// new session begins.
///
/// ```
/// use auth_runtime::Auth;
/// use auth_runtime::store::SqliteStore;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let secret = auth_runtime::__private::random_secret();
/// # let file = std::env::temp_dir().join(format!("sessions-of-the-example-{}.db", std::process::id()));
/// let store = SqliteStore::open(&file).await?;
/// let auth = Auth::builder().secret(secret).session_store(store).build()?;
/// # drop(auth);
/// # for end in ["", "-wal", "-shm"] {
/// #     let _ = std::fs::remove_file(format!("{}{end}", file.display()));
/// # }
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(example())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SqliteStore(pub(super) Tables<Sqlite>);

impl SqliteStore {
    /// Opens a file by its path or by a URL `sqlite:…`. A file that is not there is made; on Unix only the user of this
    /// process may read it.
    ///
    /// # Errors
    ///
    /// The file cannot be made or read, is no `SQLite` database, or its tables were made by a newer version of this
    /// crate.
    pub async fn open(place: impl AsRef<Path>) -> Result<Self, StoreError> {
        let Some(options) = options(place.as_ref())? else { return Self::in_memory().await };
        make_private(options.get_filename());
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A confirmed sign-out must not come undone by a power failure.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE);
        // SQLite lets one connection write at a time. With a single write connection the requests wait for it in order;
        // several connections would compete for the file's lock.
        let writes = connect(&options).await?;
        let reads = SqlitePoolOptions::new().max_connections(MAX_READERS).acquire_timeout(PATIENCE);
        let store = Self(Tables::new(reads.connect_lazy_with(options), writes));
        store.migrate().await?;
        Ok(store)
    }

    /// Returns a store in memory, for tests. Its data go with its last clone.
    ///
    /// ```
    /// use auth_runtime::Timestamp;
    /// use auth_runtime::store::SqliteStore;
    ///
    /// # async fn example() -> Result<(), auth_runtime::store::StoreError> {
    /// let store = SqliteStore::in_memory().await?;
    /// assert_eq!(store.delete_expired(Timestamp::now()).await?, 0);
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// The database cannot be opened or its tables cannot be made.
    pub async fn in_memory() -> Result<Self, StoreError> {
        // The data go with the connection, so nothing may close the connection.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(SqliteConnectOptions::new())
            .await
            .map_err(failed::<Sqlite>)?;
        let store = Self::with_pool(pool);
        store.migrate().await?;
        Ok(store)
    }

    /// Returns a store that uses a pool of the application, with the pool's settings. The tables are not made:
    /// [`migrate`](Self::migrate) makes them.
    ///
    /// ```no_run
    /// use auth_runtime::store::SqliteStore;
    /// use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let options = SqliteConnectOptions::new().filename("shop.db").journal_mode(SqliteJournalMode::Wal);
    /// let store = SqliteStore::with_pool(SqlitePoolOptions::new().connect_with(options).await?);
    /// store.migrate().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_pool(pool: SqlitePool) -> Self {
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
    /// ```
    /// use auth_runtime::store::SqliteStore;
    ///
    /// # async fn example() -> Result<(), auth_runtime::store::StoreError> {
    /// let store = SqliteStore::in_memory().await?.with_prefix("shop_")?;
    /// store.migrate().await?;
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    pub fn with_prefix(self, prefix: &str) -> Result<Self, StoreError> {
        self.0.with_prefix(prefix).map(Self)
    }
}

/// Returns the options for a path or a URL, or `None` for a database in memory, where each connection would have a
/// database of its own.
fn options(place: &Path) -> Result<Option<SqliteConnectOptions>, StoreError> {
    let Some(url) = place.to_str().filter(|place| place.starts_with("sqlite:")) else {
        let is_file = place != Path::new(MEMORY);
        return Ok(is_file.then(|| SqliteConnectOptions::new().filename(place)));
    };
    let (file, parameters) = url.split_once('?').unwrap_or((url, ""));
    let mut parameters = url::form_urlencoded::parse(parameters.as_bytes());
    let is_memory = parameters.any(|(name, value)| name == "mode" && value == "memory");
    if is_memory || file.trim_start_matches("sqlite:").trim_start_matches("//") == MEMORY {
        return Ok(None);
    }
    SqliteConnectOptions::from_str(url).map(Some).map_err(failed::<Sqlite>)
}

/// Makes the file before `SQLite` does, since other users may read a file that `SQLite` makes. `SQLite` gives its
/// further files the same rights. An error here is ignored: opening the file reports it.
#[cfg(unix)]
fn make_private(file: &Path) {
    use std::os::unix::fs::OpenOptionsExt as _;

    let _ = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
}

#[cfg(not(unix))]
fn make_private(_file: &Path) {}

/// Opens the write connection. The first process that opens a new file changes its journal mode. `SQLite` makes other
/// processes fail meanwhile instead of waiting, so they try again.
async fn connect(options: &SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
    let began = Instant::now();
    loop {
        let writer = SqlitePoolOptions::new().max_connections(1).acquire_timeout(PATIENCE);
        match writer.connect_with(options.clone()).await {
            Ok(pool) => return Ok(pool),
            Err(error) if is_busy(&error) && began.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(failed::<Sqlite>(error)),
        }
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| primary(&code) == Some(5))
}

/// Returns the primary result code of an extended one: its lowest byte.
fn primary(code: &str) -> Option<u32> {
    code.parse::<u32>().ok().map(|code| code & 0xff)
}

impl Dialect for Sqlite {
    const STATEMENTS: Statements = statements! {
        now: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
        keys: "IN (SELECT value FROM json_each($1))",
        sweep_sessions: "DELETE FROM auth_sessions WHERE id IN ( \
                             SELECT id FROM auth_sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        sweep_values: "DELETE FROM auth_values WHERE key IN ( \
                           SELECT key FROM auth_values \
                           WHERE ends_at <= CAST(unixepoch('subsec') * 1000 AS INTEGER) \
                           ORDER BY ends_at LIMIT $1)",
        schema_is_there: "SELECT count(*) FROM sqlite_schema WHERE name = 'auth_schema_migrations'",
    };
    const MIGRATIONS: &'static [&'static str] =
        &[include_str!("../../../migrations/sqlite/0001_sessions.sql")];
    const BEGIN: &'static str = "BEGIN IMMEDIATE";
    const LOCK: Option<&'static str> = None;
    const IS_REMOTE: bool = false;
    const CHECKS_COLUMNS: bool = false;

    /// No other connection leads to another file, and `SQLite` has waited for locks already, so no error is worth
    /// another attempt.
    fn judge(_error: &sqlx::Error) -> Verdict {
        Verdict::Final
    }

    fn meaning(code: &str) -> &'static str {
        match primary(code) {
            Some(1) => "SQLite refuses the statement; were the migrations made?",
            Some(3 | 8 | 23) => "the file may not be written",
            Some(5 | 6) => "other processes kept the file locked",
            Some(10) => "the disk fails",
            Some(11 | 26) => "the file is damaged, or none of SQLite's",
            Some(13) => "the disk is full",
            Some(14) => "the file cannot be opened",
            _ => "SQLite refuses the statement",
        }
    }

    through_sqlx!();
}

/// The name of a database in memory.
const MEMORY: &str = ":memory:";

/// The longest wait for a connection, or for another process's write.
const PATIENCE: Duration = Duration::from_secs(2);

/// The pause between two attempts to open a file that is busy.
const PAUSE: Duration = Duration::from_millis(20);

/// The maximum number of connections that read.
const MAX_READERS: u32 = 4;
