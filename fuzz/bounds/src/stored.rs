//! What a store has: another program may have written it.

use auth_runtime::codec::Timestamp;
use auth_runtime::fuzzing;
use auth_runtime::store::Record;
use http::StatusCode;

use crate::call::Call;
use crate::containers::seal_raw;
use crate::reference::{HEADER, IV, KEYS, NOW, SERVICE_SECRET};
use crate::service::{self, Store};
use crate::shapes;

/// The largest record.
const MAX_RECORD: usize = 1_024 * 1_024;
/// What is remembered of one refresh token, without the token that took its place.
const MAX_OUTCOMES: usize = 128 * 1_024;

/// A request whose session is this record.
pub fn record(shape: &str) -> &'static Call {
    let now = Timestamp::now().as_unix();
    let first = format!(
        r#""user":{{"sub":"ada"}},"tokenSet":{{}},"internal":{{"sid":"s","createdAt":{now}}},"exp":{}"#,
        now + 86_400
    );
    let text = shapes::object(&first, shape, MAX_RECORD);
    let store = Store::default();
    let record = Record::new(text, Timestamp::from_unix(now + 86_400), Timestamp::from_unix(now));
    store.0.record.lock().expect("one thread").replace(record);
    let auth = service::builder().session_store(store).build().expect("a whole configuration");
    let content = format!(r#"{{"id":"00112233445566778899aabbccddeeff","exp":{}}}"#, now + 86_400);
    asked(true, auth, format!("__session={}", seal_raw(SERVICE_SECRET, HEADER, content.as_bytes(), IV)))
}

/// A sealed value, opened under its own key or under another one.
pub fn sealed(key: &'static str) -> &'static Call {
    let sealed = fuzzing::seal_under(&KEYS, "key", &"a".repeat(MAX_RECORD)).expect("it is sealed");
    Call::new(key == "key", move || fuzzing::opened_under(&KEYS, key, &sealed).is_some())
}

/// What instances wrote down about a refresh token.
pub fn refresh_entry(shape: &str) -> &'static Call {
    let outcome = |scopes: &str, token: &str| {
        format!(
            r#"{{"purpose":{{"audience":null,"scopes":[{scopes}],"connection":null}},"by":"","at":0,"access_token":"{token}"}}"#
        )
    };
    let scopes =
        |count: usize| (0..count).map(|number| format!("\"{number}\"")).collect::<Vec<_>>().join(",");
    let outcomes = match shape {
        "outcomes" => vec![outcome("", ""); MAX_OUTCOMES / (outcome("", "").len() + 1)].join(","),
        "scopes" => outcome(&scopes(MAX_OUTCOMES / 8), ""),
        "text" => outcome("", &"\\u0041".repeat(MAX_OUTCOMES / 6)),
        _ => panic!("there is no shape `{shape}`"),
    };
    let text = format!(r#"{{"next":null,"is_over":false,"yields":[{outcomes}],"failure":null}}"#);
    assert!(text.len().abs_diff(MAX_OUTCOMES) < MAX_OUTCOMES / 8, "{} bytes", text.len());
    Call::new(true, move || fuzzing::refresh_entry(&text, NOW).is_some())
}

/// A request whose session may have ended, of which the store says this.
pub fn revocation(shape: &str) -> &'static Call {
    let value = match shape {
        "digits" => "1".repeat(MAX_RECORD),
        "spaces" => " ".repeat(MAX_RECORD),
        _ => panic!("there is no shape `{shape}`"),
    };
    let created_at = Timestamp::now().as_unix();
    let store = Store::default();
    *store.0.values.lock().expect("one thread") = vec![Some(value); 3];
    let auth = service::builder().revocation(store).build().expect("a whole configuration");
    let session = format!(
        r#"{{"user":{{"sub":"ada"}},"tokenSet":{{}},"internal":{{"sid":"s","createdAt":{created_at}}},"exp":{}}}"#,
        created_at + 86_400
    );
    asked(false, auth, format!("__session={}", seal_raw(SERVICE_SECRET, HEADER, session.as_bytes(), IV)))
}

/// A request with this cookie; its session is taken if the user is let in. The store hands out a copy of what it has, and
/// the copy is measured too.
fn asked(is_taken: bool, auth: auth_runtime::Auth, cookie: String) -> &'static Call {
    let router = service::router(auth);
    Call::new(is_taken, move || service::ask(&router, &cookie).0 == StatusCode::OK)
}
