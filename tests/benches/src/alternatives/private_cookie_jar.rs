//! `PrivateCookieJar` of axum-extra: the whole session in one encrypted cookie, as ours.

use std::borrow::Cow;

use auth_runtime::codec::Timestamp;
use axum::response::IntoResponse;
use axum_extra::extract::PrivateCookieJar;
use axum_extra::extract::cookie::{Cookie, Key};
use http::header::SET_COOKIE;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::direct::Direct;
use super::input;
use crate::session::{self, Sample};

/// What an application must look at, as the floor has it.
#[derive(Deserialize)]
#[expect(dead_code, reason = "they are parsed, not used")]
struct Parts<'a> {
    #[serde(borrow)]
    user: User<'a>,
    #[serde(borrow, rename = "tokenSet")]
    token_set: &'a RawValue,
    #[serde(borrow, rename = "accessTokens")]
    access_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    internal: &'a RawValue,
    exp: i64,
}

#[derive(Deserialize)]
struct User<'a> {
    #[serde(borrow)]
    sub: Cow<'a, str>,
}

/// The jar's own way: it opens every cookie of the request, for it cannot know which ones are its own.
pub(super) fn direct(sample: &Sample) -> Direct {
    let key = Key::from(session::SECRET.as_bytes());
    let value = sealed(sample, &key);
    let headers =
        |value: &str| session::headers(&input::among_the_others(sample, &format!("{NAME}={value}")));
    let now = Timestamp::now().as_unix();
    Direct {
        name: "private-cookie-jar",
        valid: headers(&value),
        tampered: headers(&input::tampered(&value)),
        authenticate: Box::new(move |headers| {
            // The extractor, too, takes a copy of the key out of the state.
            let cookie = PrivateCookieJar::from_headers(headers, key.clone()).get(NAME)?;
            let parts: Parts<'_> = serde_json::from_str(cookie.value()).ok()?;
            (parts.exp > now).then_some(parts.user.sub.len())
        }),
    }
}

/// The value that a browser has after the jar was part of an answer.
fn sealed(sample: &Sample, key: &Key) -> String {
    let jar = PrivateCookieJar::new(key.clone()).add(Cookie::new(NAME, sample.json.clone()));
    let response = jar.into_response();
    let line = response.headers()[SET_COOKIE].to_str().expect("cookies are text");
    let (_, value) = line.split_once('=').expect("a name and a value");
    value.to_owned()
}

const NAME: &str = "__session";
