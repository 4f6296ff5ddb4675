//! A compact JWE: as it stands, or one whose header and content are the input's and whose tag is ours.

use auth_runtime::codec::{OpenError, object_members};
use serde_json::Value;

use crate::containers::{seal_raw, url64};
use crate::reference::{IV, KEYS, SECRET};

/// The first byte says which.
pub fn container(data: &[u8]) {
    match data {
        [b's', rest @ ..] => {
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let (header, content) = rest.split_at(end);
            sealed(header, content.get(1..).unwrap_or_default());
        }
        [_, rest @ ..] => raw(rest),
        [] => {}
    }
}

/// What opens is authentic to the last bit, and has one spelling.
fn raw(compact: &[u8]) {
    let Ok(opened) = KEYS.open(compact) else { return };
    assert!(!format!("{opened:?}").contains("sub"), "the content is printed");
    for (at, byte) in compact.iter().enumerate() {
        let mut changed = compact.to_vec();
        changed[at] = if *byte == b'A' { b'B' } else { b'A' };
        assert!(KEYS.open(&changed).is_err(), "byte {at} may be another one");
        changed[at] = byte ^ 1;
        assert!(KEYS.open(&changed).is_err(), "byte {at} may be another one");
    }
    for more in [".", "=", "A", " ", "\n"] {
        assert!(KEYS.open([compact, more.as_bytes()].concat()).is_err(), "{more:?} may follow");
        assert!(KEYS.open([more.as_bytes(), compact].concat()).is_err(), "{more:?} may precede");
    }
}

/// An authentic container opens if, and only if, its header asks for what we do and for nothing more.
fn sealed(header: &[u8], content: &[u8]) {
    let compact = seal_raw(SECRET, header, content, IV);
    match KEYS.open(&compact) {
        Ok(opened) => {
            assert_eq!(opened.key_index, 0);
            assert_eq!(opened.plaintext.text(), std::str::from_utf8(content).ok());
            let header = std::str::from_utf8(header).expect("it is text");
            let members = object_members(header).expect("it is an object");
            let Ok(value) = serde_json::from_str::<Value>(header) else { return };
            assert_eq!((value["alg"].as_str(), value["enc"].as_str()), (Some("dir"), Some("A256GCM")));
            let object = value.as_object().expect("it is an object");
            assert_eq!(object.len(), members.len(), "a member is there twice");
            for name in ["crit", "zip", "b64"] {
                assert!(!object.contains_key(name), "{name}");
            }
            let iat = value["iat"].as_f64();
            assert_eq!(opened.header.is_legacy(), iat.is_some_and(|iat| iat != 0.0));
        }
        Err(OpenError::Undecryptable) => panic!("it is authentic"),
        Err(error) => {
            // The header of every cookie that we write is never refused, whatever it holds.
            assert!(
                url64(header) != url64(crate::reference::HEADER) || error == OpenError::TooLarge,
                "{error}"
            );
        }
    }
}
