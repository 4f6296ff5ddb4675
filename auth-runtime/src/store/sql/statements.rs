//! The statements of the databases.

/// The statements of a store. Each writing operation is one statement, so that it happens as a whole or not at all,
/// also if its caller drops it half-way.
pub(super) struct Statements {
    pub(super) get: &'static str,
    pub(super) create: &'static str,
    pub(super) update: &'static str,
    pub(super) is_there: &'static str,
    pub(super) touch: &'static str,
    pub(super) delete: &'static str,
    pub(super) delete_of_user: &'static str,
    pub(super) delete_of_session: &'static str,
    pub(super) list_of_user: &'static str,
    pub(super) list_of_session: &'static str,
    pub(super) sweep_sessions: &'static str,
    pub(super) read: &'static str,
    pub(super) put: &'static str,
    pub(super) replace: &'static str,
    pub(super) remove: &'static str,
    pub(super) sweep_values: &'static str,
    pub(super) schema_is_there: &'static str,
    pub(super) schema_version: &'static str,
    pub(super) note_version: &'static str,
}

impl Statements {
    /// Returns the statements, each rewritten by `rename`.
    pub(super) fn renamed(&self, rename: impl Fn(&str) -> &'static str) -> Self {
        Self {
            get: rename(self.get),
            create: rename(self.create),
            update: rename(self.update),
            is_there: rename(self.is_there),
            touch: rename(self.touch),
            delete: rename(self.delete),
            delete_of_user: rename(self.delete_of_user),
            delete_of_session: rename(self.delete_of_session),
            list_of_user: rename(self.list_of_user),
            list_of_session: rename(self.list_of_session),
            sweep_sessions: rename(self.sweep_sessions),
            read: rename(self.read),
            put: rename(self.put),
            replace: rename(self.replace),
            remove: rename(self.remove),
            sweep_values: rename(self.sweep_values),
            schema_is_there: rename(self.schema_is_there),
            schema_version: rename(self.schema_version),
            note_version: rename(self.note_version),
        }
    }
}

/// The statements of a database, with the parts that each database writes in its own way:
///
/// - `now`: the time in unix milliseconds, at the moment in which the database looks at a row;
/// - `keys`: the condition that `key` is in the JSON array `$1`, without the word `key`;
/// - `sweep_sessions`: removes up to `$2` sessions that ended by `$1`;
/// - `sweep_values`: removes up to `$1` values that are over;
/// - `schema_is_there`: 1 if migrations were made, else 0.
macro_rules! statements {
    (
        now: $now:literal,
        keys: $keys:literal,
        sweep_sessions: $sweep_sessions:expr,
        sweep_values: $sweep_values:expr,
        schema_is_there: $schema_is_there:literal $(,)?
    ) => {
        $crate::store::sql::statements::Statements {
            get: concat!(select!(), "id = $1"),
            create: "INSERT INTO auth_sessions (id, record, expires_at, written_at, iss, sub, sid, revision) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, 1)",
            update: "UPDATE auth_sessions SET record = $2, expires_at = $3, written_at = $4, iss = $5, sub = $6, \
                     sid = $7, revision = revision + 1 WHERE id = $1 AND revision = $8",
            is_there: "SELECT count(*) FROM auth_sessions WHERE id = $1",
            touch: "UPDATE auth_sessions SET expires_at = $2, written_at = $3 WHERE id = $1",
            delete: "DELETE FROM auth_sessions WHERE id = $1",
            delete_of_user: concat!("DELETE FROM auth_sessions WHERE ", of_user!()),
            delete_of_session: concat!("DELETE FROM auth_sessions WHERE ", of_session!()),
            list_of_user: concat!(select!(), of_user!(), " AND expires_at > $4"),
            list_of_session: concat!(select!(), of_session!(), " AND expires_at > $4"),
            sweep_sessions: $sweep_sessions,
            read: concat!("SELECT key, value FROM auth_values WHERE key ", $keys, " AND ends_at > ", $now),
            put: concat!(
                "INSERT INTO auth_values AS there (key, value, ends_at) VALUES ($1, $2, ", $now, " + $3) \
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends_at = excluded.ends_at \
                 WHERE there.ends_at <= ", $now
            ),
            replace: concat!(
                "UPDATE auth_values SET value = $2, ends_at = ", $now, " + $3 \
                 WHERE key = $1 AND value = $4 AND ends_at > ", $now
            ),
            remove: concat!("DELETE FROM auth_values WHERE key = $1 AND value = $2 AND ends_at > ", $now),
            sweep_values: $sweep_values,
            schema_is_there: $schema_is_there,
            schema_version: "SELECT coalesce(max(version), 0) FROM auth_schema_migrations",
            note_version: "INSERT INTO auth_schema_migrations (version) VALUES ($1)",
        }
    };
}

/// The columns in the order in which `rows.rs` reads them.
macro_rules! select {
    () => {
        "SELECT id, record, revision, expires_at, written_at, iss, sub, sid FROM auth_sessions WHERE "
    };
}

/// The condition of `SessionFilter::covers` for a scope with a user, in a form that an index answers.
macro_rules! of_user {
    () => {
        "sub = $2 AND ($3 IS NULL OR sid = $3) AND (iss IS NULL OR iss = $1)"
    };
}

/// The condition of `SessionFilter::covers` for a scope with a session id and no user: `$2` is null.
macro_rules! of_session {
    () => {
        "sid = $3 AND $2 IS NULL AND (iss IS NULL OR iss = $1)"
    };
}

pub(super) use {of_session, of_user, select, statements};
