CREATE TABLE auth_schema_migrations (
    version INTEGER PRIMARY KEY,
    applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT;

-- Times are unix seconds.
CREATE TABLE auth_sessions (
    id TEXT PRIMARY KEY NOT NULL,
    record TEXT NOT NULL,
    revision INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    written_at INTEGER NOT NULL,
    iss TEXT,
    sub TEXT,
    sid TEXT
) STRICT;

CREATE INDEX auth_sessions_sub ON auth_sessions (sub) WHERE sub IS NOT NULL;
CREATE INDEX auth_sessions_sid ON auth_sessions (sid) WHERE sid IS NOT NULL;
CREATE INDEX auth_sessions_expires_at ON auth_sessions (expires_at);

-- `ends_at` is in milliseconds, by the clock of this machine.
CREATE TABLE auth_values (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT;

CREATE INDEX auth_values_ends_at ON auth_values (ends_at);
