//! Session cookies to order.

use serde::Serialize;

use crate::auth::Auth;
use crate::crypto::random_secret;
use crate::json::{self, ObjectWriter};
use crate::session::{DocumentError, SessionDocument, WriteError};
use crate::time::Timestamp;

/// A secret for one test: another one each time, so that none is ever a secret of a service.
///
/// # Panics
///
/// The operating system gives no random bytes.
pub fn secret() -> String {
    random_secret()
}

/// The `Cookie` header of a browser that holds `session`, sealed with the current secret of `auth`.
///
/// `session` is the session's JSON. What is not there is added: an empty `tokenSet`, an `internal` with a session
/// id and the present as `createdAt`, and an `exp` in one hour.
///
/// With an unsafe method, send `Sec-Fetch-Site: same-origin` beside it, as the browser would.
///
/// # Errors
///
/// `session` cannot be written as JSON, or is no session even so: `user` with a `sub` is the least.
pub fn cookie_header(auth: &Auth, session: &impl Serialize) -> Result<String, MintError> {
    let text = serde_json::to_string(session).map_err(MintError::Json)?;
    let now = auth.now();
    let document = SessionDocument::parse(complete(&text, now)?)?;
    let exp = document.expires_at().unwrap_or(now.saturating_add(ONE_HOUR));
    let cookies = auth.codec().seal_until(&document, exp)?;
    let pairs: Vec<String> = cookies.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    Ok(pairs.join("; "))
}

fn complete(text: &str, now: Timestamp) -> Result<String, MintError> {
    let mut complete = String::new();
    let mut object = ObjectWriter::begin(&mut complete);
    json::for_each_member(text, |key, value| {
        object.copy(key, value.get());
        Ok(())
    })
    .map_err(MintError::Json)?;
    if json::member(text, "tokenSet").is_none() {
        object.member("tokenSet", Some("{}"));
    }
    if json::member(text, "internal").is_none() {
        let internal = format!(r#"{{"sid":"test-session","createdAt":{}}}"#, now.as_unix());
        object.member("internal", Some(&internal));
    }
    object.end();
    Ok(complete)
}

/// Why there is no such cookie.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MintError {
    /// The value is not a JSON object.
    #[error("the session is no JSON object")]
    Json(#[source] serde_json::Error),
    /// It is no session.
    #[error(transparent)]
    NoSession(#[from] DocumentError),
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// As long as the npm package's own helper for tests makes its sessions last.
const ONE_HOUR: u64 = 3_600;
