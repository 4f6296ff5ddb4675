//! `seal --json`: the `Set-Cookie` lines that this implementation writes.

use std::time::Duration;

use auth_runtime::codec::{
    CookieAttributes, DEFAULT_ABSOLUTE, DEFAULT_INACTIVITY, Lifetime, RequestCookies, SameSite, SeenNames,
    SessionCodec, SessionDocument, SetCookie, Timestamp,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::configuration;
use crate::json_lines::{read, string, strings};
use crate::secrets::Secrets;
use crate::text::{Text, on_one_line};

#[derive(Deserialize)]
struct Request<'a> {
    op: Option<Operation>,
    secret: Option<Text>,
    cookie_name: Option<Text>,
    now: Option<i64>,
    #[serde(borrow)]
    session: Option<&'a RawValue>,
    is_new: Option<bool>,
    #[serde(rename = "request_cookie_header")]
    cookie_header: Option<Text>,
    config: Option<Config>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Operation {
    Delete,
    #[default]
    Set,
}

#[derive(Default, Deserialize)]
struct Config {
    kind: Option<Kind>,
    rolling: Option<bool>,
    #[serde(alias = "absoluteDuration")]
    absolute_duration: Option<u64>,
    #[serde(alias = "inactivityDuration")]
    inactivity_duration: Option<u64>,
    cookie: Option<Cookie>,
    cookie_name: Option<Text>,
    secret: Option<Text>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Stateless,
    Stateful,
}

#[derive(Default, Deserialize)]
struct Cookie {
    domain: Option<Text>,
    path: Option<Text>,
    secure: Option<bool>,
    #[serde(rename = "sameSite", alias = "same_site")]
    same_site: Option<Text>,
    transient: Option<bool>,
}

/// Answers one line.
pub(crate) fn answer(line: &str) -> Result<String, String> {
    let mut request: Request<'_> = read(line)?;
    let config = request.config.take().unwrap_or_default();
    let Text(secret) = request.secret.take().or(config.secret).ok_or("no `secret` is given")?;
    let name = request.cookie_name.take().or(config.cookie_name).map(|Text(name)| name);
    let lifetime = lifetime(config.rolling, config.absolute_duration, config.inactivity_duration);
    let codec = configuration::codec(Secrets::new([secret]).key_ring()?, name.as_deref())?
        .attributes(attributes(config.cookie.unwrap_or_default())?)
        .owner(lifetime)
        .build();

    let now = request.now.map_or_else(Timestamp::now, Timestamp::from_unix);
    let header = request.cookie_header.take().map_or_else(String::new, |Text(header)| header);
    let cookies = RequestCookies::scan([header.as_bytes()], codec.cookie_name());
    let seen = cookies.seen_names();

    if request.op.unwrap_or_default() == Operation::Delete {
        return Ok(written(&codec.clear(&seen)));
    }
    let session = request.session.ok_or("no `session` is given")?.get();
    match config.kind.unwrap_or_default() {
        Kind::Stateless => {
            let lines = codec.write_json(session, &seen, now).map_err(|error| error.to_string())?;
            Ok(written(&lines))
        }
        Kind::Stateful => {
            let is_new = request.is_new.unwrap_or(false);
            write_stateful(&codec, session, is_new, &cookies, &seen, now)
        }
    }
}

/// Writes the cookie that names the record. A session that is not new keeps the id of the request's cookie. A new one
/// gets another id, because an attacker may know the old one.
fn write_stateful(
    codec: &SessionCodec,
    session: &str,
    is_new: bool,
    cookies: &RequestCookies<'_>,
    seen: &SeenNames,
    now: Timestamp,
) -> Result<String, String> {
    let document = SessionDocument::parse(session).map_err(|error| error.to_string())?;
    let id = if is_new { None } else { codec.read_store_id(cookies, now).ok() };
    let (id, lines) =
        codec.write_store_id(id, document.created_at(), seen, now).map_err(|error| error.to_string())?;
    Ok(format!("{},\"store\":{{{}:{}}}", written(&lines), string(id.as_str()), on_one_line(session)))
}

fn written(lines: &[SetCookie]) -> String {
    format!("\"set_cookie\":{}", strings(lines.iter().map(SetCookie::as_str)))
}

fn lifetime(rolling: Option<bool>, absolute: Option<u64>, inactivity: Option<u64>) -> Lifetime {
    let absolute = absolute.map_or(DEFAULT_ABSOLUTE, Duration::from_secs);
    if rolling.unwrap_or(true) {
        Lifetime::rolling(inactivity.map_or(DEFAULT_INACTIVITY, Duration::from_secs), absolute)
    } else {
        Lifetime::fixed(absolute)
    }
}

fn attributes(cookie: Cookie) -> Result<CookieAttributes, String> {
    let mut attributes = CookieAttributes::default()
        .with_secure(cookie.secure.unwrap_or(false))
        .with_transient(cookie.transient.unwrap_or(false));
    if let Some(Text(domain)) = cookie.domain {
        attributes = attributes.with_domain(domain).map_err(|error| error.to_string())?;
    }
    if let Some(Text(path)) = cookie.path {
        attributes = attributes.with_path(path).map_err(|error| error.to_string())?;
    }
    if let Some(Text(same_site)) = cookie.same_site {
        attributes = attributes.with_same_site(match same_site.to_ascii_lowercase().as_str() {
            "lax" => SameSite::Lax,
            "none" => SameSite::None,
            "strict" => SameSite::Strict,
            _ => return Err(format!("sameSite {same_site:?} is none of lax, none and strict")),
        });
    }
    Ok(attributes)
}
