//! The JSON of a session that came from outside, written into cookies.

use auth_runtime::codec::{CookieName, RequestCookies, SeenNames, Timestamp};
use auth_runtime::fuzzing;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::oracle;
use crate::reference::{KEYS, NOW, OWNER};

/// RFC 6265bis section 5.6: browsers keep no longer name and value.
const MAX_COOKIE_BYTES: usize = 4_096;
const MAX_CHUNKS: usize = 32;

/// The first byte says at which time, the rest is the JSON.
pub fn write_json(data: &[u8]) {
    let [time, text @ ..] = data else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    if serde_json::from_str::<&RawValue>(text).is_ok() {
        check_compact(text);
    }
    let now = Timestamp::from_unix(match time % 8 {
        0 => 0,
        1 => 253_402_300_799,
        2 => 253_402_300_799 - 100,
        3 => i64::MAX,
        4 => i64::MIN,
        _ => NOW,
    });
    let Ok(lines) = OWNER.write_json(text, &SeenNames::default(), now) else { return };

    let kept: Vec<String> = lines.iter().map(|line| format!("{}={}", line.name(), line.value())).collect();
    let chunks = lines.iter().filter(|line| line.name().starts_with("__session")).count();
    assert!((1..=MAX_CHUNKS).contains(&chunks), "{chunks} cookies");
    for line in lines.iter().filter(|line| line.name().starts_with("__session")) {
        assert!(line.name().len() + line.value().len() < MAX_COOKIE_BYTES);
        assert!(line.as_str().is_ascii() && !line.as_str().contains(['\r', '\n']));
    }
    let header = kept.join("; ");
    let cookies = RequestCookies::scan([header.as_bytes()], &CookieName::default());
    let value = cookies.session.joined().expect("it was written");
    let opened = KEYS.open(&*value).expect("we sealed it");
    check_written(text, opened.plaintext.text().expect("it is text"), now);
}

/// The session in the cookie is what was given, but for its end and what travels beside it.
fn check_written(given: &str, written: &str, now: Timestamp) {
    let (Ok(mut given), Ok(mut written)) =
        (serde_json::from_str::<Value>(given), serde_json::from_str::<Value>(written))
    else {
        return;
    };
    // By a clock that stands before 1970 a session ends before it too, and no reader takes that for a time.
    assert!(now.as_unix() < 0 || oracle::second(&written["exp"]).is_some(), "it has no end");
    for value in [&mut given, &mut written] {
        let object = value.as_object_mut().expect("a session is an object");
        object.remove("exp");
        object.remove("connectionTokenSets");
    }
    assert_eq!(given, written);
}

/// The same value, no longer than it was, and nothing is left to do.
fn check_compact(text: &str) {
    let compact = fuzzing::compact(text);
    assert!(compact.len() <= text.len(), "it grew from {} to {}", text.len(), compact.len());
    assert!(serde_json::from_str::<&RawValue>(&compact).is_ok(), "it is no JSON any more");
    assert_eq!(fuzzing::compact(&compact), compact, "it is not done");
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        assert_eq!(serde_json::from_str::<Value>(&compact).ok().as_ref(), Some(&value));
        if let Value::String(string) = &value {
            // serde_json and JavaScript write a string alike.
            assert_eq!(compact, serde_json::to_string(string).expect("a string can be written"));
        }
    }
    let removed = fuzzing::with_member(&compact, "a", None);
    assert_eq!(removed.is_some(), compact.starts_with('{'));
    let set = fuzzing::with_member(&compact, "a", Some("1"));
    if let Some(value) = set.and_then(|set| serde_json::from_str::<Value>(&set).ok()) {
        assert_eq!(value["a"], 1);
    }
}
