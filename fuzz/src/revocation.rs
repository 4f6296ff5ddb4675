//! What a store has of sessions in cookies that ended early, one entry a line.

use std::sync::LazyLock;

use auth_runtime::codec::Timestamp;
use axum::Router;
use http::StatusCode;

use crate::containers::seal_raw;
use crate::reference::{HEADER, IV, SERVICE_SECRET};
use crate::service::{self, Store};

static STORE: LazyLock<Store> = LazyLock::new(Store::default);
static ROUTER: LazyLock<Router> = LazyLock::new(|| {
    let auth = service::builder().revocation(STORE.clone()).build().expect("a whole configuration");
    service::router(auth)
});
static CREATED_AT: LazyLock<i64> = LazyLock::new(|| Timestamp::now().as_unix() - 600);
static COOKIE: LazyLock<String> = LazyLock::new(|| {
    let session = format!(
        r#"{{"user":{{"sub":"ada"}},"tokenSet":{{}},"internal":{{"sid":"s","createdAt":{}}},"exp":{}}}"#,
        *CREATED_AT,
        *CREATED_AT + 86_400
    );
    format!("__session={}", seal_raw(SERVICE_SECRET, HEADER, session.as_bytes(), IV))
});

/// A time at or after the session's beginning ends it, whatever else is there; nothing at all ends nothing.
pub fn revocation(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // An input has no clock, so it counts from the session's beginning.
    let entry = |line: &str| match line.strip_prefix('+') {
        Some(seconds) => seconds
            .parse::<i64>()
            .map_or(line.to_owned(), |seconds| CREATED_AT.saturating_add(seconds).to_string()),
        None => line.to_owned(),
    };
    let lines = text.split('\n').take(3).map(|line| (!line.is_empty()).then(|| entry(line)));
    let values: Vec<_> = lines.collect();
    let ends =
        values.iter().flatten().any(|value| value.parse().is_ok_and(|until: i64| until >= *CREATED_AT));
    let is_empty = values.iter().all(Option::is_none);
    *STORE.0.values.lock().expect("one thread") = values;

    let (status, body) = service::ask(&ROUTER, &COOKIE);
    match status {
        StatusCode::OK => assert!(!ends && body == "ada"),
        StatusCode::UNAUTHORIZED | StatusCode::SERVICE_UNAVAILABLE => assert!(!is_empty),
        other => panic!("{other}"),
    }
}
