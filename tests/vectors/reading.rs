//! A cookie of the package, read here.

use auth_runtime::codec::{CookieName, Reason, RequestCookies, SessionCodec, Timestamp, object_members};
use auth_tests::{canonical, ring};

use crate::file::{Clock, Kind, ReadVector, session_text};

pub(crate) fn check(vector: &ReadVector) -> Result<(), String> {
    let expected = expected(vector);
    let codec = codec(vector).domain(vector.domain.clone()).build();
    let far = (vector.clock == Clock::Any).then_some(FAR);
    for now in [vector.now].into_iter().chain(far) {
        compare(&read(vector, &codec, now), expected.as_deref())
            .map_err(|failure| format!("at {now}: {failure}"))?;
    }
    // What the package's store reads before it asks for which domain the session was made.
    if vector.tags.iter().all(|tag| tag != "expiry")
        && expected.is_none()
        && vector.expected.get() != "\"none\""
    {
        let reason = read(vector, &codec, vector.now).err();
        if reason == Some(Reason::DomainMismatch) {
            let anywhere = self::codec(vector).build();
            let stored = session_text(&vector.expected);
            return compare(&read(vector, &anywhere, vector.now), stored.as_deref());
        }
    }
    Ok(())
}

/// What an application gets: the session that the store holds, unless it is over or made for another domain.
fn expected(vector: &ReadVector) -> Option<String> {
    match &vector.recommended {
        Some(recommended) if !vector.strict => session_text(recommended),
        _ if vector.expected_api.get() == "\"same\"" => session_text(&vector.expected),
        _ => session_text(&vector.expected_api),
    }
}

fn codec(vector: &ReadVector) -> auth_runtime::codec::CodecBuilder {
    let name = CookieName::new(vector.cookie_name.clone()).unwrap_or_default();
    let legacy = vector.tags.iter().any(|tag| tag == "legacy-v3");
    SessionCodec::builder(ring(&[&vector.secret])).cookie_name(name).legacy(legacy)
}

fn read(vector: &ReadVector, codec: &SessionCodec, now: i64) -> Result<String, Reason> {
    let now = Timestamp::from_unix(now);
    let cookies = RequestCookies::scan([vector.cookie_header.as_bytes()], codec.cookie_name());
    let session = match vector.kind {
        Kind::Stateless => codec.read(&cookies, now)?,
        Kind::Stateful => {
            let id = codec.read_store_id(&cookies, now)?;
            let record = vector.store.get(id.as_str()).ok_or(Reason::NotInStore)?;
            codec.read_named_record(&cookies, record.get(), now)?
        }
    };
    let connections = match vector.kind {
        Kind::Stateless => codec.read_connections(&cookies, now),
        Kind::Stateful => Vec::new(),
    };
    Ok(with_connections(session.document().as_str(), &connections))
}

/// The package gives the tokens of federated connections as a member of the session.
pub(crate) fn with_connections(session: &str, connections: &[String]) -> String {
    if connections.is_empty() {
        return session.to_owned();
    }
    let members = object_members(session).unwrap_or_default();
    let mut members: Vec<_> = members.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    members.push(format!("\"connectionTokenSets\":[{}]", connections.join(",")));
    format!("{{{}}}", members.join(","))
}

/// Checks whether both are the same session, or neither is one.
pub(crate) fn compare(found: &Result<String, Reason>, expected: Option<&str>) -> Result<(), String> {
    match (found, expected) {
        (Err(_), None) => Ok(()),
        (Ok(found), Some(expected)) if canonical(found) == canonical(expected) => Ok(()),
        (found, expected) => Err(format!("found {found:?}, expected {expected:?}")),
    }
}

/// 2098-01-01.
const FAR: i64 = 4_039_372_800;
