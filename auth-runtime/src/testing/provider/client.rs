//! Who sends a form: the one client, or somebody else (RFC 6749 section 2.3).

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;
use url::form_urlencoded;

use super::server::Shared;

pub(super) type Form = HashMap<String, String>;

/// By header or in the form, and not by both (RFC 6749 section 2.3).
pub(super) fn is_the_client(shared: &Shared, headers: &HeaderMap, form: &Form) -> bool {
    let (id, secret) = match headers.get(AUTHORIZATION) {
        Some(_) if form.contains_key("client_secret") => return false,
        Some(value) => match basic_credentials(value) {
            Some(credentials) => credentials,
            None => return false,
        },
        None => match (form.get("client_id"), form.get("client_secret")) {
            (Some(id), Some(secret)) => (id.clone(), secret.clone()),
            _ => return false,
        },
    };
    let expected = shared.client_secret.expose_secret().as_bytes();
    id == shared.client_id && bool::from(secret.as_bytes().ct_eq(expected))
}

fn basic_credentials(value: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((form_decoded(id)?, form_decoded(secret)?))
}

fn form_decoded(text: &str) -> Option<String> {
    form_urlencoded::parse(text.as_bytes()).next().map(|(decoded, _)| decoded.into_owned())
}
