CREATE TABLE auth_schema_migrations (
    version bigint PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- Times are unix seconds.
CREATE TABLE auth_sessions (
    id text PRIMARY KEY,
    record text NOT NULL,
    revision bigint NOT NULL,
    expires_at bigint NOT NULL,
    written_at bigint NOT NULL,
    iss text,
    sub text,
    sid text
);

CREATE INDEX auth_sessions_sub ON auth_sessions (sub) WHERE sub IS NOT NULL;
CREATE INDEX auth_sessions_sid ON auth_sessions (sid) WHERE sid IS NOT NULL;
CREATE INDEX auth_sessions_expires_at ON auth_sessions (expires_at);

-- `ends_at` is in milliseconds, by the clock of this server.
CREATE TABLE auth_values (
    key text PRIMARY KEY,
    value text NOT NULL,
    ends_at bigint NOT NULL
);

CREATE INDEX auth_values_ends_at ON auth_values (ends_at);
