//! Sessions in `SQLite`.

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

/// Keeps sessions in a file, for the services of one machine. Clones share their connections.
///
/// The tables are `auth_sessions` and `auth_values`. They are made, and later brought up to date, when the store is
/// opened; `auth_schema_migrations` says which form they have. Sessions that are past their end are removed now and then,
/// whenever others begin.
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
    /// Opens a file, by its path or a URL `sqlite:…`. One that is not there is made, for the eyes of this user only.
    ///
    /// # Errors
    ///
    /// The file cannot be made or read, or is none of `SQLite`'s; or its tables were made by a newer version of this crate.
    pub async fn open(place: impl AsRef<Path>) -> Result<Self, StoreError> {
        let Some(options) = options(place.as_ref())? else { return Self::in_memory().await };
        make_private(options.get_filename());
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A sign-out that was confirmed stays one, also when the power fails.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE);
        // One at a time can write. Those who wait for a connection wait in line; those who wait for the file do not.
        let writes = connect(&options).await?;
        let reads = SqlitePoolOptions::new().max_connections(MAX_READERS).acquire_timeout(PATIENCE);
        let store = Self(Tables::new(reads.connect_lazy_with(options), writes));
        store.migrate().await?;
        Ok(store)
    }

    /// A store without a file, for tests. It ends with its last clone.
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
    /// Memory is lacking.
    pub async fn in_memory() -> Result<Self, StoreError> {
        // The data go with the connection, so nothing may close it.
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

    /// A store with connections of the application's own making, and with what those are set to. The tables are not made:
    /// [`migrate`](Self::migrate) does it.
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

/// `None` stands for memory: there, each connection would have a database of its own.
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

/// Makes the file before `SQLite` does: what `SQLite` makes, others may read. Its further files get the same rights. Where
/// this fails, opening the file says why.
#[cfg(unix)]
fn make_private(file: &Path) {
    use std::os::unix::fs::OpenOptionsExt as _;

    let _ = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
}

#[cfg(not(unix))]
fn make_private(_file: &Path) {}

/// Whoever opens a new file first changes how it is written, and others cannot wait for that but by trying again.
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

/// An error's code without what specifies it further.
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

    /// The file is always the same one, and who waits for it has waited already.
    fn judge(_error: &sqlx::Error) -> Verdict {
        Verdict::Final
    }

    fn meaning(code: &str) -> &'static str {
        match primary(code) {
            Some(1) => "SQLite refuses the statement; were the migrations made?",
            Some(3 | 8 | 23) => "the file may not be written",
            Some(5 | 6) => "others write the file all the time",
            Some(10) => "the disk fails",
            Some(11 | 26) => "the file is damaged, or none of SQLite's",
            Some(13) => "the disk is full",
            Some(14) => "the file cannot be opened",
            _ => "SQLite refuses the statement",
        }
    }

    through_sqlx!();
}

/// `SQLite`'s name for no file.
const MEMORY: &str = ":memory:";

/// How long somebody waits for a connection, or for another one's write.
const PATIENCE: Duration = Duration::from_secs(2);

const PAUSE: Duration = Duration::from_millis(20);

const MAX_READERS: u32 = 4;
