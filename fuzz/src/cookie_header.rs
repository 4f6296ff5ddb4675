//! A request's `Cookie` headers, one a line.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use auth_runtime::codec::{CookieName, RequestCookies, SetCookie};

use crate::containers::seal_raw;
use crate::oracle;
use crate::reference::{HEADER, IV, NOW, OWNER, SECRET, VERIFIER, now};

/// How many cookies are looked at: of connections, of each form of the session, and in all.
const MAX_CONNECTIONS: usize = 16;
const MAX_OF_A_KIND: usize = 40;
const MAX_PAIRS: usize = 512;
/// How many short values are percent-decoded.
const MAX_DECODED: usize = 4;
/// The whole value, 32 chunks, and 32 numbers that no chunk has.
const MAX_REMOVED: usize = 65;
const SUBJECT: &str = "auth0|ada";

/// An authentic session, and the same in two parts. In an input a byte stands for each, so that a header can be authentic.
static PARTS: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    let session = format!(
        r#"{{"user":{{"sub":"{SUBJECT}"}},"tokenSet":{{}},"internal":{{"sid":"s","createdAt":{}}},"exp":{}}}"#,
        NOW - 100,
        NOW + 100
    );
    let whole = seal_raw(SECRET, HEADER, session.as_bytes(), IV).into_bytes();
    let (first, second) = whole.split_at(whole.len() / 2);
    [whole.clone(), first.to_vec(), second.to_vec()]
});

/// The scan finds what a simple reader finds, and an authentic session is the one that was sealed.
pub fn cookie_header(data: &[u8]) {
    let headers: Vec<Vec<u8>> = data.split(|byte| *byte == b'\n').take(3).map(with_parts).collect();
    let name = CookieName::default();
    let cookies = RequestCookies::scan(headers.iter().map(Vec::as_slice), &name);

    check_reading(&cookies);
    let pairs: Vec<_> = headers.iter().flat_map(|header| oracle::pairs(header)).collect();
    let count = |byte: u8| headers.iter().flatten().filter(|other| **other == byte).count();
    let encoded = headers.iter().flat_map(|header| header.split(|byte| *byte == b';'));
    let encoded = encoded.filter(|pair| pair.contains(&b'%')).count();
    let is_read_whole = encoded <= MAX_DECODED && count(b';') + headers.len() <= MAX_PAIRS;
    let names: Vec<&[u8]> = pairs.iter().map(|(name, _)| *name).collect();
    if !is_read_whole || !is_within_bounds(&names) {
        // What comes behind a bound is not looked at.
        return;
    }
    let mut expected: BTreeMap<&[u8], Vec<u8>> = BTreeMap::new();
    for (name, value) in pairs {
        if let Some(value) = value {
            expected.insert(name, value);
        }
    }
    let whole = |name: &str| expected.get(name.as_bytes()).map(Vec::as_slice);
    assert_eq!(cookies.session.whole.as_deref(), whole("__session"));
    assert_eq!(cookies.legacy.whole.as_deref(), whole("appSession"));
    check_joined(&cookies, &expected);

    assert!(cookies.connections.len() <= MAX_CONNECTIONS);
    for connection in &cookies.connections {
        assert_eq!(expected.get(connection.name.as_bytes()).map(Vec::as_slice), Some(&*connection.value));
    }
}

/// Returns whether of each kind there are no more cookies than are looked at.
fn is_within_bounds(names: &[&[u8]]) -> bool {
    let count = |prefix: &[u8]| names.iter().filter(|name| name.starts_with(prefix)).count();
    count(b"__FC_") <= MAX_CONNECTIONS
        && count(b"__session") <= MAX_OF_A_KIND
        && count(b"appSession") <= MAX_OF_A_KIND
}

/// Chunks are joined in the order of their numbers, if none is missing.
fn check_joined(cookies: &RequestCookies<'_>, expected: &BTreeMap<&[u8], Vec<u8>>) {
    let whole = expected.get(b"__session".as_slice()).filter(|value| !value.is_empty());
    let mut chunks = Vec::new();
    let mut number = 0;
    while let Some(chunk) = expected.get(format!("__session__{number}").as_bytes()) {
        chunks.extend_from_slice(chunk);
        number += 1;
    }
    if let Some(joined) = cookies.session.joined() {
        match whole {
            Some(whole) => assert_eq!(*joined, **whole),
            None => assert_eq!(*joined, *chunks),
        }
    }
}

fn check_reading(cookies: &RequestCookies<'_>) {
    for codec in [&*OWNER, &*VERIFIER] {
        if let Ok(session) = codec.read(cookies, now()) {
            // Of the containers that can be in an input, this is the one that we made; the others are the vectors'.
            let is_ours = cookies.session.joined().is_some_and(|value| *value == *PARTS[0]);
            assert!(!is_ours || session.user().sub() == SUBJECT);
            assert!(!session.user().sub().is_empty());
        }
        let connections = codec.read_connections(cookies, now());
        assert!(connections.len() <= cookies.connections.len());
        let _ = codec.read_store_id(cookies, now());
        // What a response removes is what the request had, and the session's own cookie.
        let seen = cookies.seen_names();
        let removed = codec.clear(&seen);
        assert!(removed.len() <= 1 + MAX_CONNECTIONS + 2 * MAX_REMOVED, "{} lines", removed.len());
        assert!(removed.iter().all(is_removal));
    }
}

fn is_removal(line: &SetCookie) -> bool {
    line.value().is_empty() && line.as_str().contains("Max-Age=0")
}

fn with_parts(header: &[u8]) -> Vec<u8> {
    let parts = header.iter().map(|byte| match byte {
        1..=3 => PARTS[usize::from(byte - 1)].as_slice(),
        byte => std::slice::from_ref(byte),
    });
    parts.flatten().copied().collect()
}
