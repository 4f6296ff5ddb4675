//! `explain --json`: the session that this implementation reads out of a `Cookie` header.

use std::collections::HashMap;

use auth_runtime::Session;
use auth_runtime::codec::{Reason, RequestCookies, SessionCodec, Timestamp, object_members};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::configuration;
use crate::findings;
use crate::json_lines::{read, string, strings};
use crate::secrets::Secrets;
use crate::text::{Text, decoded, on_one_line};

#[derive(Deserialize)]
struct Request<'a> {
    cookie_header: Text,
    secrets: Vec<Text>,
    mode: Option<Mode>,
    cookie_name: Option<Text>,
    legacy: Option<bool>,
    now: Option<i64>,
    domain: Option<Text>,
    #[serde(borrow)]
    store: Option<&'a RawValue>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Stateless,
    Stateful,
}

/// Answers one line.
pub(crate) fn answer(line: &str) -> Result<String, String> {
    let request: Request<'_> = read(line)?;
    let secrets = Secrets::new(request.secrets.into_iter().map(|Text(text)| text));
    let name = request.cookie_name.map(|Text(name)| name);
    let mut builder =
        configuration::codec(secrets.key_ring()?, name.as_deref())?.legacy(request.legacy.unwrap_or(false));
    if let Some(Text(domain)) = request.domain {
        builder = builder.domain(domain);
    }
    let codec = builder.build();
    let now = request.now.map_or_else(Timestamp::now, Timestamp::from_unix);
    let cookies = RequestCookies::scan([request.cookie_header.0.as_bytes()], codec.cookie_name());

    let outcome = match request.mode.unwrap_or_default() {
        Mode::Stateless => codec.read(&cookies, now).map(|session| {
            with_connections(session.document().as_str(), &codec.read_connections(&cookies, now))
        }),
        Mode::Stateful => {
            let store = Store::parse(request.store)?;
            read_stateful(&codec, &cookies, &store, now).map(|session| session.document().as_str().to_owned())
        }
    };
    let warnings = secrets.findings().chain(findings::of_cookies(&cookies, &codec, now));
    Ok(written(&outcome, &strings(warnings)))
}

fn written(outcome: &Result<String, Reason>, warnings: &str) -> String {
    match outcome {
        Ok(session) => {
            let session = on_one_line(session);
            format!(r#""outcome":"session","reason":null,"session":{session},"warnings":{warnings}"#)
        }
        Err(reason) => {
            let reason = string(reason.code());
            format!(r#""outcome":"none","reason":{reason},"session":null,"warnings":{warnings}"#)
        }
    }
}

fn read_stateful(
    codec: &SessionCodec,
    cookies: &RequestCookies<'_>,
    store: &Store<'_>,
    now: Timestamp,
) -> Result<Session, Reason> {
    let id = codec.read_store_id(cookies, now)?;
    let record = store.0.get(id.as_str()).ok_or(Reason::NotInStore)?;
    codec.read_named_record(cookies, record, now)
}

/// The raw records of a session store by their ids. A `null` stands for a record that is not there.
struct Store<'a>(HashMap<String, &'a str>);

impl<'a> Store<'a> {
    fn parse(store: Option<&'a RawValue>) -> Result<Self, String> {
        let Some(store) = store else { return Ok(Self(HashMap::new())) };
        let records = object_members(store.get()).ok_or("`store` is no object of records by their ids")?;
        let present = records.into_iter().filter(|(_, record)| *record != "null");
        Ok(Self(present.map(|(id, record)| (decoded(id).into_owned(), record)).collect()))
    }
}

/// Returns the session with the tokens of federated connections as its last member. They replace the tokens that it
/// had.
fn with_connections(session: &str, connections: &[String]) -> String {
    if connections.is_empty() {
        return session.to_owned();
    }
    let kept = object_members(session).unwrap_or_default();
    let mut members: Vec<String> = kept
        .into_iter()
        .filter(|(name, _)| decoded(name) != CONNECTIONS)
        .map(|(name, value)| format!("{name}:{value}"))
        .collect();
    members.push(format!("\"{CONNECTIONS}\":[{}]", connections.join(",")));
    format!("{{{}}}", members.join(","))
}

const CONNECTIONS: &str = "connectionTokenSets";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_come_last_and_the_rest_stays_as_it_was() {
        let session = r#"{"\ud83e":1.50,"connectionTokenSets":[],"exp":5}"#;
        let joined = with_connections(session, &[r#"{"a":1}"#.to_owned(), "{}".to_owned()]);
        assert_eq!(joined, r#"{"\ud83e":1.50,"exp":5,"connectionTokenSets":[{"a":1},{}]}"#);
        assert_eq!(with_connections(session, &[]), session);
    }
}
