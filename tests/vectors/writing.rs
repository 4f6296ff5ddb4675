//! A session written here as the package writes it.
//!
//! The package deletes five numbered cookies with every write, sent or not. Here only what the request carried is
//! deleted, so the jar afterwards is compared and not the number of lines.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use auth_runtime::codec::{
    CookieAttributes, CookieName, DEFAULT_ABSOLUTE, DEFAULT_INACTIVITY, Lifetime, RequestCookies, SameSite,
    SessionCodec, SessionDocument, SetCookie, Timestamp,
};
use auth_tests::ring;

use crate::file::{Kind, WriteConfig, WriteVector, session_text};
use crate::reading::{compare, with_connections};

pub(crate) fn check(vector: &WriteVector) -> Result<(), String> {
    let codec = codec(&vector.config)?;
    let now = Timestamp::from_unix(vector.now);
    let request = RequestCookies::scan([vector.request_cookie_header.as_bytes()], codec.cookie_name());
    let seen = request.seen_names();
    let session = vector.session.as_deref().and_then(session_text);

    let lines = match (vector.op.as_str(), vector.config.kind, &session) {
        ("delete", _, _) => codec.clear(&seen),
        ("set", Kind::Stateless, Some(session)) => {
            codec.write_json(session, &seen, now).map_err(|error| error.to_string())?
        }
        ("set", Kind::Stateful, Some(session)) => {
            let document = SessionDocument::parse(session.as_str()).map_err(|error| error.to_string())?;
            let written = codec.write_store_id(None, document.created_at(), &seen, now);
            written.map_err(|error| error.to_string())?.1
        }
        (op, _, _) => return Err(format!("an operation {op:?} that this test does not know")),
    };

    check_lines(vector, &lines)?;
    let jar = jar_after(&vector.request_cookie_header, &lines);
    let names: Vec<_> = jar.keys().cloned().collect();
    let mut expected = vector.jar_names_after.clone();
    expected.sort();
    if names != expected {
        return Err(format!("the jar holds {names:?}, expected {expected:?}"));
    }
    read_back(vector, &codec, &jar, session.as_deref(), now)
}

/// Every line stands in the vector with the same attributes in the same order; every cookie that the vector
/// sets is set; and what is deleted was sent.
fn check_lines(vector: &WriteVector, lines: &[SetCookie]) -> Result<(), String> {
    let set = |deletes: bool| -> BTreeSet<&str> {
        vector
            .cookies
            .iter()
            .filter(|cookie| cookie.deletes == deletes)
            .map(|cookie| cookie.name.as_str())
            .collect()
    };
    let ours: BTreeSet<&str> =
        lines.iter().filter(|line| !line.value().is_empty()).map(SetCookie::name).collect();
    if ours != set(false) {
        return Err(format!("sets {ours:?}, expected {:?}", set(false)));
    }
    for line in lines {
        let expected = vector.cookies.iter().find(|cookie| cookie.name == line.name());
        let expected = expected.ok_or_else(|| format!("{} is not in the vector", line.name()))?;
        let attributes: Vec<_> = line.as_str().split("; ").skip(1).collect();
        if attributes != expected.attributes {
            return Err(format!("{}: {attributes:?}, expected {:?}", line.name(), expected.attributes));
        }
        if line.value().len() != expected.value_length {
            return Err(format!(
                "{} has {} characters, expected {}",
                line.name(),
                line.value().len(),
                expected.value_length
            ));
        }
        let was_sent =
            vector.request_cookie_header.split("; ").any(|pair| pair.split('=').next() == Some(line.name()));
        if expected.deletes && !was_sent && vector.op != "delete" {
            return Err(format!("{} is deleted but was not sent", line.name()));
        }
    }
    Ok(())
}

/// What a browser keeps, by name.
fn jar_after(request: &str, lines: &[SetCookie]) -> BTreeMap<String, String> {
    let pairs = request.split("; ").filter_map(|pair| pair.split_once('='));
    let mut jar: BTreeMap<_, _> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    for line in lines {
        let is_over = line.as_str().split("; ").any(|attribute| attribute == "Max-Age=0");
        if is_over {
            jar.remove(line.name());
        } else {
            jar.insert(line.name().to_owned(), line.value().to_owned());
        }
    }
    jar
}

fn read_back(
    vector: &WriteVector,
    codec: &SessionCodec,
    jar: &BTreeMap<String, String>,
    session: Option<&str>,
    now: Timestamp,
) -> Result<(), String> {
    let header: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let header = header.join("; ");
    let cookies = RequestCookies::scan([header.as_bytes()], codec.cookie_name());
    let found = match vector.config.kind {
        Kind::Stateless => codec.read(&cookies, now).map(|session| {
            with_connections(session.document().as_str(), &codec.read_connections(&cookies, now))
        }),
        Kind::Stateful => codec
            .read_store_id(&cookies, now)
            .and_then(|_| codec.read_record(session.unwrap_or_default(), now))
            .map(|session| session.document().as_str().to_owned()),
    };
    compare(&found, session_text(&vector.read_back).as_deref())
}

fn codec(config: &WriteConfig) -> Result<SessionCodec, String> {
    let absolute = config.absolute_duration.map_or(DEFAULT_ABSOLUTE, Duration::from_secs);
    let inactivity = config.inactivity_duration.map_or(DEFAULT_INACTIVITY, Duration::from_secs);
    let lifetime = match config.rolling {
        Some(false) => Lifetime::fixed(absolute),
        _ => Lifetime::rolling(inactivity, absolute),
    };
    let cookie = &config.cookie;
    let mut attributes = CookieAttributes::default()
        .with_secure(cookie.secure.unwrap_or(false))
        .with_transient(cookie.transient.unwrap_or(false))
        .with_same_site(match cookie.same_site.as_deref() {
            Some("strict") => SameSite::Strict,
            Some("none") => SameSite::None,
            _ => SameSite::Lax,
        });
    if let Some(domain) = &cookie.domain {
        attributes = attributes.with_domain(domain.clone()).map_err(|error| error.to_string())?;
    }
    if let Some(path) = &cookie.path {
        attributes = attributes.with_path(path.clone()).map_err(|error| error.to_string())?;
    }
    let name = CookieName::new(config.cookie_name.clone()).map_err(|error| error.to_string())?;
    Ok(SessionCodec::builder(ring(&[&config.secret]))
        .cookie_name(name)
        .attributes(attributes)
        .owner(lifetime)
        .build())
}
