//! Session cookies for tests.

use serde::Serialize;

use crate::auth::Auth;
use crate::crypto::random_secret;
use crate::json::{self, ObjectWriter};
use crate::session::{DocumentError, SessionDocument, WriteError};
use crate::time::Timestamp;

/// Returns a new random secret for one test, so that no test uses a secret of a service.
///
/// ```
/// use auth_runtime::testing;
///
/// assert_ne!(testing::secret(), testing::secret());
/// ```
///
/// # Panics
///
/// The operating system gives no random bytes.
pub fn secret() -> String {
    random_secret()
}

/// Returns the `Cookie` header of a browser that holds `session`, sealed with the current secret of `auth`.
///
/// `session` is the session's JSON. Missing members are added: an empty `tokenSet`, an `internal` with a session id and
/// the present time as `createdAt`, and an `exp` in one hour.
///
/// With an unsafe method a test also sends `Sec-Fetch-Site: same-origin`, as a browser does. A
/// [`TestClient`](super::TestClient) sends both.
///
/// ```
/// use auth_runtime::{Auth, testing};
/// use serde_json::json;
///
/// let auth = Auth::builder().secret(testing::secret()).build()?;
/// let cookie = testing::cookie_header(&auth, &json!({ "user": { "sub": "auth0|ada" } }))?;
/// let request = axum::http::Request::builder().uri("/posts").header("cookie", cookie).body(())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Json`](MintError::Json) where `session` is no JSON object; [`NoSession`](MintError::NoSession) where it is no
/// session with the added members, for instance without a `user` with a `sub`; [`Write`](MintError::Write) where the
/// cookies cannot be written.
pub fn cookie_header(auth: &Auth, session: &impl Serialize) -> Result<String, MintError> {
    let cookies = session_cookies(auth, session)?;
    let pairs: Vec<String> = cookies.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    Ok(pairs.join("; "))
}

/// Makes the cookies of such a session.
pub(super) fn session_cookies(
    auth: &Auth,
    session: &impl Serialize,
) -> Result<Vec<(String, String)>, MintError> {
    let text = serde_json::to_string(session).map_err(MintError::Json)?;
    let now = auth.now();
    let document = SessionDocument::parse(complete(&text, now)?)?;
    let exp = document.expires_at().unwrap_or(now.saturating_add(ONE_HOUR));
    Ok(auth.codec().seal_until(&document, exp)?)
}

/// Returns the session's JSON with its missing members.
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

/// The reasons why a session cookie could not be made.
///
/// ```
/// use auth_runtime::testing::{self, MintError};
///
/// let auth = auth_runtime::Auth::builder().secret(testing::secret()).build()?;
/// assert!(matches!(testing::cookie_header(&auth, &"no object"), Err(MintError::Json(_))));
/// # Ok::<(), auth_runtime::ConfigError>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MintError {
    /// The value is not a JSON object.
    #[error("the session is no JSON object")]
    Json(#[source] serde_json::Error),
    /// The object is no session.
    #[error(transparent)]
    NoSession(#[from] DocumentError),
    /// The session cannot be written as cookies.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// The default lifetime of a session cookie, in seconds, as in the test helper of the npm package.
const ONE_HOUR: u64 = 3_600;
