//! A session's JSON, as a cookie or a store holds it.

use auth_runtime::codec::{SessionDocument, Timestamp, object_members};
use auth_runtime::fuzzing;
use serde_json::Value;

use crate::oracle;

/// Two parsers and two ways through one of them say the same.
pub fn session_json(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    assert!(fuzzing::quick_way_agrees(text), "the quick way found something else");
    check_scan(text);

    let found = SessionDocument::parse(text);
    let Some(expected) = oracle::session(text) else { return };
    let (document, value) = match (found, expected) {
        (Ok(document), Ok(value)) => (document, value),
        (Err(_), Err(_)) => return,
        (Ok(_), Err(why)) => panic!("it is no session: {why}"),
        (Err(error), Ok(_)) => panic!("it is a session: {error}"),
    };
    assert_eq!(document.as_str(), text, "the text was changed");
    assert_eq!(serde_json::from_str::<Value>(document.user()).ok().as_ref(), Some(&value["user"]));
    assert_eq!(Some(document.created_at().as_unix()), value["internal"]["createdAt"].as_i64());
    assert_eq!(document.expires_at().map(Timestamp::as_unix), oracle::second(&value["exp"]));
    for (name, raw) in document.members() {
        let member = document.member(&name).expect("it is there");
        // Of several with one name the last one counts.
        let last = document.members().into_iter().rev().find(|(other, _)| *other == name);
        assert_eq!(last.map(|(_, raw)| raw), Some(member));
        assert!(serde_json::from_str::<Value>(raw).is_ok());
    }
}

/// What the quick walk takes, the parser takes too, with the same members.
fn check_scan(text: &str) {
    let Some(scanned) = fuzzing::scanned(text) else { return };
    let parsed = object_members(text).expect("the parser takes it");
    let parsed: Vec<_> =
        parsed.into_iter().map(|(name, raw)| (&name.as_bytes()[1..name.len() - 1], raw)).collect();
    assert_eq!(scanned, parsed);
}
