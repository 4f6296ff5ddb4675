//! What a session store has under a key.

use std::sync::LazyLock;

use auth_runtime::codec::Timestamp;
use auth_runtime::fuzzing;
use auth_runtime::store::Record;
use axum::Router;
use http::StatusCode;
use serde_json::Value;

use crate::containers::seal_raw;
use crate::oracle;
use crate::reference::{HEADER, IV, KEYS, NOW, OWNER, SERVICE_SECRET, VERIFIER, now};
use crate::service::{self, Store};

static STORE: LazyLock<Store> = LazyLock::new(Store::default);
/// Records as they are, and sealed ones.
static ROUTERS: LazyLock<[Router; 2]> = LazyLock::new(|| {
    let builder = || service::builder().session_store(STORE.clone());
    [builder(), builder().seal_records(true)]
        .map(|builder| service::router(builder.build().expect("a whole configuration")))
});
/// Of a record, by the real clock.
static COOKIE: LazyLock<String> = LazyLock::new(|| {
    let content = format!(r#"{{"id":"00112233445566778899aabbccddeeff","exp":{}}}"#, end());
    format!("__session={}", seal_raw(SERVICE_SECRET, HEADER, content.as_bytes(), IV))
});

fn end() -> Timestamp {
    Timestamp::now().saturating_add(86_400)
}

/// Whoever the record names is who is signed in, and everything else is no session.
pub fn record(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for codec in [&*OWNER, &*VERIFIER] {
        if let Ok(session) = codec.read_record(text, now()) {
            check_subject(text, &session.user().sub());
        }
    }
    let record = Record::new(text, end(), Timestamp::now());
    check_index(text, &record);
    assert!(!format!("{record:?}").contains("sub"), "the record is printed");

    STORE.0.record.lock().expect("one thread").replace(record);
    let (status, body) = service::ask(&ROUTERS[0], &COOKIE);
    match status {
        StatusCode::OK => check_subject(text, &body),
        StatusCode::UNAUTHORIZED | StatusCode::SERVICE_UNAVAILABLE => {}
        other => panic!("{other}"),
    }
    // Nothing that a store can make up is a sealed record.
    let (status, _) = service::ask(&ROUTERS[1], &COOKIE);
    assert_ne!(status, StatusCode::OK);

    assert_eq!(fuzzing::opened_under(&KEYS, "key", text), None);
    assert_eq!(fuzzing::sealed_under(&KEYS, "key", text, "key").as_deref(), Some(text));
    // Keys are hexadecimal, with a label in front at most.
    for other in ["", "k", "ke", "key2", "other"] {
        assert_eq!(fuzzing::sealed_under(&KEYS, "key", text, other), None);
    }
}

/// The user of today's format, or of v3's.
fn check_subject(text: &str, sub: &str) {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return };
    let today = value["user"]["sub"].as_str();
    let v3 = value["data"]["user"]["sub"].as_str();
    assert!([today, v3].contains(&Some(sub)), "{sub}");
    if today != Some(sub) {
        let iat = value["header"]["iat"].as_f64();
        assert!(iat.is_some_and(|iat| iat != 0.0) && value["header"]["exp"].is_number(), "it is none of v3");
    }
}

fn check_index(text: &str, record: &Record) {
    let index = record.index();
    let Some(Ok(value)) = oracle::session(text) else { return };
    assert_eq!(index.sub.as_deref(), value["user"]["sub"].as_str());
    assert_eq!(index.sid.as_deref(), value["internal"]["sid"].as_str());
    assert!(record.ttl().as_secs() <= 86_401 && NOW > 0);
}
