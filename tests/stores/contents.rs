//! All that a server keeps, as whoever can read it would see it.

use auth_tests::servers::{Postgres, Redis, Reply};

/// The keys and the values of every kind, a line each.
pub(crate) async fn of_redis(server: &Redis) -> String {
    let mut lines = Vec::new();
    for key in texts(&server.command(&["KEYS", "*"]).await) {
        let kind = server.command(&["TYPE", &key]).await;
        let value = match kind.text() {
            "string" => server.command(&["GET", &key]).await,
            "zset" => server.command(&["ZRANGE", &key, "0", "-1", "WITHSCORES"]).await,
            kind => panic!("nothing here writes a {kind}"),
        };
        lines.push(format!("{key} {}", texts(&value).join(" ")));
    }
    lines.join("\n")
}

/// Every column of every row.
pub(crate) async fn of_postgres(server: &Postgres) -> String {
    let tables = server.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").await;
    let mut rows = Vec::new();
    for table in tables.lines() {
        rows.push(server.sql(&format!("SELECT * FROM {table}")).await);
    }
    rows.join("\n")
}

fn texts(reply: &Reply) -> Vec<String> {
    match reply {
        Reply::Array(members) => members.iter().flat_map(texts).collect(),
        Reply::Integer(number) => vec![number.to_string()],
        reply => vec![reply.accepted().to_owned()],
    }
}
