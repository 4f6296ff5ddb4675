//! What instances write down about a refresh token.

use auth_runtime::fuzzing;
use serde_json::Value;

use crate::reference::NOW;

/// What is read is written as it was, and nothing is added.
pub fn refresh_entry(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for now in [NOW, 0, i64::MAX, i64::MIN] {
        let Some(written) = fuzzing::refresh_entry(text, now) else { continue };
        assert_eq!(fuzzing::refresh_entry(&written, now).as_ref(), Some(&written), "it is not done");
        let (Ok(given), Ok(written)) =
            (serde_json::from_str::<Value>(text), serde_json::from_str::<Value>(&written))
        else {
            continue;
        };
        // A struct may be written as a list too; this program never does.
        if given.is_object() {
            for name in ["next", "is_over"] {
                assert_eq!(
                    given.get(name).unwrap_or(&Value::Null),
                    written.get(name).unwrap_or(&Value::Null)
                );
            }
            let count = |value: &Value| value["yields"].as_array().map(Vec::len);
            assert_eq!(count(&given), count(&written));
        }
    }
}
