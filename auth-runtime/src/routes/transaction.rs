//! The cookie that remembers, in one browser, a sign-in that is under way.

use http::HeaderMap;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use zeroize::Zeroizing;

use super::failure::Failure;
use crate::auth::Auth;
use crate::cookie::{SetCookie, find, names_of};
use crate::json::{self, ObjectWriter};
use crate::oidc::LoginTransaction;
use crate::time::Timestamp;

/// A transaction that came back, opened and checked.
pub(super) struct Remembered {
    pub(super) nonce: String,
    pub(super) code_verifier: secrecy::SecretString,
    pub(super) return_to: String,
    pub(super) max_age: Option<u64>,
}

/// The cookie for a transaction that begins now.
pub(super) fn remember(
    transaction: &LoginTransaction,
    scope: &str,
    auth: &Auth,
) -> Result<SetCookie, Failure> {
    let now = auth.now();
    let text = |text: &str| Value::from(text).to_string();
    let mut json = Zeroizing::new(String::new());
    let mut object = ObjectWriter::begin(&mut json);
    object.member("nonce", Some(&text(&transaction.nonce)));
    object.member("maxAge", transaction.max_age.map(|age| age.to_string()).as_deref());
    object.member("codeVerifier", Some(&text(transaction.code_verifier.expose_secret())));
    object.member("responseType", Some("\"code\""));
    object.member("state", Some(&text(&transaction.state)));
    object.member("returnTo", Some(&text(&transaction.return_to)));
    object.member("scope", Some(&text(scope)));
    object.member("exp", Some(&now.saturating_add(LIFETIME).as_unix().to_string()));
    object.end();
    Ok(auth.codec().seal_transaction(name(&transaction.state), json.as_bytes(), LIFETIME, now)?)
}

/// The transaction that `state` belongs to, if it was begun in this browser and not too long ago.
///
/// The payload names the state too: a transaction presented under another's name is none.
pub(super) fn recall(state: &str, headers: &HeaderMap, auth: &Auth) -> Option<Remembered> {
    if !is_state(state) {
        return None;
    }
    let value = find(headers, &name(state))?;
    // Other services on this origin put the time before the sealed part.
    let sealed = value.split_once(':').map_or(&*value, |(_, sealed)| sealed);
    let opened = auth.codec().keys().open(sealed).ok()?;
    let json = opened.plaintext.into_text().ok()?;
    let text = |name| json::member(&json, name).and_then(json::string).map(std::borrow::Cow::into_owned);
    let exp = json::member(&json, "exp").and_then(json::number).and_then(Timestamp::from_json_number)?;
    if exp <= auth.now() || text("state")? != state || text("responseType")? != "code" {
        return None;
    }
    Some(Remembered {
        nonce: text("nonce")?,
        code_verifier: text("codeVerifier")?.into(),
        return_to: text("returnTo")?,
        max_age: json::member(&json, "maxAge").and_then(json::integer).and_then(|age| age.try_into().ok()),
    })
}

/// Removes the cookie of a transaction that is over.
pub(super) fn forget(state: &str, auth: &Auth) -> SetCookie {
    auth.codec().remove_transaction(name(state))
}

/// Removes the first of the transactions that this browser holds when one more would be too many: whoever makes a
/// browser begin sign-ins must not fill its headers.
pub(super) fn forget_surplus(headers: &HeaderMap, auth: &Auth) -> Vec<SetCookie> {
    let names = names_of(headers);
    let states: Vec<&str> =
        names.iter().filter_map(|name| name.strip_prefix(PREFIX)).filter(|s| is_state(s)).collect();
    let surplus = states.len().saturating_add(1).saturating_sub(MAX_TRANSACTIONS);
    states.into_iter().take(surplus).map(|state| forget(state, auth)).collect()
}

fn name(state: &str) -> String {
    format!("{PREFIX}{state}")
}

/// Whether the text can be a state of ours: base64url, and not endless.
fn is_state(text: &str) -> bool {
    (1..=MAX_STATE_CHARS).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

const PREFIX: &str = "__txn_";

/// About 400 characters each, so that all of them take a small part of a header.
const MAX_TRANSACTIONS: usize = 6;

/// How long a user may take to sign in, in seconds.
const LIFETIME: u64 = 3_600;

/// 32 random bytes take 43 characters.
const MAX_STATE_CHARS: usize = 64;
